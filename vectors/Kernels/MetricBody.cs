using System.Runtime.CompilerServices;

namespace VecSQL.Vectors.Kernels;

/// <summary>A metric as code that the compiler can put into a loop over rows.</summary>
internal interface IMetricBody
{
    /// <summary>The distance of a row from the query.</summary>
    /// <param name="ahead">Bytes from the row to the one that is asked for meanwhile.</param>
    /// <param name="querySquare">The query's squared norm, where <see cref="NeedsQuerySquare"/>.</param>
    static abstract double Distance<TLoader, T>(ref float query, ref T row, nuint length, nint ahead, float querySquare)
        where TLoader : struct, IRowLoader<T> where T : unmanaged;

    static abstract bool NeedsQuerySquare { get; }
}

internal readonly struct L2Body : IMetricBody
{
    public static bool NeedsQuerySquare => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Distance<TLoader, T>(ref float query, ref T row, nuint length, nint ahead, float querySquare)
        where TLoader : struct, IRowLoader<T> where T : unmanaged =>
        Math.Sqrt(Reduction.Run<SquaredDifferenceStep, TLoader, T>(ref query, ref row, length, ahead));
}

internal readonly struct NegativeInnerProductBody : IMetricBody
{
    public static bool NeedsQuerySquare => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Distance<TLoader, T>(ref float query, ref T row, nuint length, nint ahead, float querySquare)
        where TLoader : struct, IRowLoader<T> where T : unmanaged =>
        -(double)Reduction.Run<ProductStep, TLoader, T>(ref query, ref row, length, ahead);
}

internal readonly struct CosineBody : IMetricBody
{
    public static bool NeedsQuerySquare => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Distance<TLoader, T>(ref float query, ref T row, nuint length, nint ahead, float querySquare)
        where TLoader : struct, IRowLoader<T> where T : unmanaged
    {
        (float dot, float square) = Reduction.DotAndSquare<TLoader, T>(ref query, ref row, length, ahead);
        return ScalarDistances.Cosine(dot, querySquare, square);
    }
}

internal readonly struct L1Body : IMetricBody
{
    public static bool NeedsQuerySquare => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Distance<TLoader, T>(ref float query, ref T row, nuint length, nint ahead, float querySquare)
        where TLoader : struct, IRowLoader<T> where T : unmanaged =>
        Reduction.Run<AbsoluteDifferenceStep, TLoader, T>(ref query, ref row, length, ahead);
}
