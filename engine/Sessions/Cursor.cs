using System.Collections.Immutable;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Sessions;

/// <summary>A cursor of DECLARE: a query, how far it was read, and where in its rows the client stands.</summary>
/// <remarks>
/// Rows already read are kept for going back. A cursor that did not ask for SCROLL keeps them only while they are few; beyond that it
/// goes forward only, so that reading a large result through a cursor takes constant memory.
/// Position: 0 before the first row, n on row n, one beyond the count after the last.
/// </remarks>
internal sealed class Cursor : IFetchSource, IAsyncDisposable
{
    private const long UnaskedRowsMax = 100_000;

    private readonly QueryWork _query;
    private readonly bool? _isScrollable;
    private readonly List<(long First, ColumnBatch Batch)> _batches = []; // rows numbered from 1
    private long _readCount, _position;
    private bool _isComplete, _hasForgotten;

    internal Cursor(string name, string sql, QueryWork query, bool? isScrollable, bool isBinary)
    {
        (Name, Sql, _query, _isScrollable, IsBinary) = (name, sql, query, isScrollable, isBinary);
        Columns = query.Columns ?? [];
    }

    internal string Name { get; }

    internal string Sql { get; }

    internal bool IsBinary { get; }

    internal bool IsScrollable => _isScrollable ?? !_hasForgotten;

    internal DateTimeOffset DeclaredAt { get; init; }

    public ImmutableArray<ResultColumnInfo> Columns { get; }

    public async ValueTask<ColumnBatch> FetchAsync(FetchDirection direction, long count, bool isMove, CancellationToken cancellation)
    {
        if (count == 0 && direction != FetchDirection.Absolute)
            return Again(isMove);
        switch (direction)
        {
            case FetchDirection.Forward when count >= 0:
                return await ForwardAsync(count, cancellation);
            case FetchDirection.Forward:
                return await BackwardAsync(count == long.MinValue ? long.MaxValue : -count, cancellation);
            case FetchDirection.Backward when count >= 0:
                return await BackwardAsync(count, cancellation);
            case FetchDirection.Backward:
                return await ForwardAsync(count == long.MinValue ? long.MaxValue : -count, cancellation);
            case FetchDirection.Relative:
                return await SingleAsync(Math.Max(0, _position + count), cancellation);
            default:
                return await AbsoluteAsync(count, cancellation);
        }
    }

    /// <summary>Reads what is left, so that the cursor can outlive its transaction (WITH HOLD).</summary>
    internal async ValueTask CompleteAsync(CancellationToken cancellation)
    {
        while (!_isComplete)
            await ReadMoreAsync(cancellation);
        await _query.DisposeAsync();
    }

    public ValueTask DisposeAsync()
    {
        _batches.Clear();
        _isComplete = true;
        return _query.DisposeAsync();
    }

    /// <summary>The row that it is on, once more, which takes a step back.</summary>
    private ColumnBatch Again(bool isMove)
    {
        if (!isMove && _position >= 1 && _position <= _readCount)
            RefuseForwardOnly();
        return Rows(_position, Math.Min(_position, _readCount), isReversed: false);
    }

    private async ValueTask<ColumnBatch> ForwardAsync(long count, CancellationToken cancellation)
    {
        long last = count > long.MaxValue - _position ? long.MaxValue : _position + count;
        while (_readCount < last && !_isComplete)
            await ReadMoreAsync(cancellation);
        long first = _position + 1;
        long end = Math.Min(last, _readCount);
        _position = last > _readCount ? _readCount + 1 : last;
        ColumnBatch rows = Rows(first, end, isReversed: false);
        Forget();
        return rows;
    }

    private async ValueTask<ColumnBatch> BackwardAsync(long count, CancellationToken cancellation)
    {
        RefuseForwardOnly();
        long first = Math.Max(1, count >= _position ? 1 : _position - count);
        ColumnBatch rows = Rows(first, _position - 1, isReversed: true);
        _position = count >= _position ? 0 : _position - count;
        return rows;
    }

    private async ValueTask<ColumnBatch> AbsoluteAsync(long row, CancellationToken cancellation)
    {
        if (row >= 0)
            return await SingleAsync(row, cancellation);
        while (!_isComplete)
            await ReadMoreAsync(cancellation);
        return await SingleAsync(Math.Max(0, _readCount + 1 + row), cancellation);
    }

    private async ValueTask<ColumnBatch> SingleAsync(long row, CancellationToken cancellation)
    {
        if (row < _position)
            RefuseForwardOnly();
        while (_readCount < row && !_isComplete)
            await ReadMoreAsync(cancellation);
        _position = Math.Min(row, _readCount + 1);
        return Rows(row, Math.Min(row, _readCount), isReversed: false);
    }

    private void RefuseForwardOnly()
    {
        if (!IsScrollable)
        {
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "cursor can only scan forward",
                hint: "Declare it with SCROLL option to enable backward scan.");
        }
    }

    private async ValueTask ReadMoreAsync(CancellationToken cancellation)
    {
        ColumnBatch? batch = await _query.NextAsync(cancellation);
        if (batch is null)
        {
            _isComplete = true;
            return;
        }
        _batches.Add((_readCount + 1, batch));
        _readCount += batch.RowCount;
    }

    /// <summary>Lets go of rows behind the position where the cursor may not go back, or would have to keep too many.</summary>
    private void Forget()
    {
        if (_isScrollable == true || (_isScrollable is null && !_hasForgotten && _readCount <= UnaskedRowsMax))
            return;
        int count = _batches.FindIndex(entry => entry.First + entry.Batch.RowCount > _position);
        count = count < 0 ? _batches.Count : count;
        if (count == 0)
            return;
        _batches.RemoveRange(0, count);
        _hasForgotten = true;
    }

    private ColumnBatch Rows(long first, long last, bool isReversed)
    {
        BatchBuilder rows = new([.. Columns.Select(column => Catalog.Types.BuiltinTypes.PhysicalOf(column.Type.Oid))]);
        if (first < 1 || last < first)
            return rows.Build();
        foreach ((long start, ColumnBatch batch) in isReversed ? Enumerable.Reverse(_batches) : _batches)
        {
            int from = (int)Math.Max(0, first - start), to = (int)Math.Min(batch.RowCount - 1, last - start);
            for (int i = 0; i <= to - from; i++)
                rows.AppendRow(batch, isReversed ? to - i : from + i);
        }
        return rows.Build();
    }
}
