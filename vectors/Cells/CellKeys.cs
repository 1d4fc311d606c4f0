using System.Runtime.InteropServices;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Cells;

/// <summary>A number for each row of an index, by which searches filter: in the order of cells, and sorted.</summary>
/// <remarks>
/// In the order of cells a search compares them where it is anyway, 64 with each block of codes; sorted they say how many rows are
/// in a range, and which.
/// Layout:  one block of bytes, in memory or in a file, little-endian: rows, rows with a number, cells, flags (int32 each: 1 wide, 2 not
///          all rows have a number, 4 starts), the least number and how many from it to the greatest (int64 each); the least and the most
///          of each cell (int64 each; least > most for none); the numbers by place and 128 zeros behind, int32, or int64 where wide; where
///          not all rows have one, a bit for each that does, in words of 64; places by number and then by place, int32; and with starts,
///          for each number from the least on, and the end, where its places begin, int32.
/// Memory:  four bytes a row where all numbers fit in 32 bits, else eight, four for their order, and where numbers are no more than rows,
///          four for each.
/// Threads: immutable; any.
/// </remarks>
public sealed unsafe class CellKeys
{
    private const int HeadBytes = 32, Room = 2 * RangeMasks.Rows; // room to read 64 from the last

    private const int WideFlag = 1, NullsFlag = 2, StartsFlag = 4;

    private readonly HeldMemory _held;
    private readonly int _flags, _cellCount, _numberCount;
    private readonly long _leastNumber;
    private readonly long* _least, _most; // of each cell
    private readonly void* _keys; // by place
    private readonly ulong* _valid; // bit i: the row at place i has a number
    private readonly int* _sorted, _starts;

    /// <exception cref="ArgumentException">It has not the size, or names not the rows, that keys of the index must.</exception>
    private CellKeys(CellIndex index, ReadOnlyMemory<byte> content)
    {
        Content = content;
        if (content.Length < HeadBytes)
            throw new ArgumentException("keys without a head");
        ReadOnlySpan<int> head = MemoryMarshal.Cast<byte, int>(content.Span);
        (RowCount, Count, _cellCount, _flags) = (head[0], head[1], head[2], head[3]);
        ReadOnlySpan<long> numbers = MemoryMarshal.Cast<byte, long>(content.Span[16..]);
        _leastNumber = numbers[0];
        _numberCount = (_flags & StartsFlag) != 0 ? (int)Math.Clamp(numbers[1], 0, int.MaxValue - 1) : 0;
        if (RowCount != index.RowCount || _cellCount != index.CellCount || Count < 0 || Count > RowCount
            || content.Length != LengthOf(RowCount, Count, _cellCount, _flags, _numberCount))
            throw new ArgumentException($"keys of {RowCount} rows in {_cellCount} cells do not fit the index");
        _held = new HeldMemory(content.Pin());
        byte* at = (byte*)_held.Address + HeadBytes;
        _least = (long*)at;
        _most = _least + _cellCount;
        at += 16L * _cellCount;
        _keys = at;
        at += (RowCount + (long)Room) * KeyBytes(_flags);
        _valid = (ulong*)at;
        at += 8L * ValidWords(RowCount, _flags);
        _sorted = (int*)at;
        _starts = _sorted + Count;
        Check();
    }

    /// <summary>How many rows have a number.</summary>
    public int Count { get; }

    /// <summary>How many rows the index has.</summary>
    internal int RowCount { get; }

    public long Bytes => Content.Length;

    /// <summary>The keys as bytes: what a file holds.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <param name="byPosition">A number for each row, by the row's position.</param>
    /// <param name="validByPosition">Bit i: the row at position i has a number. Empty for all.</param>
    public static CellKeys Make(CellIndex index, ReadOnlySpan<long> byPosition, ReadOnlySpan<ulong> validByPosition)
    {
        ArgumentNullException.ThrowIfNull(index);
        return new CellKeys(index, CellKeysImage.Make(index, byPosition, validByPosition));
    }

    /// <summary>Keys that were made earlier.</summary>
    /// <param name="content">What <see cref="Content"/> was.</param>
    /// <exception cref="ArgumentException">It has not the size, or names not the rows, that keys of the index must.</exception>
    public static CellKeys Open(CellIndex index, ReadOnlyMemory<byte> content)
    {
        ArgumentNullException.ThrowIfNull(index);
        return new CellKeys(index, content);
    }

