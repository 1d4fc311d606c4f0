using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

/// <summary>Casts between vector, halfvec, sparsevec and arrays of numbers, by pgvector's rules.</summary>
/// <remarks>
/// A modifier is the number of dimensions wanted, or −1. Values are as columns hold them: float32s, float16s, a
/// <see cref="SparseVector"/>, an <see cref="ArrayValue"/>.
/// </remarks>
public static class VectorCasts
{
    public static void VectorToHalf(ReadOnlySpan<float> vector, int modifier, BinaryColumnBuilder target)
    {
        VectorChecks.Expected(modifier, vector.Length);
        Span<Half> halves = MemoryMarshal.Cast<byte, Half>(target.Reserve(2 * vector.Length));
        for (int i = 0; i < vector.Length; i++)
            halves[i] = ToHalf(vector[i]);
        target.Commit(2 * vector.Length);
    }

    public static void HalfToVector(ReadOnlySpan<Half> half, int modifier, BinaryColumnBuilder target)
    {
        VectorChecks.Expected(modifier, half.Length);
        Span<float> floats = MemoryMarshal.Cast<byte, float>(target.Reserve(4 * half.Length));
        for (int i = 0; i < half.Length; i++)
            floats[i] = (float)half[i];
        target.Commit(4 * half.Length);
    }

    public static void VectorToSparse(ReadOnlySpan<float> vector, int modifier, BinaryColumnBuilder target)
    {
        VectorChecks.Dimensions(vector.Length, "sparsevec");
        VectorChecks.Expected(modifier, vector.Length);
        int[] indexes = ArrayPool<int>.Shared.Rent(vector.Length);
        float[] values = ArrayPool<float>.Shared.Rent(vector.Length);
        int count = 0;
        for (int i = 0; i < vector.Length; i++)
        {
            if (vector[i] == 0)
                continue;
            (indexes[count], values[count]) = (i, vector[i]);
            count++;
        }
        VectorChecks.NonZeroCount(count, vector.Length);
        SparseVector.Append(target, vector.Length, indexes.AsSpan(0, count), values.AsSpan(0, count));
        ArrayPool<int>.Shared.Return(indexes);
        ArrayPool<float>.Shared.Return(values);
    }

    public static void HalfToSparse(ReadOnlySpan<Half> half, int modifier, BinaryColumnBuilder target)
    {
        float[] wide = ArrayPool<float>.Shared.Rent(half.Length);
        for (int i = 0; i < half.Length; i++)
            wide[i] = (float)half[i];
        VectorToSparse(wide.AsSpan(0, half.Length), modifier, target);
        ArrayPool<float>.Shared.Return(wide);
    }

    public static void SparseToVector(SparseVector sparse, int modifier, BinaryColumnBuilder target)
    {
        VectorChecks.Dimensions(sparse.Dimensions, "vector");
        VectorChecks.Expected(modifier, sparse.Dimensions);
        Span<float> floats = MemoryMarshal.Cast<byte, float>(target.Reserve(4 * sparse.Dimensions));
        floats.Clear();
        ReadOnlySpan<int> indexes = sparse.Indexes;
        ReadOnlySpan<float> values = sparse.Values;
        for (int i = 0; i < indexes.Length; i++)
            floats[indexes[i]] = values[i];
        target.Commit(4 * sparse.Dimensions);
    }

    public static void SparseToHalf(SparseVector sparse, int modifier, BinaryColumnBuilder target)
    {
        VectorChecks.Dimensions(sparse.Dimensions, "halfvec");
        VectorChecks.Expected(modifier, sparse.Dimensions);
        Span<Half> halves = MemoryMarshal.Cast<byte, Half>(target.Reserve(2 * sparse.Dimensions));
        halves.Clear();
        ReadOnlySpan<int> indexes = sparse.Indexes;
        ReadOnlySpan<float> values = sparse.Values;
        for (int i = 0; i < indexes.Length; i++)
            halves[indexes[i]] = ToHalf(values[i]);
        target.Commit(2 * sparse.Dimensions);
    }

