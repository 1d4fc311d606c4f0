using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Vectors.Clustering;

/// <summary>How cells are found.</summary>
/// <param name="CellCount">How many cells there shall be; fewer come out only if there are fewer rows.</param>
/// <param name="Seed">The same rows and seed give the same cells, with any number of threads.</param>
/// <param name="Rounds">Lloyd rounds; more than five gained nothing that could be measured.</param>
/// <param name="RowsPerCell">Sampled rows a cell, as far as there are so many.</param>
public sealed record ClusterOptions(int CellCount, ulong Seed, int Rounds = 5, int RowsPerCell = 32);

/// <summary>Finds cells: centroids to which rows are near.</summary>
/// <remarks>
/// Paper:   Lloyd, "Least squares quantization in PCM", 1982, on a sample; a cell that loses all its rows is put beside the
///          centroid of the one that has most.
/// Cost:    sample rows × cells × dimensions multiply-adds a round, by panels; a quarter of that with a thousand cells or more.
/// Threads: sums run over the sample in order, whatever the number of threads.
/// </remarks>
public static class KMeans
{
    /// <summary>Centroids, one after the other, near ones beside each other.</summary>
    public static float[] Train(IVectorSource source, ClusterOptions options, int threads, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        int dimensions = source.Dimensions, cells = Math.Min(options.CellCount, source.Count);
        if (cells == 0)
            return [];
        float[] sample = Sample(source, (int)Math.Min(source.Count, (long)cells * options.RowsPerCell));
        float[] centroids = First(sample, dimensions, cells, options.Seed);
        for (int round = 0; round < options.Rounds; round++)
        {
            int[] nearest = new CentroidGroups(centroids, dimensions, threads, cancellation)
                .Assign(new ArraySource(sample, dimensions), threads, cancellation);
            centroids = Means(sample, dimensions, nearest, centroids);
        }
        return CentroidGroups.Sort(centroids, dimensions, threads, cancellation);
    }

    /// <summary>A near centroid of every row: mostly the nearest, as <see cref="CentroidGroups"/> finds it.</summary>
    public static int[] Assign(IVectorSource source, float[] centroids, int threads, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new CentroidGroups(centroids, source.Dimensions, threads, cancellation).Assign(source, threads, cancellation);
    }

    // Every so-many-th row.
    private static float[] Sample(IVectorSource source, int count)
    {
        float[] sample = new float[checked(count * source.Dimensions)];
        if (count == source.Count)
        {
            source.Read(0, sample);
            return sample;
        }
        for (int i = 0; i < count; i++)
        {
            int row = (int)((long)i * source.Count / count);
            source.Read(row, sample.AsSpan(i * source.Dimensions, source.Dimensions));
        }
        return sample;
    }

    // Different rows of the sample, drawn.
    private static float[] First(float[] sample, int dimensions, int cells, ulong seed)
    {
        int[] order = new int[sample.Length / dimensions];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        SplitMix random = new(seed);
        float[] centroids = new float[cells * dimensions];
        for (int i = 0; i < cells; i++)
        {
            int drawn = i + random.Next(order.Length - i);
            (order[i], order[drawn]) = (order[drawn], order[i]);
            sample.AsSpan(order[i] * dimensions, dimensions).CopyTo(centroids.AsSpan(i * dimensions));
        }
        return centroids;
    }

    /// <summary>The mean of each centroid's rows; one that has none is put beside the one that has most.</summary>
    internal static float[] Means(float[] sample, int dimensions, int[] nearest, float[] old)
    {
        float[] means = new float[old.Length];
        int[] counts = new int[old.Length / dimensions];
        for (int i = 0; i < nearest.Length; i++)
        {
            counts[nearest[i]]++;
            ReadOnlySpan<float> row = sample.AsSpan(i * dimensions, dimensions);
            Sums.Add(means.AsSpan(nearest[i] * dimensions, dimensions), row);
        }
        for (int cell = 0; cell < counts.Length; cell++)
        {
            for (int j = cell * dimensions; counts[cell] > 0 && j < (cell + 1) * dimensions; j++)
                means[j] /= counts[cell];
        }
        FillEmpty(means, counts, dimensions);
        return means;
    }

    private static void FillEmpty(float[] means, int[] counts, int dimensions)
    {
        const float apart = 1f / 1024;
        for (int cell = 0; cell < counts.Length; cell++)
        {
            if (counts[cell] > 0)
                continue;
            int largest = Array.IndexOf(counts, counts.Max());
            for (int j = 0; j < dimensions; j++)
            {
                ref float value = ref means[(largest * dimensions) + j];
                float shift = (j & 1) == 0 ? apart : -apart;
                means[(cell * dimensions) + j] = value * (1 + shift);
                value *= 1 - shift;
            }
            counts[cell] = counts[largest] / 2;
            counts[largest] -= counts[cell];
        }
    }
}
