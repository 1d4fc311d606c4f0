using System.Buffers;
using System.Numerics;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>Finds the numbers of keys; made once all keys are known. Rows with a null among their keys have none.</summary>
/// <remarks>Threads: any.</remarks>
internal abstract class JoinIndex
{
    /// <summary>How many different keys there are; they are numbered from 0.</summary>
    internal int Count { get; private protected set; }

    internal abstract void Find(ReadOnlySpan<Column> keys, Span<int> ids);

    /// <param name="pieces">The key columns of one batch after the other.</param>
    /// <param name="ids">Is given the number of each row's key, or <see cref="KeyTable.Absent"/>.</param>
    internal static JoinIndex Create(KeyKind[] kinds, IReadOnlyList<Column[]> pieces, Span<int> ids)
    {
        if (!KeyWords.Fit(kinds))
            return new TableIndex(kinds, pieces, ids);
        ulong[] words = ArrayPool<ulong>.Shared.Rent(Math.Max(ids.Length, 1));
        ulong min = ulong.MaxValue, max = 0;
        int start = 0, nullCount = 0;
        foreach (Column[] keys in pieces)
        {
            int count = keys[0].Length;
            Span<int> rows = ids.Slice(start, count);
            KeyWords.Fill(keys, kinds, words.AsSpan(start, count));
            rows.Clear();
            KeyWords.DropNulls(keys, rows);
            for (int row = 0; row < count; row++)
            {
                if (rows[row] == KeyTable.Absent)
                {
                    nullCount++;
                    continue;
                }
                min = Math.Min(min, words[start + row]);
                max = Math.Max(max, words[start + row]);
            }
            start += count;
        }
        JoinIndex index = nullCount < ids.Length && RankedIndex.IsFit(min, max, ids.Length)
            ? new RankedIndex(kinds, min, max, words, ids)
            : new HashedIndex(kinds, words, ids);
        ArrayPool<ulong>.Shared.Return(words);
        return index;
    }

    /// <summary>Keys as words that lie close together: a bit for each word there could be, and how many are set before.</summary>
    /// <remarks>
    /// Keys are numbered in their order. So few bytes stay in the cache where a hash table would not; and words that come in order, as those
    /// of rows that were loaded by key, are looked up in order, too.
    /// </remarks>
    private sealed class RankedIndex : JoinIndex
    {
        private const int BytesAKeyMax = 48; // about what hashing takes

        private readonly KeyKind[] _kinds;
        private readonly ulong _min, _span;
        private readonly Block[] _blocks;

        private struct Block
        {
            internal ulong Bits;
            internal int Before; // keys in all blocks before
        }

        internal static bool IsFit(ulong min, ulong max, int keyCount) =>
            (max - min) / 64 * 16 <= 4096 + ((ulong)keyCount * BytesAKeyMax);

        internal RankedIndex(KeyKind[] kinds, ulong min, ulong max, ReadOnlySpan<ulong> words, Span<int> ids)
        {
            (_kinds, _min, _span) = (kinds, min, max - min);
            Block[] blocks = _blocks = new Block[(int)(_span / 64) + 1];
            for (int row = 0; row < ids.Length; row++)
            {
                ulong place = words[row] - min;
                if (ids[row] != KeyTable.Absent)
                    blocks[place >> 6].Bits |= 1UL << (int)(place & 63);
            }
            int count = 0;
            for (int i = 0; i < blocks.Length; i++)
            {
                blocks[i].Before = count;
                count += BitOperations.PopCount(blocks[i].Bits);
            }
            Count = count;
            for (int row = 0; row < ids.Length; row++)
            {
                if (ids[row] != KeyTable.Absent)
                    ids[row] = Rank(blocks, words[row] - min);
            }
        }

        internal override void Find(ReadOnlySpan<Column> keys, Span<int> ids)
        {
            ulong[] rented = ArrayPool<ulong>.Shared.Rent(Math.Max(ids.Length, 1));
            Span<ulong> words = rented.AsSpan(0, ids.Length);
            KeyWords.Fill(keys, _kinds, words);
            Block[] blocks = _blocks;
            for (int row = 0; row < words.Length; row++)
            {
                ulong place = words[row] - _min;
                ids[row] = place <= _span && (blocks[place >> 6].Bits >> (int)(place & 63) & 1) != 0
                    ? Rank(blocks, place)
                    : KeyTable.Absent;
            }
            ArrayPool<ulong>.Shared.Return(rented);
            KeyWords.DropNulls(keys, ids);
        }

        private static int Rank(Block[] blocks, ulong place)
        {
            ref readonly Block block = ref blocks[place >> 6];
            return block.Before + BitOperations.PopCount(block.Bits & ((1UL << (int)(place & 63)) - 1));
        }
    }

    /// <summary>Keys as words anywhere.</summary>
    /// <remarks>Layout: open addressing with linear probing, at most half full.</remarks>
    private sealed class HashedIndex : JoinIndex
    {
        private readonly KeyKind[] _kinds;
        private readonly Slot[] _slots;

        private struct Slot
        {
            internal ulong Key;
            internal int Next; // the key's number + 1; 0 in an empty slot
        }

        internal HashedIndex(KeyKind[] kinds, ReadOnlySpan<ulong> words, Span<int> ids)
        {
            _kinds = kinds;
            Slot[] slots = _slots = new Slot[BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, ids.Length * 2L))];
            int mask = slots.Length - 1, count = 0;
            for (int row = 0; row < ids.Length; row++)
            {
                if (ids[row] == KeyTable.Absent)
                    continue;
                int at = PlaceOf(slots, mask, words[row]);
                if (slots[at].Next == 0)
                    slots[at] = new Slot { Key = words[row], Next = ++count };
                ids[row] = slots[at].Next - 1;
            }
            Count = count;
        }

        internal override void Find(ReadOnlySpan<Column> keys, Span<int> ids)
        {
            ulong[] rented = ArrayPool<ulong>.Shared.Rent(Math.Max(ids.Length, 1));
            Span<ulong> words = rented.AsSpan(0, ids.Length);
            KeyWords.Fill(keys, _kinds, words);
            Slot[] slots = _slots;
            int mask = slots.Length - 1;
            for (int row = 0; row < words.Length; row++)
                ids[row] = slots[PlaceOf(slots, mask, words[row])].Next - 1;
            ArrayPool<ulong>.Shared.Return(rented);
            KeyWords.DropNulls(keys, ids);
        }

        private static int PlaceOf(Slot[] slots, int mask, ulong key)
        {
            int at = (int)KeyHash.Of(key) & mask;
            while (slots[at].Next != 0 && slots[at].Key != key)
                at = (at + 1) & mask;
            return at;
        }
    }

    /// <summary>Keys of any columns.</summary>
    private sealed class TableIndex : JoinIndex
    {
        private readonly KeyTable _keys;

        internal TableIndex(KeyKind[] kinds, IReadOnlyList<Column[]> pieces, Span<int> ids)
        {
            _keys = KeyTable.Create(kinds, nullsMatch: false);
            int start = 0;
            foreach (Column[] keys in pieces)
            {
                int count = keys[0].Length;
                _keys.Add(keys, count, ids.Slice(start, count));
                start += count;
            }
            Count = _keys.Count;
        }

        internal override void Find(ReadOnlySpan<Column> keys, Span<int> ids) => _keys.Find(keys, ids.Length, ids);
    }
}
