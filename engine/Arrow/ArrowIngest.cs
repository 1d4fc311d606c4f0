using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Statements;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Arrow;

/// <summary>Puts Arrow's batches into a table by the plan that COPY FROM has.</summary>
/// <remarks>Memory: the batch given, and a copy of <see cref="ColumnBatch.RowsMax"/> of its rows.</remarks>
internal sealed class ArrowIngest : IArrowIngest
{
    private readonly SqlSession _session;
    private readonly ArrowIntake[] _intakes;
    private readonly BulkRows _rows;
    private long _rowsBefore;
    private bool _isOver;

    private ArrowIngest(SqlSession session, PlannedStatement plan, ArrowIntake[] intakes, string table)
    {
        _session = session;
        _intakes = intakes;
        _rows = new BulkRows(session.State, plan, before => $"ingest into {table}, row {before + 1}");
    }

    /// <summary>Plans the insert and locks the table.</summary>
    internal static async ValueTask<ArrowIngest> OpenAsync(
        SqlSession session, QualifiedName name, ArrowSchema schema, CancellationToken cancellation)
    {
        SessionState state = session.State;
        state.Transaction.Storage.BeginStatement();
        TableEntry table = state.Names.GetTable(Definitions.Catalog(state), name);
        CopyCommand.RefuseTarget(table);
        CopyStatement statement = new()
        {
            Table = name,
            IsFrom = true,
            Columns = [.. schema.Fields.Select(static field => SqlParser.CutName(field.Name))],
        };
        if (schema.Fields.Count == 0)
            throw new SqlException(SqlState.InvalidColumnReference, "rows without columns cannot be ingested");
        PlannedStatement plan = await QueryWork.PlanAndLockAsync(
            state, (_, catalog) => CopyPlan.Insert(state, catalog, ref table, statement), cancellation);
        QueryWork.RefuseReadOnly(state, plan, "COPY FROM");
        ColumnEntry[] columns = [.. CopyCommand.Columns(table, statement.Columns)];
        ArrowIntake[] intakes = new ArrowIntake[columns.Length];
        for (int i = 0; i < intakes.Length; i++)
            intakes[i] = new ArrowIntake(schema.Fields[i], columns[i].Type, $"column \"{columns[i].Name}\"", state.Format);
        return new ArrowIngest(session, plan, intakes, table.Name);
    }

    public ValueTask WriteAsync(ArrowBatch batch, CancellationToken cancellation) => GuardedAsync(async token =>
    {
        if (batch.Columns.Count != _intakes.Length)
            throw new SqlException(SqlState.ProtocolViolation, $"a batch of {batch.Columns.Count} columns where there are {_intakes.Length}");
        for (int start = 0, count; start < batch.RowCount; start += count)
        {
            token.ThrowIfCancellationRequested();
            count = ArrowChunks.RowsNext(batch.Columns, start, batch.RowCount);
            Column[] columns = new Column[_intakes.Length];
            for (int i = 0; i < columns.Length; i++)
                columns[i] = _intakes[i].Read(batch.Columns[i], start, count, _rowsBefore);
            await _rows.StoreAsync(new ColumnBatch(columns, count), token);
        }
        _rowsBefore += batch.RowCount;
    }, cancellation);

    public async ValueTask<long> CompleteAsync(CancellationToken cancellation)
    {
        await GuardedAsync(_rows.CompleteAsync, cancellation);
        _isOver = true;
        return _rows.RowsStored;
    }

    public ValueTask DisposeAsync()
    {
        if (!_isOver)
            _rows.Abandon();
        _isOver = true;
        return ValueTask.CompletedTask;
    }

    private async ValueTask GuardedAsync(Func<CancellationToken, ValueTask> work, CancellationToken cancellation)
    {
        if (_isOver)
            throw new InvariantException("an ingest that is over was given more");
        CancellationToken token = _session.Enter(cancellation);
        try
        {
            await work(token);
        }
        catch (Exception error)
        {
            _isOver = true; // the transaction takes back what was stored
            throw await _session.FailedAsync(error);
        }
        finally
        {
            _session.Leave();
        }
    }
}
