namespace VecSQL.Bench.Micro;

/// <summary>Data with a seed.</summary>
internal static class Samples
{
    internal static float[] Uniform(int count, int seed)
    {
        Random random = new(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)(random.NextDouble() - 0.5);
        return values;
    }
}
