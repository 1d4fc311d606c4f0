using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using VecSQL.Vectors.Codes;

namespace VecSQL.Vectors.Kernels;

/// <summary>What is known of a coded query.</summary>
/// <param name="Scale">What its codes are multiplied by.</param>
/// <param name="CodedSquare">|q̂|².</param>
/// <param name="Error">At least |q − q̂|.</param>
/// <param name="Length">|q|.</param>
/// <param name="Rounding">What all float32 sums of its length may be off by, as a share of their terms'
/// magnitudes.</param>
internal readonly record struct CodeBound(float Scale, float CodedSquare, float Error, float Length, float Rounding)
{
    /// <summary>What rows must stay below to be nearer than the threshold.</summary>
    internal CodeLimit Below(DistanceMetric metric, double threshold) => new(this, metric, metric switch
    {
        DistanceMetric.L2 => MathF.BitIncrement((float)(threshold * (1 + Rounding))) + Error,
        DistanceMetric.NegativeInnerProduct => MathF.BitIncrement((float)threshold),
        DistanceMetric.Cosine => MathF.BitDecrement((float)(1 - threshold)) * Length,
        _ => throw new ArgumentOutOfRangeException(nameof(metric)),
    });
}

/// <summary>Which rows of a block are certainly farther than a threshold.</summary>
/// <remarks>Comparisons with NaN or infinity never rule a row out.</remarks>
internal readonly struct CodeLimit(CodeBound query, DistanceMetric metric, float limit)
{
    /// <summary>Bit i set: the block's row i is farther.</summary>
    /// <param name="row">The block's first row.</param>
    internal uint Exceeded(VectorCodes codes, int row, ReadOnlySpan<int> dots)
    {
        Vector512<float> dot = Vector512.ConvertToSingle(Vector512.Create(dots)) * Load(codes.Scales, row) * query.Scale;
        Vector512<float> error = Load(codes.Errors, row);
        Vector512<float> farther = metric switch
        {
            DistanceMetric.L2 => ExceededL2(dot, error, Load(codes.CodedSquares, row)),
            DistanceMetric.NegativeInnerProduct =>
                Vector512.GreaterThan(-(dot + Excess(error, Load(codes.Lengths, row))), Vector512.Create(limit)),
            _ => ExceededCosine(dot, error, Load(codes.Lengths, row)),
        };
        return (uint)farther.ExtractMostSignificantBits();
    }

    private Vector512<float> ExceededL2(Vector512<float> dot, Vector512<float> error, Vector512<float> codedSquare)
    {
        Vector512<float> squares = codedSquare + Vector512.Create(query.CodedSquare);
        Vector512<float> least = squares - (dot + dot) - (squares * query.Rounding);
        Vector512<float> reach = error + Vector512.Create(limit);
        return Vector512.GreaterThan(least, reach * reach * (1 + query.Rounding));
    }

    private Vector512<float> ExceededCosine(Vector512<float> dot, Vector512<float> error, Vector512<float> length)
    {
        // cos ≥ 1 − threshold is what a near row has: q·x ≥ (1 − threshold)·|q|·|x|
        Vector512<float> most = dot + Excess(error, length);
        return Vector512.LessThan(most, length * limit);
    }

    // By how much q·x may be above the product of the codes; four times the rounding, for cosine's lengths have theirs.
    private Vector512<float> Excess(Vector512<float> error, Vector512<float> length) =>
        (error * (query.Length + query.Error)) + (length * (query.Error + (4 * query.Rounding * query.Length)));

    private static Vector512<float> Load(float[] values, int row) =>
        Vector512.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(values), (nuint)row);
}
