using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>The left rows of a join, read before the right ones, of which only those with a left row's keys are then kept.</summary>
/// <remarks>
/// For few left rows and many right ones, that a join cannot turn round. Where the left rows turn out to be too many, reading stops, and
/// all right rows are kept.
/// </remarks>
internal sealed class JoinSift : IDisposable
{
    private readonly JoinSide _side;
    private readonly OperatorContext _context;
    private readonly RowStore _rows;
    private readonly MemoryGrant _grant;
    private KeyTable? _keys;
    private IBatchReader? _reader;
    private int[] _ids = new int[ColumnBatch.RowsMax], _found = new int[ColumnBatch.RowsMax];

    internal JoinSift(JoinSide side, KeyKind[] kinds, OperatorContext context)
    {
        (_side, _context) = (side, context);
        _rows = new RowStore(context.Memory, context.Spill, context.WorkMemoryBytes / 2);
        _grant = new MemoryGrant(context.Memory);
        _keys = KeyTable.Create(kinds, nullsMatch: false);
    }

    internal long RowCount => _rows.RowCount;

    /// <summary>Reads left rows; false where there are more than have room.</summary>
    internal async ValueTask<bool> ReadAsync(Operator left, CancellationToken cancellation)
    {
        while (_keys is { } keys && await left.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            ColumnBatch prepared = _side.Prepare(batch);
            _rows.Add(prepared);
            Room(prepared.RowCount);
            keys.Add(_side.KeysOf(prepared), prepared.RowCount, _ids.AsSpan(0, prepared.RowCount));
            if (keys.SizeBytes <= _context.WorkMemoryBytes / 4 && _grant.TrySet(keys.SizeBytes))
                continue;
            _keys = null;
            _grant.Set(0);
        }
        return _keys is not null;
    }

    /// <summary>The right rows that some left row may want.</summary>
    internal ColumnBatch Of(ColumnBatch right, ReadOnlySpan<Column> keys)
    {
        if (_keys is null)
            return right;
        Room(right.RowCount);
        Span<int> ids = _ids.AsSpan(0, right.RowCount);
        _keys.Find(keys, right.RowCount, ids);
        int count = 0;
        for (int row = 0; row < ids.Length; row++)
        {
            _found[count] = row;
            count += ids[row] == KeyTable.Absent ? 0 : 1;
        }
        return count == right.RowCount ? right : right.Take(_found.AsSpan(0, count));
    }

    /// <summary>The left rows that were read, prepared, one batch after the other; null behind the last.</summary>
    internal ColumnBatch? NextLeft()
    {
        _reader ??= _rows.Read();
        return _reader.Next();
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _rows.Dispose();
        _grant.Dispose();
    }

    private void Room(int rowCount)
    {
        if (rowCount <= _ids.Length)
            return;
        (_ids, _found) = (new int[rowCount], new int[rowCount]);
    }
}
