using System.Runtime.InteropServices;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Storage.Shards;

/// <summary>Gives cells to shards: near ones to the same, and to each about as many rows.</summary>
/// <remarks>The cells are cut in two between two ends of where they lie, by rows, and each part again, until there is one for each shard.</remarks>
internal sealed class CellGroups
{
    private const int Rounds = 5;

    private readonly float[] _centroids;
    private readonly int[] _rows;
    private readonly int _dimensions;
    private readonly ushort[] _shards;

    private CellGroups(float[] centroids, int[] rows)
    {
        (_centroids, _rows, _dimensions) = (centroids, rows, centroids.Length / rows.Length);
        _shards = new ushort[rows.Length];
    }

    /// <summary>The place of each cell's shard.</summary>
    /// <param name="rows">How many rows each cell has of a sample.</param>
    /// <param name="shards">At most as many as there are cells.</param>
    internal static ushort[] Of(float[] centroids, int[] rows, int shards)
    {
        CellGroups groups = new(centroids, rows);
        groups.Divide([.. Enumerable.Range(0, rows.Length)], 0, shards);
        return groups._shards;
    }

    private void Divide(int[] cells, int first, int shards)
    {
        if (shards == 1)
        {
            foreach (int cell in cells)
                _shards[cell] = (ushort)first;
            return;
        }
        int left = shards / 2;
        Array.Sort(Slopes(cells), cells);
        int end = CutOf(cells, left, shards);
        Divide(cells[..end], first, left);
        Divide(cells[end..], first + left, shards - left);
    }

    /// <summary>Where the part of the first shards ends: it has their share of the rows, and each shard a cell.</summary>
    private int CutOf(int[] cells, int left, int shards)
    {
        double wanted = cells.Sum(cell => (double)_rows[cell]) * left / shards, had = 0;
        int end = 0;
        while (end < cells.Length && had + (_rows[cells[end]] / 2.0) <= wanted)
            had += _rows[cells[end++]];
        return Math.Clamp(end, left, cells.Length - (shards - left));
    }

    /// <summary>For each cell how much nearer it is to the one end than to the other.</summary>
    private double[] Slopes(int[] cells)
    {
        float[] one = Centroid(Farthest(cells, Centroid(cells[0]))), other = Centroid(Farthest(cells, one));
        double[] slopes = new double[cells.Length];
        for (int round = 0; ; round++)
        {
            for (int i = 0; i < cells.Length; i++)
                slopes[i] = Distance(cells[i], one) - Distance(cells[i], other);
            if (round == Rounds)
                return slopes;
            (one, other) = (Mean(cells, slopes, isOne: true) ?? one, Mean(cells, slopes, isOne: false) ?? other);
        }
    }

    private float[]? Mean(int[] cells, double[] slopes, bool isOne)
    {
        double[] sum = new double[_dimensions];
        long rows = 0;
        for (int i = 0; i < cells.Length; i++)
        {
            if (slopes[i] < 0 != isOne)
                continue;
            rows += _rows[cells[i]];
            for (int j = 0; j < sum.Length; j++)
                sum[j] += (double)_centroids[(cells[i] * _dimensions) + j] * _rows[cells[i]];
        }
        return rows == 0 ? null : [.. sum.Select(total => (float)(total / rows))];
    }

    private int Farthest(int[] cells, float[] from) => cells.MaxBy(cell => Distance(cell, from));

    private double Distance(int cell, float[] from) =>
        Distances.Between(DistanceMetric.L2, _centroids.AsSpan(cell * _dimensions, _dimensions), from.AsSpan());

    private float[] Centroid(int cell) => _centroids.AsSpan(cell * _dimensions, _dimensions).ToArray();
}
