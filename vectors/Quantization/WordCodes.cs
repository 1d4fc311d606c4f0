namespace VecSQL.Vectors.Quantization;

/// <summary>Up to sixteen bits a dimension, for the query's side of a product with eight-bit codes.</summary>
internal static class WordCodes
{
    /// <param name="codes">At least as many as x has; the rest is left as it is. So large that no sum of all products
    /// with eight-bit codes leaves int32.</param>
    /// <returns>The scale.</returns>
    internal static float Encode(ReadOnlySpan<float> x, Span<short> codes)
    {
        int codeMax = (int)Math.Min(short.MaxValue, int.MaxValue / (127L * codes.Length));
        float largest = 0;
        foreach (float value in x)
            largest = Math.Max(largest, Math.Abs(value));
        if (!(largest > 0))
        {
            codes.Clear();
            return 0;
        }
        float inverse = codeMax / largest;
        for (int i = 0; i < x.Length; i++)
            codes[i] = (short)MathF.Round(x[i] * inverse);
        return largest / codeMax;
    }
}
