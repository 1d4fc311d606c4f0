using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Sessions;

/// <summary>A statement's result as the doors see it: cuts rows to the limit asked for, counts them, and turns failures into the session's.</summary>
/// <param name="watch">Takes the statement's time; null where nobody wants to know.</param>
internal sealed class SessionResult(SqlSession session, StatementWork work, StatementWatch? watch = null) : IStatementResult
{
    private ColumnBatch? _rest;
    private long _rowCount;
    private bool _isBegun, _isDone, _isDisposed;
    private GuardedSink? _sink;
    private GuardedSource? _source;

    internal StatementWork Work => work;

    public ImmutableArray<ResultColumnInfo>? Columns => work.Columns;

    public string CommandTag => work.Tag(_rowCount);

    public bool IsEmptyQuery => work is EmptyWork;

    public ICopySink? CopyIn => work.CopyIn is { } sink ? _sink ??= new GuardedSink(session, sink, watch) : null;

    public ICopySource? CopyOut => work.CopyOut is { } source ? _source ??= new GuardedSource(this, session, source, watch) : null;

    public async ValueTask<ColumnBatch?> NextAsync(int rowsMax, CancellationToken cancellation)
    {
        if (_rest is null && !_isDone)
        {
            CancellationToken token = session.Enter(cancellation);
            watch?.Enter();
            try
            {
                await ReadAgainAsync(token);
            }
            catch (Exception error)
            {
                watch?.Fail();
                throw await session.FailedAsync(error);
            }
            finally
            {
                watch?.Leave();
                session.Leave();
            }
            if (_isDone)
            {
                watch?.End(work.RowsCounted(_rowCount));
                if (_rowCount == 0 && work.Columns is null)
                    session.Repeat.Finish(work);
            }
        }
        return TakeRest(rowsMax);
    }

    /// <summary>A query's rows for FETCH and MOVE, which go on where Execute stopped; null for other statements.</summary>
    internal IFetchSource? AsFetchSource() => work is QueryWork { Columns: not null } ? new ForwardRows(this) : null;

    /// <summary>Reads on, from the beginning where the statement may run again and has handed out nothing.</summary>
    private async ValueTask ReadAgainAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await ReadAsync(cancellation);
                _isBegun = true;
                return;
            }
            catch (SqlException passing) when (!_isBegun && session.Repeat.MayFollow(passing))
            {
                await OpenAgainAsync(cancellation);
            }
        }
    }

    private async ValueTask OpenAgainAsync(CancellationToken cancellation)
    {
        try
        {
            await work.DisposeAsync();
        }
        catch (SqlException passing) when (passing.IsPassing)
        {
            // It cannot even be told that it is not wanted any more.
        }
        work = await session.Repeat.OpenAgainAsync(cancellation);
    }

    /// <summary>Reads on where all was handed out; false at the end.</summary>
    private async ValueTask<bool> ReadAsync(CancellationToken cancellation)
    {
        if (_rest is null && !_isDone)
        {
            _rest = await work.NextAsync(cancellation);
            _isDone = _rest is null;
            if (_isDone)
                await work.DisposeAsync();
        }
        return _rest is not null;
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
        watch?.End(work.RowsCounted(_rowCount));
        await work.DisposeAsync();
    }

    /// <summary>The rows still to come of a portal; those that Execute has handed out are gone.</summary>
    private sealed class ForwardRows(SessionResult result) : IFetchSource
    {
        public ImmutableArray<ResultColumnInfo> Columns => result.Columns ?? [];

        public async ValueTask<ColumnBatch> FetchAsync(FetchDirection direction, long count, bool isMove, CancellationToken cancellation)
        {
            if (direction != FetchDirection.Forward || count < 1)
            {
                throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "cursor can only scan forward",
                    hint: "Declare it with SCROLL option to enable backward scan.");
            }
            BatchBuilder rows = new([.. Columns.Select(column => BuiltinTypes.PhysicalOf(column.Type.Oid))]);
            while (count > 0 && await result.ReadAsync(cancellation))
            {
                ColumnBatch? batch = result.TakeRest((int)Math.Min(count, int.MaxValue));
                for (int i = 0; i < batch?.RowCount; i++)
                    rows.AppendRow(batch, i);
                count -= batch?.RowCount ?? 0;
            }
            return rows.Build();
        }
    }

    private sealed class GuardedSink(SqlSession session, ICopySink sink, StatementWatch? watch) : ICopySink
    {
        public bool IsBinary => sink.IsBinary;

        public int ColumnCount => sink.ColumnCount;

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation)
        {
            CancellationToken token = session.Enter(cancellation);
            watch?.Enter();
            try
            {
                await sink.WriteAsync(data, token);
            }
            catch (Exception error)
            {
                watch?.Fail();
                throw await session.FailedAsync(error);
            }
            finally
            {
                watch?.Leave();
                session.Leave();
            }
        }

        public async ValueTask CompleteAsync(CancellationToken cancellation)
        {
            CancellationToken token = session.Enter(cancellation);
            watch?.Enter();
            try
            {
                await sink.CompleteAsync(token);
            }
            catch (Exception error)
            {
                watch?.Fail();
                throw await session.FailedAsync(error);
            }
            finally
            {
                watch?.Leave();
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
                watch?.Fail();
                throw await session.FailedAsync(error);
            }
        }
    }

    private sealed class GuardedSource(SessionResult result, SqlSession session, ICopySource source, StatementWatch? watch) : ICopySource
    {
        private ICopySource _source = source;

        public bool IsBinary => _source.IsBinary;

        public int ColumnCount => _source.ColumnCount;

        public ReadOnlyMemory<int> RowEnds => _source.RowEnds;

        public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellation)
        {
            CancellationToken token = session.Enter(cancellation);
            watch?.Enter();
            try
            {
                return await ReadAgainAsync(token);
            }
            catch (Exception error)
            {
                watch?.Fail();
                throw await session.FailedAsync(error);
            }
            finally
            {
                watch?.Leave();
                session.Leave();
            }
        }

        private async ValueTask<ReadOnlyMemory<byte>> ReadAgainAsync(CancellationToken cancellation)
        {
            while (true)
            {
                try
                {
                    ReadOnlyMemory<byte> data = await _source.ReadAsync(cancellation);
                    result._isBegun = true;
                    return data;
                }
                catch (SqlException passing) when (!result._isBegun && session.Repeat.MayFollow(passing))
                {
                    await result.OpenAgainAsync(cancellation);
                    _source = result.Work.CopyOut ?? throw new InvariantException("a COPY is none any more");
                }
            }
        }
    }
}
