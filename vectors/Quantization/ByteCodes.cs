using System.Runtime.CompilerServices;
namespace VecSQL.Vectors.Quantization;

/// <summary>Eight bits a dimension with a scale for each row: what candidates are ordered by before exact distances.</summary>
internal static class ByteCodes
{
    /// <returns>The scale, and the square of the coded row.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static (float Scale, float Square) Encode(ReadOnlySpan<float> x, Span<sbyte> codes)
    {
        float largest = 0;
        foreach (float value in x)
            largest = Math.Max(largest, Math.Abs(value));
        if (!(largest > 0))
            return (0, 0);
        float scale = largest / 127, inverse = 127 / largest;
        long square = 0;
        for (int i = 0; i < x.Length; i++)
        {
            int code = (int)MathF.Round(x[i] * inverse);
            codes[i] = (sbyte)code;
            square += code * code;
        }
        return (scale, (float)((double)scale * scale * square));
    }
}
