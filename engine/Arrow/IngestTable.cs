using System.Text;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Ipc;
using VecSQL.Parser;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Arrow;

/// <summary>The table that an ingest makes: its statements.</summary>
internal static class IngestTable
{
    /// <summary>What names the table once it is there.</summary>
    internal static QualifiedName NameOf(ArrowIngestTarget target) => target switch
    {
        { IsTemporary: true } => new QualifiedName(["pg_temp", SqlParser.CutName(target.Table)]),
        { Schema: { } schema } => new QualifiedName([SqlParser.CutName(schema), SqlParser.CutName(target.Table)]),
        _ => new QualifiedName([SqlParser.CutName(target.Table)]),
    };

    /// <summary>The statements that come before the rows; none for a table that is there.</summary>
    internal static IEnumerable<string> Statements(ArrowIngestTarget target, ArrowSchema schema)
    {
        QualifiedName name = NameOf(target);
        string quoted = string.Join('.', name.Parts.Select(SqlPrinter.QuoteIdentifier));
        if (target.Mode == ArrowIngestMode.Append)
            yield break;
        if (target.Mode == ArrowIngestMode.Replace)
            yield return $"DROP TABLE IF EXISTS {quoted}";
        StringBuilder create = new("CREATE ");
        if (target.IsTemporary)
            create.Append("TEMPORARY ");
        create.Append("TABLE ");
        if (target.Mode == ArrowIngestMode.CreateAppend)
            create.Append("IF NOT EXISTS ");
        create.Append(target.IsTemporary ? SqlPrinter.QuoteIdentifier(target.Table) : quoted).Append(" (");
        for (int i = 0; i < schema.Fields.Count; i++)
        {
            ArrowField field = schema.Fields[i];
            create.Append(i == 0 ? "" : ", ").Append(SqlPrinter.QuoteIdentifier(field.Name)).Append(' ')
                .Append(BuiltinTypes.FormatType(ArrowTypes.ColumnTypeOf(field)));
        }
        yield return create.Append(')').ToString();
    }
}
