namespace VecSQL.Vectors.Clustering;

/// <summary>Rows that lie one after the other in an array.</summary>
internal sealed class ArraySource(float[] values, int dimensions) : IVectorSource
{
    public int Dimensions => dimensions;

    public int Count => values.Length / dimensions;

    public void Read(int first, Span<float> target) =>
        values.AsSpan(first * dimensions, target.Length).CopyTo(target);
}
