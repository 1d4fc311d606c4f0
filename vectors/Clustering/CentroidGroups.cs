using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Native;

namespace VecSQL.Vectors.Clustering;

/// <summary>Finds the nearest of many centroids by looking at those around the nearest of a few group centres.</summary>
/// <remarks>
/// Groups are a clustering of the centroids themselves. A row is measured against the group centres, then against the quarter of
/// all centroids that is nearest to its group's centre, so it costs about a quarter of a full search. Few rows miss their nearest
/// centroid by this, and those get one that is hardly farther. With few centroids all are measured.
/// Memory:  some of the centroids' own size for every four groups, thus about √cells / 4 times that.
/// Threads: immutable; any.
/// </remarks>
internal sealed class CentroidGroups
{
    private const int CentroidsMin = 1024, Rounds = 3, Share = 4;

    private readonly ICentroidSearch _all;
    private readonly ICentroidSearch? _centres;
    private readonly Group[] _groups = [];

    private sealed record Group(int[] Members, ICentroidSearch Panels);

    internal CentroidGroups(float[] centroids, int dimensions, int threads, CancellationToken cancellation)
    {
        _all = VectorDevice.Current.Centroids(centroids, dimensions);
        if (_all.Count < CentroidsMin)
            return;
        float[] centres = FindCentres(centroids, dimensions, threads, cancellation);
        _centres = VectorDevice.Current.Centroids(centres, dimensions);
        _groups = new Group[_centres.Count];
        Parallel.For(0, _groups.Length, Limits(threads, cancellation), group =>
            _groups[group] = Around(centres.AsSpan(group * dimensions, dimensions), centroids));
    }

    /// <summary>A near centroid, mostly the nearest, of every row.</summary>
    internal int[] Assign(IVectorSource rows, int threads, CancellationToken cancellation)
    {
        int[] nearest = new int[rows.Count];
        AssignAll(rows, _centres ?? _all, nearest, threads, cancellation);
        if (_centres is null)
            return nearest;
        List<int[]> chunks = ByGroup(nearest);
        Parallel.ForEach(chunks, Limits(threads, cancellation), chunk =>
        {
            float[] values = new float[chunk.Length * rows.Dimensions];
            for (int i = 0; i < chunk.Length; i++)
                rows.Read(chunk[i], values.AsSpan(i * rows.Dimensions, rows.Dimensions));
            Group group = _groups[nearest[chunk[0]]];
            int[] found = new int[chunk.Length];
            group.Panels.FindNearest(values, found);
            for (int i = 0; i < chunk.Length; i++)
                nearest[chunk[i]] = group.Members[found[i]];
        });
        return nearest;
    }

    /// <summary>The centroids by their groups, so that what is near lies together.</summary>
    internal static float[] Sort(float[] centroids, int dimensions, int threads, CancellationToken cancellation)
    {
        ArraySource source = new(centroids, dimensions);
        if (source.Count < 2)
            return centroids;
        ICentroidSearch centres =
            VectorDevice.Current.Centroids(FindCentres(centroids, dimensions, threads, cancellation), dimensions);
        int[] groupOf = new int[source.Count];
        AssignAll(source, centres, groupOf, threads, cancellation);
        float[] sorted = new float[centroids.Length];
        (int[] order, _) = RowGroups.Sort(groupOf, centres.Count);
        for (int i = 0; i < order.Length; i++)
            source.Read(order[i], sorted.AsSpan(i * dimensions, dimensions));
        return sorted;
    }

    private static float[] FindCentres(float[] centroids, int dimensions, int threads, CancellationToken cancellation)
    {
        ArraySource source = new(centroids, dimensions);
        int count = (int)Math.Sqrt(source.Count);
        float[] centres = new float[count * dimensions];
        for (int i = 0; i < count; i++)
            source.Read((int)((long)i * source.Count / count), centres.AsSpan(i * dimensions, dimensions));
        int[] nearest = new int[source.Count];
        for (int round = 0; round < Rounds; round++)
        {
            AssignAll(source, VectorDevice.Current.Centroids(centres, dimensions), nearest, threads, cancellation);
            centres = KMeans.Means(centroids, dimensions, nearest, centres);
        }
        return centres;
    }

    private static Group Around(ReadOnlySpan<float> centre, float[] centroids)
    {
        int dimensions = centre.Length, count = centroids.Length / dimensions;
        double[] distances = new double[count];
        int[] members = new int[count];
        Distances.Scan(DistanceMetric.L2, centre, centroids, dimensions, count, distances);
        for (int i = 0; i < count; i++)
            members[i] = i;
        Array.Sort(distances, members);
        Array.Resize(ref members, (count + Share - 1) / Share);
        Array.Sort(members); // of equally near ones the first is taken, as a full search does
        float[] values = new float[members.Length * dimensions];
        for (int i = 0; i < members.Length; i++)
            centroids.AsSpan(members[i] * dimensions, dimensions).CopyTo(values.AsSpan(i * dimensions));
        return new Group(members, VectorDevice.Current.Centroids(values, dimensions));
    }

    // Rows of one group each, so that a chunk is measured against one set of panels.
    private List<int[]> ByGroup(int[] groupOf)
    {
        (int[] order, int[] ends) = RowGroups.Sort(groupOf, _groups.Length);
        List<int[]> chunks = [];
        for (int group = 0; group < _groups.Length; group++)
        {
            int atOnce = _groups[group].Panels.RowsAtOnce;
            for (int first = ends[group]; first < ends[group + 1]; first += atOnce)
                chunks.Add(order[first..Math.Min(first + atOnce, ends[group + 1])]);
        }
        return chunks;
    }

    private static void AssignAll(
        IVectorSource rows, ICentroidSearch panels, int[] nearest, int threads, CancellationToken cancellation) =>
        Parallel.For(0, (nearest.Length + panels.RowsAtOnce - 1) / panels.RowsAtOnce, Limits(threads, cancellation), chunk =>
        {
            int first = chunk * panels.RowsAtOnce, count = Math.Min(panels.RowsAtOnce, nearest.Length - first);
            float[] values = new float[count * rows.Dimensions];
            rows.Read(first, values);
            panels.FindNearest(values, nearest.AsSpan(first, count));
        });

    private static ParallelOptions Limits(int threads, CancellationToken cancellation) =>
        new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation, TaskScheduler = TaskScheduler.Current };
}
