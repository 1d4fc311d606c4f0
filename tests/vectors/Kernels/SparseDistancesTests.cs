using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Tests.Kernels;

public sealed class SparseDistancesTests
{
    [Fact]
    public void Sparse_vectors_are_as_far_apart_as_the_dense_vectors_they_stand_for()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            Random random = new(seed);
            float[] x = Sparse(random), y = Sparse(random);
            (int[] xi, float[] xv) = Pack(x);
            (int[] yi, float[] yv) = Pack(y);
            // Whole numbers: the order of summing is no matter.
            foreach (DistanceMetric metric in Enum.GetValues<DistanceMetric>())
            {
                double dense = ScalarDistances.Between(metric, x, y);
                Assert.Equal(dense, SparseDistances.Between(metric, new SparseView(xi, xv), new SparseView(yi, yv)));
            }
        }
    }

    private static float[] Sparse(Random random)
    {
        float[] values = new float[40];
        int density = random.Next(1, 8);
        for (int i = 0; i < values.Length; i++)
            values[i] = random.Next(density) == 0 ? random.Next(-5, 6) : 0;
        return values;
    }

    private static (int[] Indexes, float[] Values) Pack(float[] dense)
    {
        int[] indexes = [.. Enumerable.Range(0, dense.Length).Where(i => dense[i] != 0)];
        return (indexes, [.. indexes.Select(i => dense[i])]);
    }
}
