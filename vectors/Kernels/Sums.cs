using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VecSQL.Vectors.Kernels;

/// <summary>Sums of vectors. The same in every width.</summary>
internal static class Sums
{
    /// <summary>x := x + y.</summary>
    internal static void Add(Span<float> x, ReadOnlySpan<float> y)
    {
        if (x.Length != y.Length)
            throw new ArgumentException($"vectors have {x.Length} and {y.Length} dimensions");
        ref float target = ref MemoryMarshal.GetReference(x);
        ref float added = ref MemoryMarshal.GetReference(y);
        nuint i = 0, length = (nuint)x.Length;
        for (; length - i >= 16; i += 16)
            (Vector512.LoadUnsafe(ref target, i) + Vector512.LoadUnsafe(ref added, i)).StoreUnsafe(ref target, i);
        for (; i < length; i++)
            x[(int)i] += y[(int)i];
    }
}
