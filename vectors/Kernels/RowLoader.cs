using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VecSQL.Vectors.Kernels;

/// <summary>Reads a row's elements as float32, whatever they are stored as.</summary>
internal interface IRowLoader<T> where T : unmanaged
{
    static abstract float Load(ref T row, nuint at);

    static abstract Vector128<float> Load128(ref T row, nuint at);

    static abstract Vector256<float> Load256(ref T row, nuint at);

    static abstract Vector512<float> Load512(ref T row, nuint at);
}

/// <summary>Elements are float32.</summary>
internal readonly struct SingleLoader : IRowLoader<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(ref float row, nuint at) => Unsafe.Add(ref row, at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load128(ref float row, nuint at) => Vector128.LoadUnsafe(ref row, at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load256(ref float row, nuint at) => Vector256.LoadUnsafe(ref row, at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load512(ref float row, nuint at) => Vector512.LoadUnsafe(ref row, at);
}

/// <summary>Elements are the bits of float16, finite as halfvec keeps them.</summary>
/// <remarks>
/// A half's exponent and fraction are put where a float has them; that is the value times 2⁻¹¹², subnormals included,
/// and one exact multiplication brings it back. (A cast of Half is a hundred times slower, and F16C cannot be reached
/// from here.)
/// </remarks>
internal readonly struct HalfLoader : IRowLoader<short>
{
    private const int Shift = 13, Mask = unchecked((int)0x8FFFE000);
    private const float Scale = 5.192296858534828e33f; // 2¹¹²

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(ref short row, nuint at) =>
        BitConverter.Int32BitsToSingle((Unsafe.Add(ref row, at) << Shift) & Mask) * Scale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load128(ref short row, nuint at)
    {
        long four = Unsafe.ReadUnaligned<long>(ref Unsafe.As<short, byte>(ref Unsafe.Add(ref row, at)));
        Vector128<int> wide = Vector128.WidenLower(Vector128.CreateScalarUnsafe(four).AsInt16());
        return ((wide << Shift) & Vector128.Create(Mask)).AsSingle() * Scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load256(ref short row, nuint at)
    {
        Vector128<short> eight = Vector128.LoadUnsafe(ref row, at);
        Vector256<int> wide = Avx2.IsSupported
            ? Avx2.ConvertToVector256Int32(eight)
            : Vector256.Create(Vector128.WidenLower(eight), Vector128.WidenUpper(eight));
        return ((wide << Shift) & Vector256.Create(Mask)).AsSingle() * Scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load512(ref short row, nuint at)
    {
        Vector256<short> sixteen = Vector256.LoadUnsafe(ref row, at);
        Vector512<int> wide = Avx512F.IsSupported
            ? Avx512F.ConvertToVector512Int32(sixteen)
            : Vector512.Create(Vector256.WidenLower(sixteen), Vector256.WidenUpper(sixteen));
        return ((wide << Shift) & Vector512.Create(Mask)).AsSingle() * Scale;
    }
}
