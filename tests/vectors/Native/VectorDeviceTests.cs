using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Native;

namespace VecSQL.Vectors.Tests.Native;

/// <summary>What every device has to give.</summary>
public sealed class VectorDeviceTests
{
    private const int Dimensions = 33;

    public static TheoryData<IVectorDevice> Devices => [new ProcessorDevice()];

    [Theory, MemberData(nameof(Devices))]
    public void The_nearest_centroid_is_found_for_any_number_of_rows(IVectorDevice device)
    {
        float[] centroids = Samples.Gaussian(70 * Dimensions, 1);
        ICentroidSearch search = device.Centroids(centroids, Dimensions);
        Assert.Equal((Dimensions, 70), (search.Dimensions, search.Count));
        foreach (int count in new[] { 0, 1, 7, 64, search.RowsAtOnce + 1 })
        {
            float[] rows = Samples.Gaussian(count * Dimensions, count);
            int[] nearest = new int[count];
            search.FindNearest(rows, nearest);
            for (int row = 0; row < count; row++)
            {
                double[] distances = Enumerable.Range(0, 70).Select(cell => Distance(rows, row, centroids, cell)).ToArray();
                Assert.InRange(distances[nearest[row]], distances.Min(), distances.Min() * (1 + 1e-6));
            }
        }
    }

    [Theory, MemberData(nameof(Devices))]
    public void No_row_that_is_nearer_is_ruled_out_and_most_others_are(IVectorDevice device)
    {
        const int queries = 40;
        const double threshold = 7;
        float[] asked = Samples.Gaussian(queries * Dimensions, 2);
        QueryPanels panels = new(DistanceMetric.L2, asked, Dimensions);
        IQuerySieve sieve = device.Sieve(panels);
        int count = Math.Min(sieve.RowsMax, 500), kept = 0, near = 0;
        float[] rows = Samples.Gaussian(count * Dimensions, 3);
        for (int query = 0; query < queries; query++)
            sieve.SetThreshold(query, threshold);
        uint[] words = new uint[count * panels.PanelCount];
        sieve.Sift(rows, words);
        for (int query = 0; query < queries; query++)
        {
            for (int row = 0; row < count; row++)
            {
                bool isKept = (words[(query / QueryPanels.Lanes * count) + row] >> (query % QueryPanels.Lanes) & 1) != 0;
                bool isNear = Distance(rows, row, asked, query) <= threshold * threshold;
                Assert.True(isKept || !isNear);
                (kept, near) = (kept + (isKept ? 1 : 0), near + (isNear ? 1 : 0));
            }
        }
        Assert.InRange(near, 10, queries * count / 2);
        Assert.InRange(kept, near, near + 5);
    }

    private static double Distance(float[] x, int row, float[] y, int other)
    {
        double square = 0;
        for (int i = 0; i < Dimensions; i++)
        {
            double difference = x[(row * Dimensions) + i] - y[(other * Dimensions) + i];
            square += difference * difference;
        }
        return square;
    }
}
