using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VecSQL.Vectors.Kernels;

/// <summary>Float16 as float32, exactly.</summary>
public static class Halves
{
    /// <param name="source">Finite, as halfvec's are.</param>
    /// <exception cref="ArgumentException">The target is shorter.</exception>
    public static void Widen(ReadOnlySpan<Half> source, Span<float> target)
    {
        if (target.Length < source.Length)
            throw new ArgumentException($"{source.Length} halves into {target.Length} floats");
        ref short bits = ref Unsafe.As<Half, short>(ref MemoryMarshal.GetReference(source));
        ref float wide = ref MemoryMarshal.GetReference(target);
        nuint i = 0, length = (nuint)source.Length;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; length - i >= 16; i += 16)
                HalfLoader.Load512(ref bits, i).StoreUnsafe(ref wide, i);
        }
        if (Vector128.IsHardwareAccelerated)
        {
            for (; length - i >= 4; i += 4)
                HalfLoader.Load128(ref bits, i).StoreUnsafe(ref wide, i);
        }
        for (; i < length; i++)
            Unsafe.Add(ref wide, i) = HalfLoader.Load(ref bits, i);
    }
}
