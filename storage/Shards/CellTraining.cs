using System.Runtime.InteropServices;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Clustering;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Storage.Shards;

/// <summary>Finds the cells that a table's vectors lie in, and to which shards they go.</summary>
/// <remarks>
/// Cells:  several for each shard, so that shards can have about as many rows each, however unevenly these lie.
/// Memory: the sample, <see cref="SampleBytesMax"/> at most.
/// </remarks>
public static class CellTraining
{
    /// <summary>Centroids of a group are a part of the catalog, whose changes are small.</summary>
    public const int CentroidsBytesMax = 768 << 10;

    private const int CellsPerShardMax = 16, RowsPerCell = 128, RowsPerCellMin = 8, Rounds = 8, SampleBytesMax = 64 << 20;

    /// <summary>The group with cells; null where there are fewer vectors than shards.</summary>
    /// <param name="column">Of vectors or halfvecs that all have as many dimensions as its type says.</param>
    public static ShardGroupEntry? Train(ShardGroupEntry group, TableView view, ColumnEntry column, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(column);
        int shards = group.Shards.Length, dimensions = column.Type.Modifier, vectorBytes = dimensions * sizeof(float);
        int cellsMax = shards * Math.Clamp(CentroidsBytesMax / (shards * vectorBytes), 1, CellsPerShardMax);
        int rowsMax = Math.Max(cellsMax, Math.Min(cellsMax * RowsPerCell, SampleBytesMax / vectorBytes));
        Sample sample = Read(view, column, dimensions, Math.Max(1, view.RowCountEstimate / rowsMax), cancellation);
        if (sample.Count < shards)
            return null;
        int cells = Math.Clamp(sample.Count / RowsPerCellMin, shards, cellsMax), threads = Math.Max(1, Environment.ProcessorCount / 2);
        ClusterOptions options = new(cells, Seed: 1, Rounds, RowsPerCell: 1 + (sample.Count / cells));
        float[] centroids = KMeans.Train(sample, options, threads, cancellation);
        int[] rows = new int[cells];
        foreach (int cell in KMeans.Assign(sample, centroids, threads, cancellation))
            rows[cell]++;
        return group with { Centroids = MemoryMarshal.AsBytes(centroids.AsSpan()).ToArray(), Slots = [.. CellGroups.Of(centroids, rows, shards)] };
    }

    /// <summary>Every so-many-th vector.</summary>
    private static Sample Read(TableView view, ColumnEntry column, int dimensions, long step, CancellationToken cancellation)
    {
        List<float> values = [];
        long seen = 0;
        foreach (ScanUnit unit in view.Units)
        {
            using UnitReader reader = unit.Open([column.Number], withRowId: false, []);
            while (reader.Next() is { } batch)
            {
                cancellation.ThrowIfCancellationRequested();
                var vectors = (BinaryColumn)batch.Columns[0].Expand();
                for (int row = 0; row < batch.RowCount; row++)
                {
                    if (vectors.IsNull(row) || seen++ % step != 0)
                        continue;
                    CollectionsMarshal.SetCount(values, values.Count + dimensions);
                    Widen(column.Type.Oid, vectors[row], CollectionsMarshal.AsSpan(values)[^dimensions..]);
                }
            }
        }
        return new Sample([.. values], dimensions);
    }

    private static void Widen(uint type, ReadOnlySpan<byte> vector, Span<float> target)
    {
        if (type == TypeOid.HalfVector)
            Halves.Widen(MemoryMarshal.Cast<byte, Half>(vector), target);
        else
            MemoryMarshal.Cast<byte, float>(vector).CopyTo(target);
    }

    private sealed class Sample(float[] values, int dimensions) : IVectorSource
    {
        public int Dimensions => dimensions;

        public int Count => values.Length / dimensions;

        public void Read(int first, Span<float> target) => values.AsSpan(first * dimensions, target.Length).CopyTo(target);
    }
}
