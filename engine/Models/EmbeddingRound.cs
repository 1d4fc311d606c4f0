using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Statements;
using VecSQL.Parser.Printing;

namespace VecSQL.Engine.Models;

/// <summary>Embeds the texts of one column that have no vectors.</summary>
/// <remarks>
/// A batch's texts are read and embedded without a lock; its vectors are then stored where the row is still as it was read, in a statement
/// as short as any. So nobody waits for a model, and a text that changes meanwhile is left for the next batch.
/// </remarks>
internal sealed class EmbeddingRound : IAsyncDisposable
{
    private const int BatchRows = 1024, FailuresMax = 100;

    private readonly SqlSession _session;
    private readonly Action<EmbeddingJob> _publish;
    private readonly TimeProvider _time;
    private readonly string _table, _column, _input, _vector;
    private readonly uint _vectorType;
    private readonly List<Column> _failedRows = [];

    internal EmbeddingRound(
        Database database, CatalogSnapshot catalog, TableEntry table, ColumnEntry column, EmbeddingJob job, Action<EmbeddingJob> publish)
    {
        Job = job with { State = "running", FailedCount = 0 };
        _publish = publish;
        _time = database.Time;
        SchemaEntry schema = (SchemaEntry)(catalog.Find(table.SchemaOid) ?? throw new InvariantException("a table without its schema"));
        DatabaseEntry home = (DatabaseEntry)(catalog.Find(schema.DatabaseOid) ?? throw new InvariantException("a schema without its database"));
        RoleEntry role = (RoleEntry)(catalog.Find(RoleEntry.BootstrapOid) ?? throw new InvariantException("a node without its first role"));
        _table = $"{SqlPrinter.QuoteIdentifier(schema.Name)}.{SqlPrinter.QuoteIdentifier(table.Name)}";
        _column = SqlPrinter.QuoteIdentifier(column.Name);
        _input = DeferredColumns.InputOf(column) ?? throw new InvariantException("a deferred column without a call of embed()");
        _vectorType = column.Type.Oid;
        _vector = $"({column.DefaultSql})::public.{BuiltinTypes.FormatType(column.Type.Oid, column.Type.Modifier)}";
        _session = (SqlSession)database.OpenSession(new SessionOptions(role.Name, home.Name,
            [KeyValuePair.Create("application_name", "embedding")]));
        _session.State.FillsDeferred = true;
    }

