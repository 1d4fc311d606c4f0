namespace VecSQL.Vectors.Kernels;

/// <summary>The plain loops that the wide kernels are judged by, and that serve where there is no wide
/// arithmetic.</summary>
public static class ScalarDistances
{
    public static double Between(DistanceMetric metric, ReadOnlySpan<float> x, ReadOnlySpan<float> y) => metric switch
    {
        DistanceMetric.L2 => Math.Sqrt(L2Squared(x, y)),
        DistanceMetric.NegativeInnerProduct => -(double)InnerProduct(x, y),
        DistanceMetric.Cosine => Cosine(InnerProduct(x, y), InnerProduct(x, x), InnerProduct(y, y)),
        DistanceMetric.L1 => L1(x, y),
        _ => throw new ArgumentOutOfRangeException(nameof(metric)),
    };

    public static float L2Squared(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        float sum = 0;
        for (int i = 0; i < x.Length; i++)
            sum += (x[i] - y[i]) * (x[i] - y[i]);
        return sum;
    }

    public static float InnerProduct(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        float sum = 0;
        for (int i = 0; i < x.Length; i++)
            sum += x[i] * y[i];
        return sum;
    }

    public static float L1(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        float sum = 0;
        for (int i = 0; i < x.Length; i++)
            sum += Math.Abs(x[i] - y[i]);
        return sum;
    }

    /// <summary>1 − cosine from a dot product and the two squared norms, kept within 0 and 2; NaN where a norm is
    /// 0.</summary>
    internal static double Cosine(float dot, float xx, float yy)
    {
        double similarity = dot / Math.Sqrt((double)xx * yy);
        if (similarity > 1)
            similarity = 1;
        else if (similarity < -1)
            similarity = -1;
        return 1 - similarity;
    }
}