    /// <summary>An array of int4, float4, float8 or numeric as a vector.</summary>
    public static void ArrayToVector(ArrayValue array, int modifier, BinaryColumnBuilder target)
    {
        CheckArray(array, modifier, "vector");
        Span<float> floats = MemoryMarshal.Cast<byte, float>(target.Reserve(4 * array.Count));
        ReadFloats(array, floats);
        VectorChecks.Elements(floats, "vector");
        target.Commit(4 * array.Count);
    }

    public static void ArrayToHalf(ArrayValue array, int modifier, BinaryColumnBuilder target)
    {
        CheckArray(array, modifier, "halfvec");
        float[] floats = ArrayPool<float>.Shared.Rent(array.Count);
        Span<Half> halves = MemoryMarshal.Cast<byte, Half>(target.Reserve(2 * array.Count));
        ReadFloats(array, floats.AsSpan(0, array.Count));
        for (int i = 0; i < array.Count; i++)
            halves[i] = ToHalf(floats[i]);
        ArrayPool<float>.Shared.Return(floats);
        VectorChecks.Elements(halves, "halfvec");
        target.Commit(2 * array.Count);
    }

    public static void ArrayToSparse(ArrayValue array, int modifier, BinaryColumnBuilder target)
    {
        CheckArray(array, modifier, "sparsevec");
        float[] floats = ArrayPool<float>.Shared.Rent(array.Count);
        ReadFloats(array, floats.AsSpan(0, array.Count));
        VectorChecks.Elements(floats.AsSpan(0, array.Count), "sparsevec");
        VectorToSparse(floats.AsSpan(0, array.Count), modifier, target);
        ArrayPool<float>.Shared.Return(floats);
    }

    /// <summary>A vector as real[].</summary>
    public static void VectorToArray(ReadOnlySpan<float> vector, BinaryColumnBuilder target) =>
        ArrayBuilder.Append(target, TypeOid.Float4, new FixedColumn<float>(vector.ToArray()));

    /// <summary>A halfvec as real[].</summary>
    public static void HalfToArray(ReadOnlySpan<Half> half, BinaryColumnBuilder target)
    {
        float[] floats = new float[half.Length];
        for (int i = 0; i < half.Length; i++)
            floats[i] = (float)half[i];
        ArrayBuilder.Append(target, TypeOid.Float4, new FixedColumn<float>(floats));
    }

    /// <exception cref="SqlException">A finite number is beyond what 16 bits hold (22003).</exception>
    public static Half ToHalf(float value)
    {
        var half = (Half)value;
        if (!Half.IsInfinity(half) || float.IsInfinity(value))
            return half;
        Span<byte> text = stackalloc byte[FloatText.LengthMax];
        int length = FloatText.Write(value, text);
        throw new SqlException(SqlState.NumericValueOutOfRange,
            $"\"{Encoding.ASCII.GetString(text[..length])}\" is out of range for type halfvec");
    }

    private static void CheckArray(ArrayValue array, int modifier, string type)
    {
        if (array.Dimensions > 1)
            throw VectorChecks.Data("array must be 1-D");
        if (array.HasNulls)
            throw new SqlException(SqlState.NullValueNotAllowed, "array must not contain nulls");
        VectorChecks.Dimensions(array.Count, type);
        VectorChecks.Expected(modifier, array.Count);
    }

    private static void ReadFloats(ArrayValue array, Span<float> target)
    {
        switch (array.ElementOid)
        {
            case TypeOid.Int4:
                ReadOnlySpan<int> ints = array.Values<int>();
                for (int i = 0; i < target.Length; i++)
                    target[i] = ints[i];
                break;
            case TypeOid.Float4:
                array.Values<float>().CopyTo(target);
                break;
            case TypeOid.Float8:
                ReadOnlySpan<double> doubles = array.Values<double>();
                for (int i = 0; i < target.Length; i++)
                    target[i] = (float)doubles[i];
                break;
            case TypeOid.Numeric:
                for (int i = 0; i < target.Length; i++)
                    target[i] = SqlNumeric.Read(array[i]).ToSingle();
                break;
            default:
                throw VectorChecks.Data("unsupported array type");
        }
    }
}