    /// <summary>How many rows are in a range.</summary>
    internal int CountOf(KeyRange range) => PlacesOf(range).Length;

    /// <summary>Places of the rows in a range, by number.</summary>
    internal ReadOnlySpan<int> PlacesOf(KeyRange range)
    {
        int first = FirstFrom(range.Least);
        int end = range.Most == long.MaxValue ? Count : FirstFrom(range.Most + 1);
        return new ReadOnlySpan<int>(_sorted + first, Math.Max(0, end - first));
    }

    /// <summary>Sets the bits of cells that may have rows in a range.</summary>
    internal void AddCells(KeyRange range, Span<ulong> cells) => RangeMasks.AddOverlaps(
        new ReadOnlySpan<long>(_least, _cellCount), new ReadOnlySpan<long>(_most, _cellCount), range.Least, range.Most, cells);

    /// <summary>Sets bit i: the row at the place <paramref name="first"/> + i is in the range. Bits beyond the last row mean nothing.</summary>
    internal void AddMasks(int first, KeyRange range, Span<ulong> masks)
    {
        if (IsWide)
        {
            RangeMasks.Add(new ReadOnlySpan<long>((long*)_keys + first, RowCount + Room - first), range.Least, range.Most, masks);
        }
        else if (range.Least <= int.MaxValue && range.Most >= int.MinValue)
        {
            RangeMasks.Add(new ReadOnlySpan<int>((int*)_keys + first, RowCount + Room - first),
                (int)Math.Max(range.Least, int.MinValue), (int)Math.Min(range.Most, int.MaxValue), masks);
        }
    }

    /// <summary>Clears the bits of rows without a number.</summary>
    internal void DropInvalid(int first, Span<ulong> masks)
    {
        for (int i = 0; HasNulls && i < masks.Length; i++)
            masks[i] &= RangeMasks.Bits(Valid, first + (i * RangeMasks.Rows));
    }

    /// <summary>Sets the bits of rows without a number.</summary>
    internal void AddInvalid(int first, Span<ulong> masks)
    {
        for (int i = 0; HasNulls && i < masks.Length; i++)
            masks[i] |= ~RangeMasks.Bits(Valid, first + (i * RangeMasks.Rows));
    }

    /// <summary>Adds the places of rows without a number.</summary>
    internal void AddInvalid(List<int> places)
    {
        for (int place = 0; HasNulls && place < RowCount; place++)
        {
            if (!IsValid(place))
                places.Add(place);
        }
    }

    /// <summary>Asks for the numbers of rows to come.</summary>
    internal void Ask(int first, int count)
    {
        int bytes = KeyBytes(_flags);
        Prefetch.Ask(new ReadOnlySpan<byte>((byte*)_keys + ((long)first * bytes), count * bytes));
    }

    internal long KeyAt(int place) => IsWide ? ((long*)_keys)[place] : ((int*)_keys)[place];

    internal bool IsValid(int place) => !HasNulls || (_valid[place >> 6] >> (place & 63) & 1) != 0;

    private bool IsWide => (_flags & WideFlag) != 0;

    private bool HasNulls => (_flags & NullsFlag) != 0;

    private ReadOnlySpan<ulong> Valid => new(_valid, ValidWords(RowCount, _flags));

