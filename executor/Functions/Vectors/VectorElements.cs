using System.Runtime.InteropServices;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Functions.Vectors;

/// <summary>Reads and writes the elements of vector and halfvec, so that functions can be written once for
/// both.</summary>
internal interface IVectorElements
{
    /// <summary>The type's name in messages.</summary>
    static abstract string TypeName { get; }

    static abstract int SizeBytes { get; }

    /// <summary>The elements as floats: the value itself, or widened into the scratch.</summary>
    static abstract ReadOnlySpan<float> Read(ReadOnlySpan<byte> value, ref float[] scratch);

    /// <summary>Appends computed elements; one that the type cannot hold is an overflow.</summary>
    static abstract void Append(ReadOnlySpan<float> elements, BinaryColumnBuilder target);
}

internal readonly struct FloatElements : IVectorElements
{
    public static string TypeName => "vector";

    public static int SizeBytes => sizeof(float);

    public static ReadOnlySpan<float> Read(ReadOnlySpan<byte> value, ref float[] scratch) =>
        MemoryMarshal.Cast<byte, float>(value);

    public static void Append(ReadOnlySpan<float> elements, BinaryColumnBuilder target)
    {
        foreach (float element in elements)
        {
            if (float.IsInfinity(element))
                throw NumberErrors.FloatOverflow();
        }
        target.Append(MemoryMarshal.AsBytes(elements));
    }
}

internal readonly struct HalfElements : IVectorElements
{
    public static string TypeName => "halfvec";

    public static int SizeBytes => 2;

    public static ReadOnlySpan<float> Read(ReadOnlySpan<byte> value, ref float[] scratch)
    {
        ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(value);
        if (scratch.Length < halves.Length)
            scratch = new float[halves.Length];
        for (int i = 0; i < halves.Length; i++)
            scratch[i] = (float)halves[i];
        return scratch.AsSpan(0, halves.Length);
    }

    public static void Append(ReadOnlySpan<float> elements, BinaryColumnBuilder target)
    {
        Span<Half> room = MemoryMarshal.Cast<byte, Half>(target.Reserve(elements.Length * SizeBytes));
        for (int i = 0; i < elements.Length; i++)
        {
            room[i] = (Half)elements[i];
            if (Half.IsInfinity(room[i]))
                throw NumberErrors.FloatOverflow();
        }
        target.Commit(elements.Length * SizeBytes);
    }
}

/// <summary>Room for widened elements, one set a thread.</summary>
internal sealed class VectorScratch
{
    [ThreadStatic]
    private static VectorScratch? _current;

    private float[] _left = [], _right = [], _result = [];

    public static ref float[] Left => ref Current._left;

    public static ref float[] Right => ref Current._right;

    private static VectorScratch Current => _current ??= new VectorScratch();

    public static Span<float> Result(int length)
    {
        VectorScratch scratch = Current;
        if (scratch._result.Length < length)
            scratch._result = new float[Math.Max(length, 64)];
        return scratch._result.AsSpan(0, length);
    }
}
