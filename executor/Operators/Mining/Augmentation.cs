using VecSQL.Vectors.Quantization;

namespace VecSQL.Executor.Operators.Mining;

/// <summary>Changes vectors a little, so that what is trained with them does not learn them by heart.</summary>
/// <remarks>
/// Dropout: each dimension becomes 0 with that probability; the others are divided by what is left of 1, so that sums stay as they were.
/// Noise:   to each dimension is added a normal deviate of that standard deviation.
/// Paper:   Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", 2014; Box and Muller, 1958.
/// </remarks>
internal sealed class Augmentation(double noise, double dropout)
{
    private const double Unit = 1.0 / (1UL << 53);

    /// <param name="seed">Decides all that is left to chance.</param>
    internal void Apply(Span<float> vector, ulong seed)
    {
        var chance = new SplitMix(seed);
        float kept = (float)(1 / (1 - dropout));
        for (int i = 0; i < vector.Length && dropout > 0; i++)
            vector[i] = Share(ref chance) < dropout ? 0 : vector[i] * kept;
        for (int i = 0; i < vector.Length && noise > 0; i += 2)
        {
            double radius = noise * Math.Sqrt(-2 * Math.Log(1 - Share(ref chance))), angle = Math.Tau * Share(ref chance);
            vector[i] += (float)(radius * Math.Cos(angle));
            if (i + 1 < vector.Length)
                vector[i + 1] += (float)(radius * Math.Sin(angle));
        }
    }

    private static double Share(ref SplitMix chance) => (chance.Next() >> 11) * Unit;
}
