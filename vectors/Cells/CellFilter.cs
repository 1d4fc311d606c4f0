using System.Runtime.InteropServices;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Cells;

/// <summary>Which rows a search may find: those that meet all conditions.</summary>
/// <remarks>Threads: one search at a time, for what a test may keep; without one, any.</remarks>
public sealed class CellFilter
{
    /// <summary>So many masks are found at once.</summary>
    internal const int MasksMax = 16;

    private readonly CellCondition[] _conditions;

    /// <param name="conditions">On numbers that are kept with the index; may be none.</param>
    /// <param name="visible">Bit i: the row at position i counts. Empty for all.</param>
    /// <param name="test">What else is asked of rows; null for nothing.</param>
    public CellFilter(IReadOnlyList<CellCondition> conditions, ulong[] visible, IRowTest? test = null)
    {
        _conditions = [.. conditions];
        (Visible, Test) = (visible, test);
    }

    internal ulong[] Visible { get; }

    internal IRowTest? Test { get; }

    internal bool HasConditions => _conditions.Length > 0;

    internal bool IsVisible(int position) => Visible.Length == 0 || (Visible[position >> 6] >> (position & 63) & 1) != 0;

    /// <summary>Clears the bits of cells that have no row that meets the conditions.</summary>
    internal void DropCells(Span<ulong> cells)
    {
        foreach (CellCondition condition in _conditions)
            condition.DropCells(cells);
    }

    /// <summary>Asks for what it takes to find the masks of some places.</summary>
    internal void Ask(int first, int count)
    {
        foreach (CellCondition condition in _conditions)
            condition.Ask(first, count);
    }

    /// <summary>Bit i of all masks: the row at the place <paramref name="first"/> + i meets the conditions. Bits beyond the last row mean
    /// nothing.</summary>
    internal void FindMasks(int first, Span<ulong> masks)
    {
        _conditions[0].FindMasks(first, masks);
        if (_conditions.Length == 1)
            return;
        Span<ulong> others = stackalloc ulong[MasksMax];
        others = others[..masks.Length];
        for (int i = 1; i < _conditions.Length; i++)
        {
            _conditions[i].FindMasks(first, others);
            for (int j = 0; j < masks.Length; j++)
                masks[j] &= others[j];
        }
    }

    /// <summary>Whether the row at a place meets the conditions, but for one.</summary>
    internal bool Passes(int place, CellCondition but)
    {
        foreach (CellCondition condition in _conditions)
        {
            if (!ReferenceEquals(condition, but) && !condition.IsMet(place))
                return false;
        }
        return true;
    }
}

/// <summary>A condition on rows that only who asks can tell.</summary>
public interface IRowTest
{
    /// <summary>Clears the bits of rows that do not pass.</summary>
    /// <param name="live">Bit i: the row at positions[i]; all are set.</param>
    void Keep(ReadOnlySpan<int> positions, Span<ulong> live);
}

/// <summary>That the number a row has is in one of some ranges.</summary>
public sealed class CellCondition
{
    /// <summary>With more ranges, rows are found by their order, and marked.</summary>
    private const int ComparedMax = 8;

    private readonly CellKeys _keys;
    private readonly KeyRange[] _ranges;
    private ulong[]? _marked; // by place

    /// <param name="ranges">Ascending, and apart.</param>
    public CellCondition(CellKeys keys, IReadOnlyList<KeyRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _keys = keys;
        _ranges = [.. ranges];
        foreach (KeyRange range in _ranges)
            Count += keys.CountOf(range);
    }

    /// <summary>How many rows meet it.</summary>
    public int Count { get; }

    /// <summary>How many rows have a number.</summary>
    public int OfCount => _keys.Count;

    internal void DropCells(Span<ulong> cells)
    {
        if (_ranges.Length > ComparedMax)
            return;
        Span<ulong> having = cells.Length <= 256 ? stackalloc ulong[cells.Length] : new ulong[cells.Length];
        having.Clear();
        foreach (KeyRange range in _ranges)
            _keys.AddCells(range, having);
        for (int i = 0; i < cells.Length; i++)
            cells[i] &= having[i];
    }

    internal void Ask(int first, int count)
    {
        if (_ranges.Length <= ComparedMax)
            _keys.Ask(first, count);
    }

    internal void FindMasks(int first, Span<ulong> masks)
    {
        if (_ranges.Length > ComparedMax)
        {
            ReadOnlySpan<ulong> marked = Marked();
            for (int i = 0; i < masks.Length; i++)
                masks[i] = RangeMasks.Bits(marked, first + (i * RangeMasks.Rows));
            return;
        }
        masks.Clear();
        foreach (KeyRange range in _ranges)
            _keys.AddMasks(first, range, masks);
        _keys.DropInvalid(first, masks);
    }

    internal bool IsMet(int place)
    {
        if (_ranges.Length > ComparedMax)
            return (Marked()[place >> 6] >> (place & 63) & 1) != 0;
        foreach (KeyRange range in _ranges)
        {
            if (_keys.IsIn(place, range))
                return true;
        }
        return false;
    }

    /// <summary>Places of the rows that meet it.</summary>
    internal ReadOnlySpan<int> Places()
    {
        if (_ranges.Length == 1)
            return _keys.PlacesOf(_ranges[0]);
        List<int> places = new(Count);
        foreach (KeyRange range in _ranges)
            places.AddRange(_keys.PlacesOf(range));
        return CollectionsMarshal.AsSpan(places);
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
