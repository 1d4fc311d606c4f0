using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Engine.Copy;
using VecSQL.Engine.Sessions;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Statements;

/// <summary>COPY FROM STDIN: takes the client's data piece by piece and stores it batch by batch.</summary>
/// <remarks>Memory: one batch of rows. All batches belong to the one transaction that the statement is in.</remarks>
internal sealed class CopyInWork(
    SessionState session, PlannedStatement plan, CopyActivity activity, CopyReader reader, string table, int columnCount, CopyOptions options)
    : StatementWork, ICopySink
{
    private readonly BulkRows _rows = new(session, plan, before => $"COPY {table}, line {Line(before, options)}", activity);

    internal override ICopySink? CopyIn => this;

    public bool IsBinary => options.IsBinary;

    public int ColumnCount => columnCount;

    internal override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation) => default;

    internal override string Tag(long rowCount) => $"COPY {_rows.RowsStored}";

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        activity.Add(data.Length);
        while (data.Length > 0)
        {
            int taken = reader.Read(data.Span);
            data = data[taken..];
            if (data.Length > 0)
                await _rows.StoreAsync(reader.Rows.Build(), cancellation);
        }
    }

    public async ValueTask CompleteAsync(CancellationToken cancellation)
    {
        reader.Complete();
        await _rows.StoreAsync(reader.Rows.Build(), cancellation);
        await _rows.CompleteAsync(cancellation);
    }

    public ValueTask FailAsync(string message) => throw new SqlException(SqlState.QueryCanceled, $"COPY from stdin failed: {message}")
    { Where = $"COPY {table}, line {Line(_rows.RowsRead + reader.Rows.RowCount, options)}" };

    private static long Line(long rowsBefore, CopyOptions options) => rowsBefore + 1 + (options.Header == CopyHeader.None ? 0 : 1);
}
