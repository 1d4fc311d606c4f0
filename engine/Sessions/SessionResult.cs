using System.Collections.Immutable;
using VecSQL.Columnar.Batches;

namespace VecSQL.Engine.Sessions;

/// <summary>A statement's result as the doors see it: cuts rows to the limit asked for, counts them, and turns failures into the session's.</summary>
internal sealed class SessionResult(SqlSession session, StatementWork work) : IStatementResult
{
    private ColumnBatch? _rest;
    private long _rowCount;
    private bool _isDone, _isDisposed;
    private GuardedSink? _sink;
    private GuardedSource? _source;

    internal StatementWork Work => work;

    public ImmutableArray<ResultColumnInfo>? Columns => work.Columns;

    public string CommandTag => work.Tag(_rowCount);

    public bool IsEmptyQuery => work is EmptyWork;

    public ICopySink? CopyIn => work.CopyIn is { } sink ? _sink ??= new GuardedSink(session, sink) : null;

    public ICopySource? CopyOut => work.CopyOut is { } source ? _source ??= new GuardedSource(session, source) : null;

    public async ValueTask<ColumnBatch?> NextAsync(int rowsMax, CancellationToken cancellation)
    {
        if (_rest is null && !_isDone)
        {
            CancellationToken token = session.Enter(cancellation);
            try
            {
                _rest = await work.NextAsync(token);
                _isDone = _rest is null;
                if (_isDone)
                    await work.DisposeAsync();
            }
            catch (Exception error)
            {
                throw await session.FailedAsync(error);
            }
            finally
            {
                session.Leave();
            }
        }
        return TakeRest(rowsMax);
    }

    private ColumnBatch? TakeRest(int rowsMax)
    {
        ColumnBatch? batch = _rest;
        _rest = null;
        if (batch is null)
            return null;
        if (rowsMax > 0 && batch.RowCount > rowsMax)
        {
            _rest = batch.Slice(rowsMax, batch.RowCount - rowsMax);
            batch = batch.Slice(0, rowsMax);
        }
        _rowCount += batch.RowCount;
        return batch;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _isDone = true;
        _rest = null;
        await work.DisposeAsync();
    }

    private sealed class GuardedSink(SqlSession session, ICopySink sink) : ICopySink
    {
        public bool IsBinary => sink.IsBinary;

        public int ColumnCount => sink.ColumnCount;

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            CancellationToken token = session.Enter(cancellation);
            try
            {
                await sink.WriteAsync(data, token);
            }
            catch (Exception error)
            {
                throw await session.FailedAsync(error);
            }
            finally
            {
                session.Leave();
            }
        }

        public async ValueTask CompleteAsync(CancellationToken cancellation)
        {
            CancellationToken token = session.Enter(cancellation);
            try
            {
                await sink.CompleteAsync(token);
            }
            catch (Exception error)
            {
                throw await session.FailedAsync(error);
            }
            finally
            {
                session.Leave();
            }
        }

        public async ValueTask FailAsync(string message)
        {
            try
            {
                await sink.FailAsync(message);
            }
            catch (Exception error)
            {
                throw await session.FailedAsync(error);
            }
        }
    }

    private sealed class GuardedSource(SqlSession session, ICopySource source) : ICopySource
    {
        public bool IsBinary => source.IsBinary;

        public int ColumnCount => source.ColumnCount;

        public ReadOnlyMemory<int> RowEnds => source.RowEnds;

        public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation)
        {
            CancellationToken token = session.Enter(cancellation);
            try
            {
                return await source.ReadAsync(token);
            }
            catch (Exception error)
            {
                throw await session.FailedAsync(error);
            }
            finally
            {
                session.Leave();
            }
        }
    }
}