    private int FirstFrom(long least)
    {
        if (_numberCount > 0)
        {
            return least <= _leastNumber ? 0
                : (ulong)least - (ulong)_leastNumber >= (ulong)_numberCount ? Count : _starts[least - _leastNumber];
        }
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (int)(((uint)low + (uint)high) / 2);
            if (KeyAt(_sorted[middle]) < least)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    // Of a file, whose checksums hold: that it is a row that is read, whatever is in it.
    private void Check()
    {
        for (int i = 0; i < Count; i++)
        {
            if ((uint)_sorted[i] >= (uint)RowCount)
                throw new ArgumentException($"keys name row {_sorted[i]} of {RowCount}");
        }
        for (int i = 0; i <= _numberCount && _numberCount > 0; i++)
        {
            if (_starts[i] < (i == 0 ? 0 : _starts[i - 1]) || _starts[i] > Count)
                throw new ArgumentException($"keys name row {_starts[i]} of {Count}");
        }
    }

    private static int KeyBytes(int flags) => (flags & WideFlag) != 0 ? sizeof(long) : sizeof(int);

    private static int ValidWords(int rows, int flags) => (flags & NullsFlag) != 0 ? (rows + 63) / 64 : 0;

    private static long LengthOf(int rows, int count, int cells, int flags, int numbers) => HeadBytes + (16L * cells)
        + ((rows + (long)Room) * KeyBytes(flags)) + (8L * ValidWords(rows, flags)) + (4L * count)
        + ((flags & StartsFlag) != 0 ? 4 * (numbers + 1L) : 0);

    /// <summary>Lays keys out.</summary>
    private static class CellKeysImage
    {
        internal static byte[] Make(CellIndex index, ReadOnlySpan<long> byPosition, ReadOnlySpan<ulong> validByPosition)
        {
            int rows = index.RowCount;
            long[] keys = new long[rows + Room];
            ulong[] valid = validByPosition.IsEmpty ? [] : new ulong[(rows + 63) / 64];
            for (int place = 0; place < rows; place++)
            {
                int position = index.Position(place);
                keys[place] = byPosition[position];
                if (valid.Length > 0)
                    valid[place >> 6] |= (validByPosition[position >> 6] >> (position & 63) & 1) << (place & 63);
            }
            (long[] least, long[] most) = CellBounds(index, keys, valid);
            int[] sorted = Sorted(keys, valid, rows);
            long first = sorted.Length == 0 ? 0 : keys[sorted[0]], last = sorted.Length == 0 ? 0 : keys[sorted[^1]];
            bool isWide = first < int.MinValue || last > int.MaxValue;
            ulong width = (ulong)last - (ulong)first;
            int[] starts = sorted.Length > 0 && width < (ulong)sorted.Length ? Starts(keys, sorted, first, (int)width + 1) : [];
            int flags = (isWide ? WideFlag : 0) | (valid.Length > 0 ? NullsFlag : 0) | (starts.Length > 0 ? StartsFlag : 0);
            byte[] content = new byte[LengthOf(rows, sorted.Length, index.CellCount, flags, Math.Max(0, starts.Length - 1))];
            int at = Put<int>(content, 0, [rows, sorted.Length, index.CellCount, flags]);
            at = Put<long>(content, at, [first, Math.Max(0, starts.Length - 1)]);
            at = Put<long>(content, at, least);
            at = Put<long>(content, at, most);
            at = isWide ? Put<long>(content, at, keys) : Put<int>(content, at, Array.ConvertAll(keys, static key => (int)key));
            at = Put<ulong>(content, at, valid);
            at = Put<int>(content, at, sorted);
            Put<int>(content, at, starts);
            return content;
        }

        private static int Put<T>(byte[] content, int at, ReadOnlySpan<T> items) where T : unmanaged
        {
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(items);
            bytes.CopyTo(content.AsSpan(at));
            return at + bytes.Length;
        }

        private static bool IsValid(ulong[] valid, int place) => valid.Length == 0 || (valid[place >> 6] >> (place & 63) & 1) != 0;

        private static (long[] Least, long[] Most) CellBounds(CellIndex index, long[] keys, ulong[] valid)
        {
            long[] least = new long[index.CellCount], most = new long[index.CellCount];
            for (int cell = 0; cell < least.Length; cell++)
            {
                (least[cell], most[cell]) = (long.MaxValue, long.MinValue);
                CellPlaces places = index.PlacesOf(cell);
                for (int place = places.First; place < places.First + places.Count; place++)
                {
                    if (IsValid(valid, place))
                        (least[cell], most[cell]) = (Math.Min(least[cell], keys[place]), Math.Max(most[cell], keys[place]));
                    else
                        keys[place] = 0; // which fits anywhere
                }
            }
            return (least, most);
        }

        private static int[] Sorted(long[] keys, ulong[] valid, int rows)
        {
            int[] places = new int[rows];
            long[] sorted = new long[rows];
            int count = 0;
            for (int place = 0; place < rows; place++)
            {
                if (IsValid(valid, place))
                    (places[count], sorted[count++]) = (place, keys[place]);
            }
            RadixSort.Sort(sorted.AsSpan(0, count), places.AsSpan(0, count));
            return places[..count];
        }

        private static int[] Starts(long[] keys, int[] sorted, long least, int numbers)
        {
            int[] starts = new int[numbers + 1];
            foreach (int place in sorted)
                starts[keys[place] - least + 1]++;
            for (int i = 0; i < numbers; i++)
                starts[i + 1] += starts[i];
            return starts;
        }
    }
}
