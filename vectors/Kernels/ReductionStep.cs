using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace VecSQL.Vectors.Kernels;

/// <summary>What a reduction adds for each pair of elements.</summary>
internal interface IReductionStep
{
    static abstract float Scalar(float x, float y, float sum);

    static abstract Vector128<float> Wide(Vector128<float> x, Vector128<float> y, Vector128<float> sum);

    static abstract Vector256<float> Wide(Vector256<float> x, Vector256<float> y, Vector256<float> sum);

    static abstract Vector512<float> Wide(Vector512<float> x, Vector512<float> y, Vector512<float> sum);
}

/// <summary>The sum of (x − y)².</summary>
internal readonly struct SquaredDifferenceStep : IReductionStep
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scalar(float x, float y, float sum) => ((x - y) * (x - y)) + sum;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Wide(Vector128<float> x, Vector128<float> y, Vector128<float> sum) =>
        Vector128.MultiplyAddEstimate(x - y, x - y, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Wide(Vector256<float> x, Vector256<float> y, Vector256<float> sum) =>
        Vector256.MultiplyAddEstimate(x - y, x - y, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Wide(Vector512<float> x, Vector512<float> y, Vector512<float> sum) =>
        Vector512.MultiplyAddEstimate(x - y, x - y, sum);
}

/// <summary>The sum of x · y.</summary>
internal readonly struct ProductStep : IReductionStep
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scalar(float x, float y, float sum) => (x * y) + sum;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Wide(Vector128<float> x, Vector128<float> y, Vector128<float> sum) =>
        Vector128.MultiplyAddEstimate(x, y, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Wide(Vector256<float> x, Vector256<float> y, Vector256<float> sum) =>
        Vector256.MultiplyAddEstimate(x, y, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Wide(Vector512<float> x, Vector512<float> y, Vector512<float> sum) =>
        Vector512.MultiplyAddEstimate(x, y, sum);
}

/// <summary>The sum of |x − y|.</summary>
internal readonly struct AbsoluteDifferenceStep : IReductionStep
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scalar(float x, float y, float sum) => Math.Abs(x - y) + sum;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Wide(Vector128<float> x, Vector128<float> y, Vector128<float> sum) =>
        Vector128.Abs(x - y) + sum;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Wide(Vector256<float> x, Vector256<float> y, Vector256<float> sum) =>
        Vector256.Abs(x - y) + sum;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Wide(Vector512<float> x, Vector512<float> y, Vector512<float> sum) =>
        Vector512.Abs(x - y) + sum;
}
