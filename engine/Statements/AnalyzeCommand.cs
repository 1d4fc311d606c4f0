using System.Globalization;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Parser;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>ANALYZE: looks at a sample of each column's values and keeps what it found with the column.</summary>
/// <remarks>Columns are read one at a time, as they lie in storage, so that one sample is in memory at once.</remarks>
internal static class AnalyzeCommand
{
    /// <summary>As many rows as PostgreSQL takes at its default target of 100: enough for bins of 1 % at any table size.</summary>
    private const int SampleRows = 30_000;

    /// <param name="areNamed">Else they are all there were, of which others may have dropped some meanwhile.</param>
    internal static async ValueTask RunAsync(
        SessionState session, IEnumerable<TableEntry> tables, bool areNamed, CancellationToken cancellation)
    {
        if (session.Transaction.IsReadOnly)
            throw QueryWork.ReadOnlyTransaction("ANALYZE");
        foreach (TableEntry table in tables)
        {
            TableEntry? locked = areNamed
                ? await Definitions.LockTableAsync(session, table, TableLockMode.ShareUpdateExclusive, cancellation)
                : await Definitions.TryLockTableAsync(session, table, TableLockMode.ShareUpdateExclusive, cancellation);
            if (locked is not null)
                await AnalyzeAsync(session, locked, cancellation);
        }
    }

    private static async ValueTask AnalyzeAsync(SessionState session, TableEntry table, CancellationToken cancellation)
    {
        string name = TableValidation.Name(session, table);
        long rows = 0;
        await ReadAsync(session, $"SELECT count(*) FROM {name}", batch => rows = Count(batch, 0, 0), cancellation);
        if (rows == 0)
            return; // what was known of an earlier content is better than nothing
        string from = name;
        if (rows > SampleRows)
        {
            string percent = (100.0 * SampleRows / rows).ToString("0.######", CultureInfo.InvariantCulture);
            from += $" TABLESAMPLE BERNOULLI ({percent}) REPEATABLE ({table.Oid})"; // the same rows in each column
        }
        TableEntry analyzed = table;
        foreach (ColumnEntry column in table.LiveColumns)
        {
            ColumnSample sample = new(column.Type, IsOrdered(column.Type.Oid));
            string value = TableValidation.Quote(column.Name);
            string sql = sample.IsOrdered
                ? $"SELECT {value}, count(*) FROM {from} GROUP BY 1 ORDER BY 1"
                : $"SELECT {value}, CAST(1 AS bigint) FROM {from}";
            await ReadAsync(session, sql, batch => sample.Add(batch.Columns[0], row => Count(batch, 1, row)), cancellation);
            if (sample.RowCount > 0)
                analyzed = TableColumns.With(analyzed, column with { Statistics = sample.Describe(rows) });
        }
        Definitions.Put(session, analyzed);
    }

    private static async ValueTask ReadAsync(
        SessionState session, string sql, Action<ColumnBatch> take, CancellationToken cancellation)
    {
        await using QueryWork work = await QueryWork.OpenAsync(
            session, new PlannedQuery(SqlParser.Parse(sql)[0], []), [], cancellation);
        while (await work.NextAsync(cancellation) is { } batch)
            take(batch);
    }

    private static long Count(ColumnBatch batch, int column, int row) => batch.Columns[column] is FixedColumn<long> counts
        ? counts[row & counts.RowMask]
        : throw new InvariantException("a count that is no bigint");

    /// <summary>Whether values can be counted by value and lie between others. Vectors have an order only so that they can be sorted.</summary>
    private static bool IsOrdered(uint type) => type is TypeOid.VarChar
        || (FunctionRegistry.FindOperator("<", type, type) is not null
            && type is not (TypeOid.Vector or TypeOid.HalfVector or TypeOid.SparseVector or TypeOid.Jsonb));
}
