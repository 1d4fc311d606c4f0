using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Executor.Expressions;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>Stores a table's rows anew under a changed definition: for columns whose values must be computed.</summary>
/// <remarks>The table is locked against all others. Rows are read at the snapshot from before and written batch by batch.</remarks>
internal static class TableRewrite
{
    /// <param name="changes">New values of columns, by number, over the old table's live columns.</param>
    internal static async ValueTask RunAsync(
        SessionState session, TableEntry before, TableEntry after, IReadOnlyDictionary<short, ScalarExpression> changes,
        CancellationToken cancellation)
    {
        ITransaction storage = session.Transaction.Storage;
        Func<ColumnBatch, ColumnBatch> convert = Converter(session, before, after, changes);
        string columns = string.Join(", ", before.LiveColumns.Select(column => TableValidation.Quote(column.Name)));
        PlannedQuery query = new(
            SqlParser.Parse($"SELECT {columns} FROM {TableValidation.Name(session, before)}")[0], []);
        await using QueryWork work = await QueryWork.OpenAsync(session, query, [], cancellation);
        ColumnBatch? batch = await work.NextAsync(cancellation);
        await storage.TruncateAsync(before.Id, cancellation);
        Definitions.Put(session, after);
        if (after.Placement?.GroupOid != before.Placement?.GroupOid)
            await storage.TruncateAsync(after.Id, cancellation); // where it goes nothing is known of what it was before
        for (; batch is not null; batch = await work.NextAsync(cancellation))
            await storage.InsertAsync(after.Id, convert(batch), cancellation);
        storage.BeginStatement();
        foreach (IndexEntry index in after.Indexes)
        {
            if (index.IsDeferrable)
                await TableValidation.RequireUniqueAsync(session, after, index, cancellation);
        }
    }

    private static Func<ColumnBatch, ColumnBatch> Converter(
        SessionState session, TableEntry before, TableEntry after, IReadOnlyDictionary<short, ScalarExpression> changes)
    {
        PlannerContext context = Definitions.Context(session);
        EvaluationContext evaluation = new() { Format = session.Format, Session = session.Services };
        ColumnEntry[] old = [.. before.StoredColumns], live = [.. after.StoredColumns];
        VectorExpression[] values = [.. live.Select(column => ExpressionCompiler.Compile(
            changes.GetValueOrDefault(column.Number) ?? Value(column, old, context)))];
        ImmutableArray<(int Ordinal, VectorExpression Value)> generated =
        [
            .. from entry in live.Select((column, ordinal) => (column, ordinal))
               where entry.column is { IsGenerated: true, DefaultSql: not null } && !after.IsDeferred(entry.column)
               select (entry.ordinal, ExpressionCompiler.Compile(QueryPlanner.BindOverTable(
                   SqlParser.ParseExpression(entry.column.DefaultSql ?? ""), after, entry.column.Type, context))),
        ];
        return read =>
        {
            ColumnBatch batch = WithHidden(read, old);
            ColumnBatch made = new([.. values.Select(value => value.Evaluate(batch, evaluation).Expand())], batch.RowCount);
            Column[] columns = [.. made.Columns];
            foreach ((int ordinal, VectorExpression value) in generated)
                columns[ordinal] = value.Evaluate(made, evaluation).Expand();
            return new ColumnBatch(columns, batch.RowCount);
        };
    }

    /// <summary>The columns that the query read, and nulls for the hidden ones, which are computed anew.</summary>
    private static ColumnBatch WithHidden(ColumnBatch read, ColumnEntry[] stored)
    {
        int next = 0;
        return new ColumnBatch([.. stored.Select(column => column.IsHidden
            ? Column.Nulls(BuiltinTypes.PhysicalOf(column.Type.Oid), read.RowCount)
            : read.Columns[next++])], read.RowCount);
    }

    /// <summary>An old column's value, a new column's default, or null.</summary>
    private static ScalarExpression Value(ColumnEntry column, ColumnEntry[] old, PlannerContext context)
    {
        int ordinal = Array.FindIndex(old, entry => entry.Number == column.Number);
        if (ordinal >= 0)
            return new InputExpression(column.Type, ordinal);
        if (column.SequenceOid != 0)
            return new NextValueExpression(column.Type, column.SequenceOid);
        if (column.DefaultSql is null || column.IsGenerated)
            return ConstantExpression.Null(column.Type, BuiltinTypes.PhysicalOf(column.Type.Oid));
        return QueryPlanner.BindConstant(SqlParser.ParseExpression(column.DefaultSql), column.Type, context);
    }
}
