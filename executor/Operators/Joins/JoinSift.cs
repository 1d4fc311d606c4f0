using System.Buffers;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>The left rows of a join, read before the right ones, of which only those with a left row's keys are then kept.</summary>
/// <remarks>
/// For few left rows and many right ones, that a join cannot turn round. Where the left rows turn out to be too many, reading stops, and
/// all right rows are kept.
/// Threads: any may sift once the left rows are read.
/// </remarks>
internal sealed class JoinSift : IDisposable
{
    private readonly JoinLayout _layout;
    private readonly OperatorContext _context;
    private readonly RowStore _rows;
    private readonly MemoryGrant _grant;
    private KeyTable? _keys;
    private IBatchReader? _reader;

    internal JoinSift(JoinLayout layout, OperatorContext context)
    {
        (_layout, _context) = (layout, context);
        _rows = new RowStore(context.Memory, context.Spill, context.WorkMemoryBytes / 2);
        _grant = new MemoryGrant(context.Memory);
        _keys = KeyTable.Create(layout.Kinds, nullsMatch: false);
    }

    internal long RowCount => _rows.RowCount;

    /// <summary>Reads left rows; false where there are more than have room.</summary>
    internal async ValueTask<bool> ReadAsync(Operator left, CancellationToken cancellation)
    {
        while (_keys is { } keys && await left.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            cancellation.ThrowIfCancellationRequested();
            ColumnBatch prepared = _layout.Left.Prepare(batch, _context.Evaluation);
            _rows.Add(prepared);
            int[] ids = ArrayPool<int>.Shared.Rent(prepared.RowCount);
            keys.Add(_layout.Left.KeysOf(prepared), prepared.RowCount, ids.AsSpan(0, prepared.RowCount));
            ArrayPool<int>.Shared.Return(ids);
            if (keys.SizeBytes <= _context.WorkMemoryBytes / 4 && _grant.TrySet(keys.SizeBytes))
                continue;
            _keys = null;
            _grant.Set(0);
        }
        return _keys is not null;
    }

    /// <summary>The right rows, prepared, that some left row may want.</summary>
    internal ColumnBatch Of(ColumnBatch right)
    {
        if (_keys is null)
            return right;
        int[] ids = ArrayPool<int>.Shared.Rent(right.RowCount);
        _keys.Find(_layout.Right.KeysOf(right), right.RowCount, ids.AsSpan(0, right.RowCount));
        ColumnBatch sifted = RowSelection.Found(right, ids.AsSpan(0, right.RowCount)) ?? right.Slice(0, 0);
        ArrayPool<int>.Shared.Return(ids);
        return sifted;
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
}
