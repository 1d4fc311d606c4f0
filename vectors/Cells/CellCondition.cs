using System.Runtime.InteropServices;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Cells;

/// <summary>That the number a row has is among some.</summary>
/// <remarks>Threads: one search at a time.</remarks>
public sealed class CellCondition
{
    /// <summary>With more ranges, rows are found by their order and marked, or asked one by one.</summary>
    private const int ComparedMax = 8;

    /// <summary>Marking more rows costs more than asking the rows that a search comes by.</summary>
    private const int MarkedMax = 1 << 14;

    /// <summary>Of more ranges only so many are counted: the rest will have as many rows each.</summary>
    private const int CountedMax = 1024;

    private readonly CellKeys _keys;
    private readonly KeySet _set;
    private readonly bool _withNulls;
    private ulong[]? _marked; // by place

    /// <param name="withNulls">Rows without a number meet it, too.</param>
    public CellCondition(CellKeys keys, KeySet set, bool withNulls = false)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(set);
        (_keys, _set, _withNulls) = (keys, set, withNulls);
        Count = CountOf(keys, set.Ranges) + (withNulls ? keys.RowCount - keys.Count : 0);
        IsAsked = set.Ranges.Length > ComparedMax && Count > MarkedMax;
    }

    /// <summary>How many rows meet it; where it has very many ranges, about.</summary>
    public int Count { get; }

    /// <summary>Whether each row is asked by itself, and no masks are found.</summary>
    internal bool IsAsked { get; }

    internal void DropCells(Span<ulong> cells)
    {
        if (_set.Ranges.Length > ComparedMax || _withNulls)
            return;
        Span<ulong> having = cells.Length <= 256 ? stackalloc ulong[cells.Length] : new ulong[cells.Length];
        having.Clear();
        foreach (KeyRange range in _set.Ranges)
            _keys.AddCells(range, having);
        for (int i = 0; i < cells.Length; i++)
            cells[i] &= having[i];
    }

    internal void Ask(int first, int count)
    {
        if (_set.Ranges.Length <= ComparedMax)
            _keys.Ask(first, count);
    }

    internal void FindMasks(int first, Span<ulong> masks)
    {
        if (_set.Ranges.Length > ComparedMax)
        {
            ReadOnlySpan<ulong> marked = Marked();
            for (int i = 0; i < masks.Length; i++)
                masks[i] = RangeMasks.Bits(marked, first + (i * RangeMasks.Rows));
            return;
        }
        masks.Clear();
        foreach (KeyRange range in _set.Ranges)
            _keys.AddMasks(first, range, masks);
        if (_withNulls)
            _keys.AddInvalid(first, masks);
        else
            _keys.DropInvalid(first, masks);
    }

    internal bool IsMet(int place) =>
        _marked is { } marked ? (marked[place >> 6] >> (place & 63) & 1) != 0
        : _keys.IsValid(place) ? _set.Contains(_keys.KeyAt(place)) : _withNulls;

    /// <summary>Places of the rows that meet it.</summary>
    internal ReadOnlySpan<int> Places()
    {
        if (_set.Ranges.Length == 1 && !_withNulls)
            return _keys.PlacesOf(_set.Ranges[0]);
        List<int> places = new(Count);
        foreach (KeyRange range in _set.Ranges)
            places.AddRange(_keys.PlacesOf(range));
        if (_withNulls)
            _keys.AddInvalid(places);
        return CollectionsMarshal.AsSpan(places);
    }

    private static int CountOf(CellKeys keys, ReadOnlySpan<KeyRange> ranges)
    {
        long count = 0;
        int counted = Math.Min(ranges.Length, CountedMax);
        for (int i = 0; i < counted; i++)
            count += keys.CountOf(ranges[(int)((long)i * ranges.Length / counted)]);
        return counted == ranges.Length ? (int)count : (int)Math.Min(keys.Count, count * ranges.Length / counted);
    }

    private ulong[] Marked()
    {
        if (_marked is null)
        {
            ulong[] marked = new ulong[(_keys.RowCount + 63) / 64];
            foreach (int place in Places())
                marked[place >> 6] |= 1UL << (place & 63);
            _marked = marked;
        }
        return _marked;
    }
}
