using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Tables;

/// <summary>Which rows of a segment were deleted, and when.</summary>
/// <remarks>
/// Layout:  a bit for every row; the times in blocks of 4,096 positions: a block lists its first deletions, and beyond 128
///          keeps a timestamp for every row.
/// Threads: one thread marks at a time, under the table's lock; any number read. A reader may or may not see a mark
///          that is made
///          meanwhile; its timestamp is later than the reader's snapshot either way.
/// </remarks>
internal sealed class DeleteMap(int rowCount)
{
    private const int BlockBits = 12, BlockRows = 1 << BlockBits;

    private readonly Block?[] _blocks = new Block?[(rowCount + BlockRows - 1) >> BlockBits];
    private readonly long[] _newest = new long[(rowCount + BlockRows - 1) >> BlockBits]; // of each block
    private ulong[]? _bits; // made at the first mark
    private int _count;

    public int RowCount { get; } = rowCount;

    /// <summary>Rows marked, by whatever time.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Grows with every mark; tells whether the map has changed since it was written to disk.</summary>
    public int Version => Count;

    /// <summary>When the row was deleted; 0 for not.</summary>
    public long DeletedAt(int position)
    {
        if (Count == 0 || Volatile.Read(ref _blocks[position >> BlockBits]) is not { } block)
            return 0;
        return block.DeletedAt(position & (BlockRows - 1));
    }

    /// <returns>Whether the row was not marked before.</returns>
    public bool Mark(int position, long timestamp)
    {
        int offset = position & (BlockRows - 1);
        Block block = _blocks[position >> BlockBits] ?? new Block();
        if (block.DeletedAt(offset) != 0)
            return false;
        ulong[] bits = _bits ?? new ulong[_blocks.Length * (BlockRows / 64)];
        Volatile.Write(ref _blocks[position >> BlockBits], block.With(offset, timestamp));
        // Whoever sees the bit sees a time at least as new.
        ref long newest = ref _newest[position >> BlockBits];
        Volatile.Write(ref newest, Math.Max(newest, timestamp));
        Volatile.Write(ref bits[position >> 6], bits[position >> 6] | (1UL << (position & 63)));
        Volatile.Write(ref _bits, bits);
        Volatile.Write(ref _count, _count + 1);
        return true;
    }

    /// <summary>
    /// Clears the bits of rows that were deleted at or before the snapshot; bit 0 is position <paramref name="start"/>.
    /// </summary>
    public void ClearDeleted(int start, int count, long snapshot, Span<ulong> bits)
    {
        if (Count == 0 || Volatile.Read(ref _bits) is not { } deleted)
            return;
        for (int first = start & ~(BlockRows - 1); first < start + count; first += BlockRows)
        {
            if (Volatile.Read(ref _blocks[first >> BlockBits]) is { } block
                && !TryClearAll(deleted, first, start, snapshot, bits))
                block.ClearDeleted(first - start, count, snapshot, bits);
        }
    }

    /// <summary>Clears the bits of a block's deleted rows where the snapshot sees all of the deletions, as nearly every one does.</summary>
    private bool TryClearAll(ulong[] deleted, int first, int start, long snapshot, Span<ulong> bits)
    {
        ref long newest = ref _newest[first >> BlockBits];
        if (first < start || ((first - start) & 63) != 0 || Volatile.Read(ref newest) > snapshot)
            return false;
        Span<ulong> target = bits[((first - start) >> 6)..];
        target = target[..Math.Min(target.Length, BlockRows / 64)];
        Span<ulong> seen = stackalloc ulong[BlockRows / 64];
        deleted.AsSpan(first >> 6, target.Length).CopyTo(seen);
        Volatile.ReadBarrier();
        if (Volatile.Read(ref newest) > snapshot)
            return false; // marked meanwhile
        for (int i = 0; i < target.Length; i++)
            target[i] &= ~seen[i];
        return true;
    }

    /// <summary>Whether rows near these were ever deleted: false means that none of these was.</summary>
    public bool HasMarks(int start, int count)
    {
        if (Count == 0)
            return false;
        for (int block = start >> BlockBits; block << BlockBits < start + count; block++)
        {
            if (Volatile.Read(ref _blocks[block]) is not null)
                return true;
        }
        return false;
    }

    /// <summary>All marks, by position.</summary>
    public IEnumerable<(int Position, long Timestamp)> Marks()
    {
        for (int i = 0; i < _blocks.Length; i++)
        {
            if (Volatile.Read(ref _blocks[i]) is not { } block)
                continue;
            foreach ((int offset, long timestamp) in block.Marks())
                yield return ((i << BlockBits) + offset, timestamp);
        }
    }

    private sealed class Block
    {
        private const int ListedMax = 128;

        private ushort[]? _offsets = new ushort[4];
        private long[] _timestamps = new long[4];
        private int _used;

        internal long DeletedAt(int offset)
        {
            if (_offsets is null)
                return Volatile.Read(ref _timestamps[offset]);
            int index = _offsets.AsSpan(0, Volatile.Read(ref _used)).IndexOf((ushort)offset);
            return index < 0 ? 0 : _timestamps[index];
        }

        /// <summary>This block with the mark, or another that replaces it.</summary>
        internal Block With(int offset, long timestamp)
        {
            if (_offsets is null)
            {
                Volatile.Write(ref _timestamps[offset], timestamp);
                return this;
            }
            if (_used < _offsets.Length)
            {
                _offsets[_used] = (ushort)offset;
                _timestamps[_used] = timestamp;
                Volatile.Write(ref _used, _used + 1);
                return this;
            }
            return Grown().With(offset, timestamp);
        }

        internal void ClearDeleted(int shift, int count, long snapshot, Span<ulong> bits)
        {
            if (_offsets is { } offsets)
            {
                int used = Volatile.Read(ref _used);
                for (int i = 0; i < used; i++)
                {
                    int bit = offsets[i] + shift;
                    if (bit >= 0 && bit < count && _timestamps[i] <= snapshot)
                        Bitmap.Clear(bits, bit);
                }
                return;
            }
            int from = Math.Max(0, -shift), to = Math.Min(BlockRows, count - shift);
            for (int offset = from; offset < to; offset++)
            {
                long timestamp = Volatile.Read(ref _timestamps[offset]);
                if (timestamp != 0 && timestamp <= snapshot)
                    Bitmap.Clear(bits, offset + shift);
            }
        }

        internal IEnumerable<(int Offset, long Timestamp)> Marks()
        {
            if (_offsets is null)
            {
                for (int offset = 0; offset < BlockRows; offset++)
                {
                    if (Volatile.Read(ref _timestamps[offset]) is var timestamp and not 0)
                        yield return (offset, timestamp);
                }
                yield break;
            }
            int used = Volatile.Read(ref _used);
            int[] order = new int[used];
            for (int i = 0; i < used; i++)
                order[i] = i;
            Array.Sort(_offsets[..used], order);
            foreach (int i in order)
                yield return (_offsets[i], _timestamps[i]);
        }

        private Block Grown()
        {
            Block grown = new();
            if (_used < ListedMax)
            {
                grown._offsets = new ushort[_used * 2];
                grown._timestamps = new long[_used * 2];
                Array.Copy(_offsets!, grown._offsets, _used);
                Array.Copy(_timestamps, grown._timestamps, _used);
                grown._used = _used;
                return grown;
            }
            grown._offsets = null;
            grown._timestamps = new long[BlockRows];
            for (int i = 0; i < _used; i++)
                grown._timestamps[_offsets![i]] = _timestamps[i];
            return grown;
        }
    }
}
