using System.Numerics;
using System.Runtime.InteropServices;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Cells;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>A segment with a vector index, as a search sees it.</summary>
/// <remarks>Threads: one search.</remarks>
internal sealed class IndexedSegment(NearestSearch search, IVectorIndex index)
{
    private ulong[]? _seen;

    internal IVectorIndex Any => index;

    /// <summary>The index, where it is made of cells.</summary>
    internal CellIndex Index => (CellIndex)index;

    /// <summary>Rows that are seen and pass the filter; empty for all, or before the search.</summary>
    internal ulong[] Visible { get; set; } = [];

    internal bool Passes(int position) => Visible.Length == 0 || (Visible[position >> 6] >> (position & 63) & 1) != 0;

    /// <summary>Numbers of its units, and where in the segment they begin.</summary>
    internal List<(int Unit, int Start)> Units { get; } = [];

    internal MappedRows Vectors => search.Units[Units[0].Unit].FindVectors(search.VectorColumn);

    internal int RowCount => Units[^1].Start + search.Units[Units[^1].Unit].RowCountMax;

    /// <summary>Positions of rows that the index leaves out.</summary>
    internal ReadOnlySpan<int> Missing => index.Missing(RowCount);

    /// <summary>Bits of the rows that are seen; empty for all.</summary>
    internal ulong[] Seen => _seen ??= FindSeen();

    internal RowTest Test => field ??= new RowTest(search, Parts());

    internal (int Unit, int Place) Find(int position) => UnitStarts.Find(CollectionsMarshal.AsSpan(Units), position);

    internal CellCondition Condition(KeyCondition condition) =>
        new(search.ColumnKeys.Find(Index, condition, Parts()), condition.Keys, condition.WithNulls);

    /// <summary>Bits of the rows that are seen and pass the filter, if there is one; empty for all.</summary>
    internal ulong[] FindVisible(NearestScan target, out int count)
    {
        if (search.Filter is not null)
            return FindPassing(target, out count);
        count = Seen.Length == 0 ? RowCount : Bitmap.CountSet(Seen);
        return Seen;
    }

    /// <summary>Bits of the rows that are seen and pass the filter.</summary>
    internal ulong[] FindPassing(NearestScan target, out int count)
    {
        FilterCache cache = FilterCache.Of(index);
        if (search.FilterKey is { } key && cache.Find(key, Seen) is { } known)
        {
            if (Seen.Length == 0)
            {
                count = known.PassingCount;
                return known.Passing;
            }
            ulong[] both = [.. Seen];
            for (int i = 0; i < both.Length; i++)
                both[i] &= known.Passing[i];
            count = Bitmap.CountSet(both);
            return both;
        }
        ulong[] bits = Seen.Length > 0 ? [.. Seen] : Bitmap.AllocateSet(RowCount);
        Filter(target, bits);
        count = Bitmap.CountSet(bits);
        if (search.FilterKey is { } asked)
            cache.Add(new FilterCache.Entry(asked, bits, Seen, count));
        return bits;
    }

    internal bool HasPassing => search.FilterKey is { } key && FilterCache.Of(index).Find(key, Seen) is not null;

    /// <summary>The rows of bits that are in the index.</summary>
    internal int[] Positions(ulong[] passing, int count)
    {
        ReadOnlySpan<int> missing = Missing;
        List<int> positions = new(count);
        for (int i = 0; i < passing.Length; i++)
        {
            for (ulong word = passing[i]; word != 0; word &= word - 1)
            {
                int position = (i << 6) + BitOperations.TrailingZeroCount(word);
                if (missing.IsEmpty || missing.BinarySearch(position) < 0)
                    positions.Add(position);
            }
        }
        return [.. positions];
    }

    private (ScanUnit Unit, int Start)[] Parts() => [.. Units.Select(unit => (search.Units[unit.Unit], unit.Start))];

    private ulong[] FindSeen()
    {
        ulong[]? bits = null;
        foreach ((int unit, int start) in Units)
        {
            Bitmap seen = search.Units[unit].FindVisible();
            if (seen.IsAbsent)
                continue;
            bits ??= Bitmap.AllocateSet(RowCount);
            seen.Words.CopyTo(bits.AsSpan(start >> 6));
        }
        if (bits is null)
            return [];
        int rows = RowCount;
        if ((rows & 63) != 0)
            bits[rows >> 6] &= (1UL << (rows & 63)) - 1;
        return bits;
    }

    private void Filter(NearestScan target, ulong[] bits)
    {
        Span<ulong> none = stackalloc ulong[ColumnBatch.RowsMax / 64];
        foreach ((int number, int start) in Units)
        {
            ScanUnit unit = search.Units[number];
            for (int first = 0; first < unit.RowCountMax; first += ColumnBatch.RowsMax)
            {
                int count = Math.Min(ColumnBatch.RowsMax, unit.RowCountMax - first);
                Span<ulong> live = bits.AsSpan((start + first) >> 6, Bitmap.WordCount(count)), missing = none[..live.Length];
                missing.Clear();
                target.Filter(unit, first, count, live, missing);
            }
        }
    }
}
