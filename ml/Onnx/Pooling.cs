using VecSQL.Ml.Models;

namespace VecSQL.Ml.Onnx;

/// <summary>Makes one vector of a text's tokens' vectors.</summary>
internal static class Pooling
{
    /// <param name="tokens">The vectors of the tokens that are not padding, row by row; at least one.</param>
    internal static void Pool(ReadOnlySpan<float> tokens, ModelPooling pooling, Span<float> vector)
    {
        int dimensions = vector.Length, count = tokens.Length / dimensions;
        if (pooling != ModelPooling.Mean)
        {
            tokens.Slice(pooling == ModelPooling.Cls ? 0 : (count - 1) * dimensions, dimensions).CopyTo(vector);
            return;
        }
        vector.Clear();
        for (int row = 0; row < count; row++)
        {
            ReadOnlySpan<float> token = tokens.Slice(row * dimensions, dimensions);
            for (int i = 0; i < vector.Length; i++)
                vector[i] += token[i];
        }
        foreach (ref float value in vector)
            value /= count;
    }

    /// <summary>Brings a vector to length 1; one of zeros stays as it is.</summary>
    internal static void Normalize(Span<float> vector)
    {
        double square = 0;
        foreach (float value in vector)
            square += (double)value * value;
        double length = Math.Sqrt(square);
        if (length == 0)
            return;
        foreach (ref float value in vector)
            value = (float)(value / length);
    }
}
