using System.Buffers.Binary;
using System.Numerics;
using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Values;

/// <summary>Finite numerics of one scale whose coefficients are 64-bit integers: nearly all columns of money and quantities.</summary>
public sealed class ScaledNumbers : ValueForm
{
    private const int HeaderBytes = 2, ValueBytesMax = HeaderBytes + sizeof(long);
    private const ushort NegativeBit = 1 << 15;

    private readonly ColumnBuffer _values;

    private ScaledNumbers(ColumnBuffer values, int scale) => (_values, Scale) = (values, scale);

    /// <summary>Digits behind the point, of all values.</summary>
    public int Scale { get; }

    /// <summary>The digits without the point. A null row's value is unspecified.</summary>
    public ReadOnlySpan<long> Coefficients => _values.As<long>();

    public override long SizeBytes => _values.LengthBytes;

    /// <summary>A numeric column. Takes the array over without copying.</summary>
    public static BinaryColumn Column(long[] coefficients, int scale, Bitmap validity) =>
        new(new ScaledNumbers(ColumnBuffer.Wrap(coefficients), scale), coefficients.Length, validity);

    /// <summary>A numeric column's values where they have this form, or it is a constant that has; one for all rows of a constant.</summary>
    public static bool TryRead(Column column, out ReadOnlySpan<long> coefficients, out int scale)
    {
        var binary = (BinaryColumn)column;
        if (binary.Form is ScaledNumbers numbers)
        {
            coefficients = numbers.Coefficients;
            scale = numbers.Scale;
            return true;
        }
        coefficients = default;
        scale = 0;
        if (!column.IsConstant || column.HasNulls)
            return false;
        SqlNumeric value = SqlNumeric.Read(binary[0]);
        if (!value.IsFinite || !value.TryGetCoefficient(out Int128 coefficient) || coefficient != (long)coefficient)
            return false;
        coefficients = new[] { (long)coefficient };
        scale = value.Scale;
        return true;
    }

    public override ValueForm Take(ReadOnlySpan<int> rows)
    {
        ReadOnlySpan<long> source = Coefficients;
        long[] target = GC.AllocateUninitializedArray<long>(rows.Length);
        for (int i = 0; i < rows.Length; i++)
            target[i] = source[rows[i]];
        return new ScaledNumbers(ColumnBuffer.Wrap(target), Scale);
    }

    public override ValueForm Slice(int start, int count) =>
        new ScaledNumbers(_values.Slice(start * sizeof(long), count * sizeof(long)), Scale);

    public override ValueForm? TryJoin(IReadOnlyList<Column> columns, int length)
    {
        long[] target = GC.AllocateUninitializedArray<long>(length);
        int start = 0;
        foreach (Column column in columns)
        {
            Span<long> place = target.AsSpan(start, column.Length);
            start += column.Length;
            if (column.IsConstant && column.IsNull(0))
                place.Clear();
            else if (!TryRead(column, out ReadOnlySpan<long> values, out int scale) || scale != Scale)
                return null;
            else if (column.IsConstant)
                place.Fill(values[0]);
            else
                values[..column.Length].CopyTo(place);
        }
        return new ScaledNumbers(ColumnBuffer.Wrap(target), Scale);
    }

    /// <remarks>Layout: that of <see cref="SqlNumeric"/>.</remarks>
    public override ListView ToBytes(int length, Bitmap validity)
    {
        ReadOnlySpan<long> source = Coefficients;
        byte[] data = GC.AllocateUninitializedArray<byte>((length * ValueBytesMax) + sizeof(ulong));
        int[] starts = GC.AllocateUninitializedArray<int>(length), lengths = GC.AllocateUninitializedArray<int>(length);
        int used = 0;
        for (int row = 0; row < length; row++)
        {
            starts[row] = used;
            if (!validity.IsAbsent && !validity[row])
            {
                lengths[row] = 0;
                continue;
            }
            long value = source[row];
            ulong magnitude = value < 0 ? 0UL - (ulong)value : (ulong)value;
            int significant = 8 - (BitOperations.LeadingZeroCount(magnitude) / 8);
            BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(used), (ushort)(Scale | (value < 0 ? NegativeBit : 0)));
            BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(used + HeaderBytes), magnitude);
            lengths[row] = HeaderBytes + significant;
            used += HeaderBytes + significant;
        }
        return new ListView(ColumnBuffer.Wrap(data, used), ColumnBuffer.Wrap(starts), ColumnBuffer.Wrap(lengths));
    }
}
