namespace VecSQL.Vectors.Cells;

/// <summary>Which rows a search may find: those that meet all conditions.</summary>
/// <remarks>Threads: one search at a time, for what a test may keep; without one, any.</remarks>
public sealed class CellFilter
{
    /// <summary>So many masks are found at once.</summary>
    internal const int MasksMax = 16;

    private readonly CellCondition[] _conditions; // whose masks are found
    private readonly CellCondition[] _asked; // of one row after the other

    /// <param name="conditions">On numbers that are kept with the index; may be none.</param>
    /// <param name="visible">Bit i: the row at position i counts. Empty for all.</param>
    /// <param name="test">What else is asked of rows; null for nothing.</param>
    public CellFilter(IReadOnlyList<CellCondition> conditions, ulong[] visible, IRowTest? test = null)
    {
        _conditions = [.. conditions.Where(static condition => !condition.IsAsked)];
        _asked = [.. conditions.Where(static condition => condition.IsAsked)];
        (Visible, Test) = (visible, test);
    }

    internal ulong[] Visible { get; }

    internal IRowTest? Test { get; }

    internal bool HasConditions => _conditions.Length > 0;

    /// <summary>Whether <see cref="Keeps"/> says more than the masks.</summary>
    internal bool AsksRows => Visible.Length > 0 || _asked.Length > 0;

    /// <summary>Whether rows are asked by their numbers, and passing ones not counted before.</summary>
    internal bool AsksConditions => _asked.Length > 0 && _conditions.Length == 0;

    /// <summary>Whether a row that is in the masks counts, before the test.</summary>
    internal bool Keeps(CellIndex index, int place)
    {
        foreach (CellCondition condition in _asked)
        {
            if (!condition.IsMet(place))
                return false;
        }
        return IsVisible(index.Position(place));
    }

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
        return AreMet(_conditions, place, but) && AreMet(_asked, place, but);
    }

    private static bool AreMet(CellCondition[] conditions, int place, CellCondition but)
    {
        foreach (CellCondition condition in conditions)
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
