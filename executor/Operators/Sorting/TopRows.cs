using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Scheduling;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Sorting;

/// <summary>Keeps the first rows by key of all that are offered.</summary>
/// <remarks>
/// Order:  of equal keys those are kept that a sort of all puts first; the earlier offered where there are many.
/// Memory: about twice the rows wanted; rows beyond the last one kept are dropped before they are copied.
/// </remarks>
internal sealed class TopRows(
    OperatorContext context, PhysicalType[] types, OrderedKeyEncoder encoder, int wanted) : IDisposable
{
    private readonly MemoryGrant _grant = new(context.Memory);
    private readonly int _room = Math.Max(2 * wanted, wanted + ColumnBatch.RowsMax);
    private readonly KeyBuffer _incoming = new();
    private BatchBuilder _rows = new(types);
    private KeyBuffer _keys = new();
    private byte[]? _last; // the key of the last row kept, once there are enough

    internal void Add(ColumnBatch batch, ReadOnlySpan<Column> keys)
    {
        if (wanted == 0)
            return;
        _incoming.Clear();
        encoder.Append(keys, batch.RowCount, _incoming);
        Span<int> chosen = stackalloc int[256];
        int count = 0;
        for (int row = 0; row < batch.RowCount; row++)
        {
            if (_last is not null && _incoming[row].SequenceCompareTo(_last) >= 0)
                continue;
            chosen[count++] = row;
            if (count == chosen.Length)
            {
                Keep(batch, chosen);
                count = 0;
            }
        }
        Keep(batch, chosen[..count]);
    }

    /// <summary>The rows kept, in order.</summary>
    internal ColumnBatch Finish()
    {
        int[] order = KeySort.Sort(_keys);
        return _rows.Build().Take(order.AsSpan(0, Math.Min(wanted, order.Length)));
    }

    public void Dispose() => _grant.Dispose();

    private void Keep(ColumnBatch batch, ReadOnlySpan<int> rows)
    {
        if (rows.IsEmpty)
            return;
        _rows.AppendRows(batch, rows);
        foreach (int row in rows)
            Append(_keys, _incoming[row]);
        if (_rows.RowCount >= _room)
            Shrink();
        _grant.Set(_rows.SizeBytes + _keys.SizeBytes);
    }

    private void Shrink()
    {
        int[] order = KeySort.Sort(_keys);
        ReadOnlySpan<int> kept = order.AsSpan(0, wanted);
        ColumnBatch rows = _rows.Build();
        _rows = new BatchBuilder(types);
        _rows.AppendRows(rows, kept);
        var keys = new KeyBuffer();
        foreach (int row in kept)
            Append(keys, _keys[row]);
        _keys = keys;
        _last = _keys[wanted - 1].ToArray();
    }

    private static void Append(KeyBuffer target, ReadOnlySpan<byte> key)
    {
        int at = target.Add([key.Length]);
        key.CopyTo(target.Data.AsSpan(target.StartOf(at)));
    }
}
