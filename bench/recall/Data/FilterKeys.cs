using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Bench.Recall.Data;

/// <summary>How a filter and the nearness of vectors go together.</summary>
internal enum FilterKind
{
    /// <summary>The rows that pass are anywhere.</summary>
    Independent,

    /// <summary>They are around the query.</summary>
    Correlated,

    /// <summary>They are where the query is not.</summary>
    AntiCorrelated,
}

/// <summary>Two integers for each row, by ranges of which queries filter: one drawn, and one that orders rows by where they are.</summary>
/// <remarks>
/// Rows are halved again and again at the median of their projections on the difference of two of them, drawn; the order in which
/// the pieces lie is the second integer. So any range of it is a region, and the range a half away is another one.
/// </remarks>
internal sealed class FilterKeys
{
    private const int LeafRows = 8;

    private readonly DataSet _data;
    private readonly int[] _drawnRows, _orderedRows, _queryPlaces;

    public FilterKeys(DataSet data, ulong seed)
    {
        _data = data;
        SplitMix random = new(seed);
        _drawnRows = [.. Enumerable.Range(0, data.Rows.Count)];
        for (int i = _drawnRows.Length - 1; i > 0; i--)
        {
            int other = random.Next(i + 1);
            (_drawnRows[i], _drawnRows[other]) = (_drawnRows[other], _drawnRows[i]);
        }
        _orderedRows = [.. Enumerable.Range(0, data.Rows.Count)];
        _queryPlaces = new int[data.Queries.Count];
        Halve(_orderedRows, 0, [.. Enumerable.Range(0, data.Queries.Count)], ref random);
        Drawn = PlacesOf(_drawnRows);
        Ordered = PlacesOf(_orderedRows);
    }

    /// <summary>Each row's drawn integer: all of 0 … rows − 1.</summary>
    public int[] Drawn { get; }

    /// <summary>Each row's place in the order.</summary>
    public int[] Ordered { get; }

    /// <summary>The integers that pass a query's filter: of as many rows as the share says.</summary>
    public (int First, int End) RangeFor(FilterKind kind, double share, int query)
    {
        int rows = Drawn.Length, width = Math.Max(1, (int)(rows * share));
        int around = kind switch
        {
            FilterKind.Independent => (int)((long)query * 7919 * width % rows),
            FilterKind.Correlated => _queryPlaces[query],
            _ => (_queryPlaces[query] + (rows / 2)) % rows,
        };
        int first = Math.Clamp(around - (width / 2), 0, rows - width);
        return (first, first + width);
    }

    /// <summary>The rows that pass.</summary>
    public ReadOnlyMemory<int> RowsOf(FilterKind kind, (int First, int End) range) =>
        (kind == FilterKind.Independent ? _drawnRows : _orderedRows).AsMemory(range.First..range.End);

    private static int[] PlacesOf(int[] rows)
    {
        int[] places = new int[rows.Length];
        for (int place = 0; place < rows.Length; place++)
            places[rows[place]] = place;
        return places;
    }

    private void Halve(Span<int> rows, int place, int[] queries, ref SplitMix random)
    {
        if (rows.Length <= LeafRows)
        {
            foreach (int query in queries)
                _queryPlaces[query] = place;
            return;
        }
        float[] direction = _data.Rows[rows[random.Next(rows.Length)]].ToArray();
        ReadOnlySpan<float> other = _data.Rows[rows[random.Next(rows.Length)]];
        for (int i = 0; i < direction.Length; i++)
            direction[i] -= other[i];
        double[] projections = new double[rows.Length];
        for (int i = 0; i < rows.Length; i++)
            projections[i] = Project(_data.Rows[rows[i]], direction);
        projections.AsSpan().Sort(rows);
        int half = rows.Length / 2;
        int[] below = [.. queries.Where(query => Project(_data.Queries[query], direction) < projections[half])];
        Halve(rows[..half], place, below, ref random);
        Halve(rows[half..], place + half, [.. queries.Except(below)], ref random);
    }

    private static double Project(ReadOnlySpan<float> vector, ReadOnlySpan<float> direction) =>
        Distances.Between(DistanceMetric.NegativeInnerProduct, vector, direction);
}
