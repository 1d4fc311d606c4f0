using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Engine.Arrow;
using VecSQL.Engine.Copy;
using VecSQL.Engine.Sessions;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Statements;

/// <summary>COPY FROM of formats that come as Arrow's batches.</summary>
/// <remarks>Memory: what the source holds, and a copy of <see cref="ColumnBatch.RowsMax"/> rows.</remarks>
internal sealed class ArrowCopyInWork(
    SessionState session, PlannedStatement plan, CopyActivity activity, ArrowCopySource source, string table, CopyColumn[] columns)
    : StatementWork, ICopySink
{
    private readonly BulkRows _rows = new(session, plan, before => $"COPY {table}, row {before + 1}", activity);
    private (int Field, ArrowIntake Intake)[]? _intakes;
    private long _rowsBefore;

    internal override ICopySink? CopyIn => this;

    public bool IsBinary => true;

    public int ColumnCount => columns.Length;

    internal override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation) => default;

    internal override string Tag(long rowCount) => $"COPY {_rows.RowsStored}";

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        activity.Add(data.Length);
        source.Add(data.Span);
        while (Guard(source.TryRead) is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            await StoreAsync(batch, cancellation);
        }
    }

    public async ValueTask CompleteAsync(CancellationToken cancellation)
    {
        Guard(() =>
        {
            source.Complete();
            if (source.Schema is null)
                source.FieldsOf(columns); // a file of no vectors says nothing of theirs
            else
                _intakes ??= Intakes();
            return true;
        });
        await _rows.CompleteAsync(cancellation);
    }

    public ValueTask FailAsync(string message) => throw new SqlException(SqlState.QueryCanceled, $"COPY from stdin failed: {message}")
    { Where = $"COPY {table}, row {_rowsBefore + 1}" };

    private async ValueTask StoreAsync(ArrowBatch batch, CancellationToken cancellation)
    {
        _intakes ??= Guard(Intakes);
        for (int start = 0, count; start < batch.RowCount; start += count)
        {
            int first = start;
            count = Guard(() => ArrowChunks.RowsNext(batch.Columns, first, batch.RowCount));
            int taken = count;
            ColumnBatch rows = Guard(() => Read(batch, first, taken));
            await _rows.StoreAsync(rows, cancellation);
        }
        _rowsBefore += batch.RowCount;
    }

    private ColumnBatch Read(ArrowBatch batch, int start, int count)
    {
        Column[] read = new Column[columns.Length];
        for (int i = 0; i < read.Length; i++)
        {
            (int field, ArrowIntake intake) = (_intakes ?? [])[i];
            read[i] = intake.Read(batch.Columns[field], start, count, _rowsBefore);
        }
        return new ColumnBatch(read, count);
    }

    private (int, ArrowIntake)[] Intakes()
    {
        int[] fields = source.FieldsOf(columns);
        ArrowSchema schema = source.Schema ?? throw new InvariantException("batches came before their schema");
        return [.. fields.Select((field, i) => (field,
            new ArrowIntake(schema.Fields[field], columns[i].Type, $"column \"{columns[i].Name}\"", session.Format)))];
    }

    private T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SqlException error)
        {
            throw error.In(error.Where is null ? $"COPY {table}, row {_rowsBefore + 1}" : $"COPY {table}");
        }
    }
}