    internal EmbeddingJob Job { get; private set; }

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    /// <exception cref="SqlException">The texts cannot be read, or no vector can be made or stored.</exception>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        _publish(Job = Job with { PendingCount = await CountAsync(cancellation) });
        for (int rows = BatchRows; Job.PendingCount > 0;)
        {
            try
            {
                int found = await FillAsync(rows, cancellation);
                if (found == 0)
                    break;
                rows = Math.Min(rows * 2, BatchRows);
            }
            catch (SqlException error) when (!cancellation.IsCancellationRequested && error.State != SqlState.UndefinedTable)
            {
                Job = Job with { State = "failing", LastError = error.Message, LastErrorTime = _time.GetUtcNow() };
                if (rows == 1)
                    await SetAsideAsync(cancellation);
                if (Job.FailedCount >= FailuresMax)
                    throw; // it is not the texts
                rows = Math.Max(rows / 32, 1); // to find the text
            }
            _publish(Job);
        }
        _publish(Job = Job with { PendingCount = await CountAsync(cancellation) });
    }

    /// <summary>Takes some texts, and stores their vectors.</summary>
    /// <returns>How many texts there were.</returns>
    private async Task<int> FillAsync(int rows, CancellationToken cancellation)
    {
        ColumnBatch? batch = await QueryAsync(
            $"SELECT vecsql_row, {_input}, {_vector} FROM (SELECT ctid AS vecsql_row, * FROM {_table} WHERE {Pending} LIMIT {rows}) AS vecsql_texts",
            [BuiltinTypes.ArrayOf(TypeOid.Tid)], [FailedRows()], cancellation);
        if (batch is not { RowCount: > 0 })
            return 0;
        Column[] read = [.. batch.Columns.Take(3).Select(static column => column.Expand())];
        uint[] types = [TypeOid.Tid, TypeOid.Text, _vectorType];
        long stored = await ChangeAsync(
            $"UPDATE {_table} AS vecsql_target SET {_column} = vecsql_vector " +
            $"FROM unnest($1, $2, $3) AS vecsql_made(vecsql_row, vecsql_input, vecsql_vector) " +
            $"WHERE vecsql_target.ctid = vecsql_row AND vecsql_target.{_column} IS NULL AND ({_input}) IS NOT DISTINCT FROM vecsql_input",
            [.. types.Select(BuiltinTypes.ArrayOf)], [.. read.Select((column, i) => ArrayOf(types[i], column))], cancellation);
        Job = Job with { DoneCount = Job.DoneCount + stored, PendingCount = Math.Max(Job.PendingCount - stored, stored == 0 ? 1 : 0) };
        return batch.RowCount;
    }

    /// <summary>The first text is one that the model fails on.</summary>
    private async Task SetAsideAsync(CancellationToken cancellation)
    {
        ColumnBatch? batch = await QueryAsync(
            $"SELECT ctid FROM {_table} WHERE {Pending} LIMIT 1", [BuiltinTypes.ArrayOf(TypeOid.Tid)], [FailedRows()], cancellation);
        if (batch is { RowCount: > 0 })
            _failedRows.Add(batch.Columns[0].Expand());
        Job = Job with { FailedCount = _failedRows.Count };
    }

    private string Pending => $"{_column} IS NULL AND ({_input}) IS NOT NULL AND ctid <> ALL ($1)";

    private async Task<long> CountAsync(CancellationToken cancellation)
    {
        ColumnBatch? batch = await QueryAsync(
            $"SELECT count(*) FROM {_table} WHERE {_column} IS NULL AND ({_input}) IS NOT NULL", [], [], cancellation);
        return batch is null ? 0 : ((FixedColumn<long>)batch.Columns[0].Expand())[0];
    }

    private Column FailedRows()
    {
        ColumnBuilder rows = ColumnBuilder.Create(BuiltinTypes.PhysicalOf(TypeOid.Tid));
        foreach (Column row in _failedRows)
            rows.AppendFrom(row, 0);
        return ArrayOf(TypeOid.Tid, rows.Build());
    }

    private static BinaryColumn ArrayOf(uint element, Column values)
    {
        BinaryColumnBuilder array = new(1);
        ArrayBuilder.Append(array, element, values);
        return BinaryColumn.Constant(((BinaryColumn)array.Build())[0], 1);
    }

    private async Task<ColumnBatch?> QueryAsync(string sql, ImmutableArray<uint> types, Column[] parameters, CancellationToken cancellation)
    {
        ColumnBatch? first = null;
        await ExecuteAsync(sql, types, parameters, async result =>
        {
            first = await result.NextAsync(0, cancellation);
            // What a result gives is its own until it is closed.
            first = first is null ? null : new ColumnBatch([.. first.Columns.Select(static column => Copy(column))], first.RowCount);
        }, cancellation);
        return first;
    }

    private async Task<long> ChangeAsync(string sql, ImmutableArray<uint> types, Column[] parameters, CancellationToken cancellation)
    {
        string tag = "";
        await ExecuteAsync(sql, types, parameters, async result =>
        {
            while (await result.NextAsync(0, cancellation) is not null)
            {
            }
            tag = result.CommandTag;
        }, cancellation);
        return long.Parse(tag.AsSpan(tag.LastIndexOf(' ') + 1), System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task ExecuteAsync(
        string sql, ImmutableArray<uint> types, Column[] parameters, Func<IStatementResult, Task> run, CancellationToken cancellation)
    {
        bool failed = true;
        try
        {
            await _session.PrepareAsync("", sql, types, cancellation);
            await using IStatementResult result = await _session.BindAsync("", "", parameters, cancellation);
            await run(result);
            failed = false;
        }
        finally
        {
            await _session.EndScriptAsync(failed, CancellationToken.None);
        }
    }

    private static Column Copy(Column column)
    {
        ColumnBuilder copy = ColumnBuilder.Create(column.Type);
        Column rows = column.Expand();
        for (int row = 0; row < rows.Length; row++)
            copy.AppendFrom(rows, row);
        return copy.Build();
    }
}
