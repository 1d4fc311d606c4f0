using System.Text;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;

namespace VecSQL.Flight.Sql;

/// <summary>Makes arrays of a few values, for answers that no query gives.</summary>
internal static class ArrayMaker
{
    public static ArrowArray Texts(IReadOnlyList<string?> values)
    {
        BinaryColumnBuilder builder = new(values.Count);
        foreach (string? value in values)
        {
            if (value is null)
                builder.AppendNull();
            else
                builder.Append(Encoding.UTF8.GetBytes(value));
        }
        return ColumnArrays.ToArray(builder.Build(), new ArrowType(ArrowTypeKind.Utf8));
    }

    public static ArrowArray Integers(IReadOnlyList<int?> values) =>
        new(new ArrowType(ArrowTypeKind.Int32), values.Count, NullsOf(values, out ColumnBuffer validity),
            [validity, ColumnBuffer.Wrap(values.Select(static value => value ?? 0).ToArray())]);

    public static ArrowArray UnsignedIntegers(IReadOnlyList<uint> values) =>
        new(new ArrowType(ArrowTypeKind.UInt32), values.Count, 0, [default, ColumnBuffer.Wrap(values.ToArray())]);

    public static ArrowArray Longs(IReadOnlyList<long> values) =>
        new(new ArrowType(ArrowTypeKind.Int64), values.Count, 0, [default, ColumnBuffer.Wrap(values.ToArray())]);

    public static ArrowArray Truths(IReadOnlyList<bool?> values) =>
        new(new ArrowType(ArrowTypeKind.Bool), values.Count, NullsOf(values, out ColumnBuffer validity),
            [validity, Bits(values.Select(static value => value == true))]);

    /// <summary>Lists of values that lie one after the other.</summary>
    /// <param name="ends">Where each list ends among the values; null for no list.</param>
    public static ArrowArray Lists(ArrowType type, IReadOnlyList<int?> ends, ArrowArray values)
    {
        int[] offsets = new int[ends.Count + 1];
        for (int i = 0; i < ends.Count; i++)
            offsets[i + 1] = ends[i] ?? offsets[i];
        return new ArrowArray(type, ends.Count, NullsOf(ends, out ColumnBuffer validity), [validity, ColumnBuffer.Wrap(offsets)], [values]);
    }

    /// <summary>Rows that are each of one of several types.</summary>
    public static ArrowArray DenseUnion(ArrowType type, IReadOnlyList<sbyte> kinds, IReadOnlyList<int> places, ArrowArray[] children) =>
        new(type, kinds.Count, 0, [ColumnBuffer.Wrap(kinds.ToArray()), ColumnBuffer.Wrap(places.ToArray())], children);

    private static int NullsOf<T>(IReadOnlyList<T?> values, out ColumnBuffer validity) where T : struct
    {
        int nulls = values.Count(static value => value is null);
        validity = nulls == 0 ? default : Bits(values.Select(static value => value is not null));
        return nulls;
    }

    private static ColumnBuffer Bits(IEnumerable<bool> values)
    {
        bool[] truths = [.. values];
        byte[] bits = new byte[(truths.Length + 7) / 8];
        for (int i = 0; i < truths.Length; i++)
        {
            if (truths[i])
                bits[i >> 3] |= (byte)(1 << (i & 7));
        }
        return ColumnBuffer.Wrap(bits);
    }
}
