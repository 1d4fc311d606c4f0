using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Vectors.Tests.Quantization;

public sealed class RotationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(100)]
    [InlineData(128)]
    [InlineData(768)]
    [InlineData(1537)]
    public void It_keeps_lengths_and_angles(int dimensions)
    {
        Rotation rotation = new(dimensions, 5);
        float[] x = Samples.Gaussian(dimensions, 1), y = Samples.Gaussian(dimensions, 2);
        float[] px = Apply(rotation, x), py = Apply(rotation, y);
        double scale = Dot(x, x) + Dot(y, y);
        Assert.InRange(Dot(px, px), Dot(x, x) - (1e-5 * scale), Dot(x, x) + (1e-5 * scale));
        Assert.InRange(Dot(px, py), Dot(x, y) - (1e-5 * scale), Dot(x, y) + (1e-5 * scale));
    }

    [Fact]
    public void It_spreads_one_coordinate_over_all()
    {
        foreach (int dimensions in new[] { 128, 384 })
        {
            float[] x = new float[dimensions];
            x[3] = 1;
            float largest = Apply(new Rotation(dimensions, 9), x).Max(Math.Abs);
            Assert.InRange(largest, 0, 6 / MathF.Sqrt(dimensions));
        }
    }

    [Fact]
    public void It_follows_from_its_seed()
    {
        float[] x = Samples.Gaussian(100, 3);
        Assert.Equal(Apply(new Rotation(100, 7), x), Apply(new Rotation(100, 7), x));
        Assert.NotEqual(Apply(new Rotation(100, 7), x), Apply(new Rotation(100, 8), x));
    }

    [Fact]
    public void The_transform_is_that_of_Walsh_and_Hadamard()
    {
        foreach (int count in new[] { 16, 32, 256 })
        {
            float[] x = Samples.Gaussian(count, 4), y = [.. x];
            Hadamard.Transform(y);
            for (int i = 0; i < count; i++)
            {
                double exact = 0;
                for (int j = 0; j < count; j++)
                    exact += (System.Numerics.BitOperations.PopCount((uint)(i & j)) & 1) == 0 ? x[j] : -x[j];
                Assert.InRange(y[i], (exact / Math.Sqrt(count)) - 1e-5, (exact / Math.Sqrt(count)) + 1e-5);
            }
        }
    }

    private static float[] Apply(Rotation rotation, float[] x)
    {
        float[] y = new float[rotation.PaddedDimensions];
        rotation.Apply(x, y);
        return y;
    }

    private static double Dot(float[] x, float[] y) => x.Zip(y, (a, b) => (double)a * b).Sum();
}
