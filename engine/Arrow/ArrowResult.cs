using System.Collections.Immutable;
using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Arrow;

/// <summary>Statements' results as Arrow streams.</summary>
public static class ArrowResult
{
    /// <summary>The schema that a result with these columns has.</summary>
    public static ArrowSchema SchemaOf(IReadOnlyList<ResultColumnInfo> columns, FormatContext context) =>
        Made(columns, context).Schema;

    /// <summary>A result's rows. Of a statement without rows: no columns and no batches, and reading to the end runs it.</summary>
    /// <param name="result">Disposed with the stream.</param>
    public static IArrowStream Open(ISqlSession session, IStatementResult result, ArrowStreamOptions options)
    {
        if (result.CopyIn is not null || result.CopyOut is not null)
            throw new SqlException(SqlState.FeatureNotSupported, "COPY from STDIN or to STDOUT has no rows as Arrow");
        ImmutableArray<ResultColumnInfo> columns = result.Columns ?? [];
        (ArrowForm[] forms, ArrowSchema schema) = Made(columns, session.Format);
        return new ResultStream(result, schema, forms, options);
    }

    /// <summary>The columns' forms, and the schema that they make.</summary>
    internal static (ArrowForm[] Forms, ArrowSchema Schema) Made(IReadOnlyList<ResultColumnInfo> columns, FormatContext context)
    {
        ArrowForms forms = new(context);
        ArrowForm[] made = [.. columns.Select(column => forms.Of(column.Type))];
        return (made, new ArrowSchema([.. columns.Select((column, i) => forms.FieldOf(column, made[i]))], []));
    }
}
