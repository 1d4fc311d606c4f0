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
/// The rows that have none are found in one pass through the table, and then fetched by their ids, a batch at a time: so the work is that of the
/// texts, and not of the table for each batch of them. A batch's texts are read and embedded without a lock; its vectors are then stored where the
/// row is still as it was read, in a statement as short as any. So nobody waits for a model, and a text that changes meanwhile is left for the next
/// pass. Passes go on until one finds nothing.
/// Memory: the ids of a pass, some bytes each.
/// </remarks>
internal sealed class EmbeddingRound : IAsyncDisposable
{
    private const int BatchRows = 1024, FailuresMax = 100;
    private const int PassRows = 1 << 20; // the others are the next pass's

    private const int LockPatienceMs = 1000; // readers wait behind who waits for a table alone

    private readonly SqlSession _session;
    private readonly Action<EmbeddingJob> _publish;
    private readonly TimeProvider _time;
    private readonly string _table, _column, _input, _vector;
    private readonly uint _vectorType;
    private readonly HashSet<long> _failed = [], _settled = []; // rows of the latter have no vector by what computes it
    private long[] _rows = [];
    private int _next; // of those
    private int _batchRows = BatchRows;

    internal EmbeddingRound(
        Database database, CatalogSnapshot catalog, TableEntry table, ColumnEntry column, EmbeddingJob job, Action<EmbeddingJob> publish)
    {
        Job = job with { State = "running", FailedCount = 0 };
        _publish = publish;
        _time = database.Time;
        SchemaEntry schema = (SchemaEntry)(catalog.Find(table.SchemaOid) ?? throw new InvariantException("a table without its schema"));
        DatabaseEntry home = (DatabaseEntry)(catalog.Find(schema.DatabaseOid) ?? throw new InvariantException("a schema without its database"));
        RoleEntry role = (RoleEntry)(catalog.Find(RoleEntry.BootstrapOid) ?? throw new InvariantException("a node without its first role"));
        Home = home.Oid;
        IsShadow = column.ShadowOf > 0;
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

    /// <summary>The oid of the table's database.</summary>
    internal uint Home { get; }

    /// <summary>Whether it fills a shadow.</summary>
    internal bool IsShadow { get; }

    /// <summary>The next step looks for what there is.</summary>
    internal bool IsBetweenPasses => _next == _rows.Length;

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    /// <summary>Embeds one batch, or looks for the rows of the next pass.</summary>
    /// <returns>Whether there may be more to do.</returns>
    /// <exception cref="SqlException">The texts cannot be read, or no vector can be made or stored.</exception>
    internal async Task<bool> StepAsync(CancellationToken cancellation)
    {
        if (_next == _rows.Length)
        {
            await FindAsync(cancellation);
            _publish(Job);
            return _rows.Length > 0;
        }
        int count = Math.Min(_batchRows, _rows.Length - _next);
        try
        {
            await FillAsync(_rows.AsMemory(_next, count), cancellation);
            _next += count;
            _batchRows = Math.Min(_batchRows * 2, BatchRows);
        }
        catch (SqlException error) when (!cancellation.IsCancellationRequested && error.State != SqlState.UndefinedTable)
        {
            Job = Job with { State = "failing", LastError = error.Message, LastErrorTime = _time.GetUtcNow() };
            if (count == 1)
                _failed.Add(_rows[_next++]);
            Job = Job with { FailedCount = _failed.Count };
            if (_failed.Count >= FailuresMax)
                throw; // it is not the texts
            _batchRows = Math.Max(count / 32, 1); // to find the text
        }
        _publish(Job);
        return true;
    }

    /// <summary>Gives the shadow the place of its column, if all vectors are there and nobody is in the way for long.</summary>
    /// <returns>Null where somebody is; false where there is more to be done before.</returns>
    internal async Task<bool?> TryTakePlaceAsync(EmbeddingJob shadow, CancellationToken cancellation)
    {
        bool isDone = false;
        await CommandAsync("BEGIN ISOLATION LEVEL READ COMMITTED", cancellation);
        try
        {
            await CommandAsync($"SET LOCAL lock_timeout = '{LockPatienceMs}ms'", cancellation);
            await CommandAsync($"LOCK TABLE {_table} IN ACCESS EXCLUSIVE MODE", cancellation);
            await FindAsync(cancellation);
            bool isThere = Definitions.Catalog(_session.State).TryFindTable(shadow.Table, out TableEntry? table);
            if (_rows.Length > 0 || table is null || !isThere || table.Column(shadow.Column).ShadowOf == 0
                || ShadowColumns.Changed(table, table.Column(shadow.Column)) is not { } changed)
                return false;
            Definitions.Put(_session.State, changed);
            await CommandAsync("COMMIT", cancellation);
            return isDone = true;
        }
        catch (SqlException error) when (error.State == SqlState.LockNotAvailable)
        {
            return null;
        }
        finally
        {
            if (!isDone)
                await CommandAsync("ROLLBACK", CancellationToken.None);
        }
    }

    /// <summary>Finds the rows of a pass, in the order in which the table has them.</summary>
    private async Task FindAsync(CancellationToken cancellation)
    {
        List<long> rows = [];
        long count = 0;
        await ExecuteAsync($"SELECT ctid FROM {_table} WHERE {_column} IS NULL AND ({_input}) IS NOT NULL", [], [], async result =>
        {
            while (await result.NextAsync(0, cancellation) is { } batch)
            {
                var found = (FixedColumn<long>)batch.Columns[0].Expand();
                for (int i = 0; i < batch.RowCount; i++)
                {
                    if (_settled.Contains(found[i]))
                        continue;
                    count++;
                    if (rows.Count < PassRows && !_failed.Contains(found[i]))
                        rows.Add(found[i]);
                }
            }
        }, cancellation);
        (_rows, _next) = ([.. rows], 0);
        Job = Job with { PendingCount = count };
    }

    private async Task FillAsync(ReadOnlyMemory<long> rows, CancellationToken cancellation)
    {
        uint[] types = [TypeOid.Tid, TypeOid.Text, _vectorType];
        Column named = ArrayOf(TypeOid.Tid, new FixedColumn<long>(rows.ToArray()));
        ColumnBatch? batch = await QueryAsync(
            $"SELECT ctid, {_input}, {_vector} FROM {_table} WHERE ctid = ANY ($1) AND {_column} IS NULL AND ({_input}) IS NOT NULL",
            [BuiltinTypes.ArrayOf(TypeOid.Tid)], [named], cancellation);
        if (batch is null)
            return;
        Settle(batch);
        long stored = await ChangeAsync(
            $"UPDATE {_table} AS vecsql_target SET {_column} = vecsql_vector " +
            $"FROM unnest($1, $2, $3) AS vecsql_made(vecsql_row, vecsql_input, vecsql_vector) " +
            $"WHERE vecsql_target.ctid = ANY ($1) AND vecsql_target.ctid = vecsql_row AND vecsql_vector IS NOT NULL " +
            $"AND vecsql_target.{_column} IS NULL AND ({_input}) IS NOT DISTINCT FROM vecsql_input",
            [.. types.Select(BuiltinTypes.ArrayOf)], [.. batch.Columns.Take(3).Select((column, i) => ArrayOf(types[i], column))], cancellation);
        Job = Job with { DoneCount = Job.DoneCount + stored, PendingCount = Math.Max(Job.PendingCount - stored, 0) };
    }

    /// <summary>Notes rows that have a text and are given no vector.</summary>
    private void Settle(ColumnBatch batch)
    {
        var rows = (FixedColumn<long>)batch.Columns[0];
        for (int i = 0; i < batch.RowCount; i++)
        {
            if (batch.Columns[2].IsNull(i))
                _settled.Add(rows[i]);
        }
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

    private Task CommandAsync(string sql, CancellationToken cancellation) => ExecuteAsync(sql, [], [], async result =>
    {
        while (await result.NextAsync(0, cancellation) is not null)
        {
            // It gives no rows.
        }
    }, cancellation);

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
