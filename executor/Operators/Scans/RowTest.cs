using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Cells;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>Asks a search's filter about rows of a segment, wherever they are.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class RowTest(NearestSearch search, IReadOnlyList<(ScanUnit Unit, int Start)> units) : IRowTest
{
    public void Keep(ReadOnlySpan<int> positions, Span<ulong> live)
    {
        int[] sorted = positions.ToArray(), places = new int[positions.Length];
        for (int i = 0; i < places.Length; i++)
            places[i] = i;
        Array.Sort(sorted, places);
        for (int unit = 0, first = 0; first < sorted.Length; unit++)
        {
            (ScanUnit rows, int start) = units[unit];
            int end = first;
            while (end < sorted.Length && sorted[end] < start + rows.RowCountMax)
                sorted[end++] -= start;
            if (end > first)
                Keep(rows, sorted.AsSpan(first, end - first), places.AsSpan(first, end - first), live);
            first = end;
        }
    }

    /// <summary>The share of rows that pass, about: of some that are seen.</summary>
    /// <param name="seen">Bit i: the row at position i is seen. Empty for all.</param>
    internal double Share(int rowCount, ReadOnlySpan<ulong> seen)
    {
        const int Asked = 512;
        List<int> positions = [];
        for (int i = 0; i < Asked; i++)
        {
            int position = (int)((i + 0.5) * rowCount / Asked);
            if ((positions.Count == 0 || positions[^1] != position) && (seen.IsEmpty || (seen[position >> 6] >> (position & 63) & 1) != 0))
                positions.Add(position);
        }
        if (positions.Count == 0)
            return 0;
        ulong[] live = Bitmap.Allocate(positions.Count);
        for (int i = 0; i < positions.Count; i++)
            Bitmap.Set(live, i);
        Keep(positions.ToArray(), live);
        return (double)new Bitmap(live, positions.Count).CountSet() / positions.Count;
    }

    private void Keep(ScanUnit unit, ReadOnlySpan<int> positions, ReadOnlySpan<int> places, Span<ulong> live)
    {
        VectorExpression filter = search.Filter ?? throw new InvalidOperationException("no filter");
        ColumnBatch rows = search.FilterColumns.Complete(unit.Gather(positions, search.FilterColumns.Stored.Span, withRowId: false));
        int[] passing = new int[positions.Length];
        int count = RowSelection.WriteTrue(filter.Evaluate(rows, search.Evaluation), passing);
        int next = 0;
        for (int row = 0; row < places.Length; row++)
        {
            if (next < count && passing[next] == row)
                next++;
            else
                live[places[row] >> 6] &= ~(1UL << (places[row] & 63));
        }
    }
}
