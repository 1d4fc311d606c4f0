using System.Runtime.InteropServices;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Cells;

/// <summary>A number for each row of an index, by which searches filter: in the order of cells, and sorted.</summary>
/// <remarks>
/// In the order of cells a search compares them where it is anyway, 64 with each block of codes; sorted they say how many rows are
/// in a range, and which.
/// Memory:  four bytes a row where all numbers fit in 32 bits, else eight, and four for their order.
/// Threads: immutable; any.
/// </remarks>
public sealed class CellKeys
{
    private readonly int[] _narrow = []; // by place, with room to read 64 from the last
    private readonly long[] _wide = [];
    private readonly ulong[] _valid; // bit i: the row at place i has a number. Empty for all
    private readonly int[] _sorted; // places, by number and then by place
    private readonly long[] _least, _most; // of each cell; least > most for none

    /// <param name="byPosition">A number for each row, by the row's position.</param>
    /// <param name="validByPosition">Bit i: the row at position i has a number. Empty for all.</param>
    public CellKeys(CellIndex index, ReadOnlySpan<long> byPosition, ReadOnlySpan<ulong> validByPosition)
    {
        ArgumentNullException.ThrowIfNull(index);
        int rows = RowCount = index.RowCount;
        long[] keys = new long[rows + (2 * RangeMasks.Rows)];
        _valid = validByPosition.IsEmpty ? [] : new ulong[(rows + 63) / 64];
        for (int place = 0; place < rows; place++)
        {
            int position = index.Position(place);
            keys[place] = byPosition[position];
            if (_valid.Length > 0)
                _valid[place >> 6] |= (validByPosition[position >> 6] >> (position & 63) & 1) << (place & 63);
        }
        (_least, _most) = CellBounds(index, keys);
        bool isNarrow = _least.Length == 0 || (_least.Min() >= int.MinValue && _most.Max() <= int.MaxValue);
        if (isNarrow)
            _narrow = Array.ConvertAll(keys, static key => (int)key);
        else
            _wide = keys;
        _sorted = Sorted(keys, rows);
    }

    /// <summary>How many rows have a number.</summary>
    public int Count => _sorted.Length;

    /// <summary>How many rows the index has.</summary>
    internal int RowCount { get; }

    public long Bytes => (4L * _narrow.Length) + (8L * _wide.Length) + (8L * _valid.Length) + (4L * _sorted.Length)
        + (16L * _least.Length);

    /// <summary>How many rows are in a range.</summary>
    internal int CountOf(KeyRange range) => PlacesOf(range).Length;

    /// <summary>Places of the rows in a range, by number.</summary>
    internal ReadOnlySpan<int> PlacesOf(KeyRange range)
    {
        int first = FirstFrom(range.Least);
        int end = range.Most == long.MaxValue ? _sorted.Length : FirstFrom(range.Most + 1);
        return _sorted.AsSpan(first, Math.Max(0, end - first));
    }

    /// <summary>Sets the bits of cells that may have rows in a range.</summary>
    internal void AddCells(KeyRange range, Span<ulong> cells) => RangeMasks.AddOverlaps(_least, _most, range.Least, range.Most, cells);

    /// <summary>Sets bit i: the row at the place <paramref name="first"/> + i is in the range. Bits beyond the last row mean nothing.</summary>
    internal void AddMasks(int first, KeyRange range, Span<ulong> masks)
    {
        if (_wide.Length > 0)
            RangeMasks.Add(_wide.AsSpan(first), range.Least, range.Most, masks);
        else if (range.Least <= int.MaxValue && range.Most >= int.MinValue)
            RangeMasks.Add(_narrow.AsSpan(first), (int)Math.Max(range.Least, int.MinValue), (int)Math.Min(range.Most, int.MaxValue), masks);
    }

    /// <summary>Clears the bits of rows without a number.</summary>
    internal void DropInvalid(int first, Span<ulong> masks)
    {
        for (int i = 0; _valid.Length > 0 && i < masks.Length; i++)
            masks[i] &= RangeMasks.Bits(_valid, first + (i * RangeMasks.Rows));
    }

    /// <summary>Asks for the numbers of rows to come.</summary>
    internal void Ask(int first, int count)
    {
        if (_wide.Length > 0)
            Prefetch.Ask(MemoryMarshal.AsBytes(_wide.AsSpan(first, count)));
        else
            Prefetch.Ask(MemoryMarshal.AsBytes(_narrow.AsSpan(first, count)));
    }

    internal bool IsIn(int place, KeyRange range) =>
        KeyAt(place) >= range.Least && KeyAt(place) <= range.Most && IsValid(place);

    private long KeyAt(int place) => _wide.Length > 0 ? _wide[place] : _narrow[place];

    private bool IsValid(int place) => _valid.Length == 0 || (_valid[place >> 6] >> (place & 63) & 1) != 0;

    private int FirstFrom(long least)
    {
        int low = 0, high = _sorted.Length;
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

    private (long[] Least, long[] Most) CellBounds(CellIndex index, long[] keys)
    {
        long[] least = new long[index.CellCount], most = new long[index.CellCount];
        for (int cell = 0; cell < least.Length; cell++)
        {
            (least[cell], most[cell]) = (long.MaxValue, long.MinValue);
            CellPlaces places = index.PlacesOf(cell);
            for (int place = places.First; place < places.First + places.Count; place++)
            {
                if (IsValid(place))
                    (least[cell], most[cell]) = (Math.Min(least[cell], keys[place]), Math.Max(most[cell], keys[place]));
                else
                    keys[place] = 0; // which fits anywhere
            }
        }
        return (least, most);
    }

    private int[] Sorted(long[] keys, int rows)
    {
        int[] places = new int[rows];
        long[] sorted = new long[rows];
        int count = 0;
        for (int place = 0; place < rows; place++)
        {
            if (IsValid(place))
                (places[count], sorted[count++]) = (place, keys[place]);
        }
        RadixSort.Sort(sorted.AsSpan(0, count), places.AsSpan(0, count));
        return places[..count];
    }
}

/// <summary>Numbers from one to another, both among them.</summary>
public readonly record struct KeyRange(long Least, long Most);
