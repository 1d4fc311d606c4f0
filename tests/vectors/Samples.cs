using VecSQL.Vectors.Clustering;

namespace VecSQL.Vectors.Tests;

/// <summary>Vectors as tests need them, by seed.</summary>
internal static class Samples
{
    internal static float[] Gaussian(int count, int seed)
    {
        Random random = new(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)Normal(random);
        return values;
    }

    /// <summary>Rows around centres, in fewer directions than they have dimensions: how embeddings lie.</summary>
    internal static float[] Clustered(int rows, int dimensions, int clusters, int seed)
    {
        const int latent = 12;
        Random random = new(seed);
        float[] directions = Gaussian(latent * dimensions, 77), centres = Gaussian(clusters * latent, 78);
        float[] values = new float[rows * dimensions];
        for (int row = 0; row < rows; row++)
        {
            int cluster = random.Next(clusters);
            for (int k = 0; k < latent; k++)
            {
                double along = centres[(cluster * latent) + k] + (0.4 * Normal(random));
                for (int j = 0; j < dimensions; j++)
                    values[(row * dimensions) + j] += (float)(along * directions[(k * dimensions) + j]);
            }
            for (int j = 0; j < dimensions; j++)
                values[(row * dimensions) + j] += (float)(0.1 * Normal(random));
        }
        return values;
    }

    internal static int[] Ascending(int count)
    {
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++)
            numbers[i] = i;
        return numbers;
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    internal sealed class Source(float[] rows, int dimensions) : IVectorSource
    {
        public int Dimensions => dimensions;

        public int Count => rows.Length / dimensions;

        public void Read(int first, Span<float> target) => rows.AsSpan(first * dimensions, target.Length).CopyTo(target);
    }
}
