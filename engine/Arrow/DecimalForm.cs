using System.Numerics;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Arrow;

/// <summary>numeric(p, s): a decimal of 128 bits up to 38 digits, of 256 bits up to 76.</summary>
internal sealed class DecimalForm(ArrowTypeKind kind, int precision, int scale) : ArrowForm(new ArrowType(kind, precision, scale))
{
    internal override ArrowArray Encode(Column column)
    {
        var values = (BinaryColumn)column.Expand();
        (int nullCount, ColumnBuffer validity) = NullsOf(values);
        byte[] target = new byte[values.Length * Type.WidthBytes];
        if (Type.Kind == ArrowTypeKind.Decimal128 && ScaledNumbers.TryRead(values, out ReadOnlySpan<long> coefficients, out int held)
            && held == Type.Scale)
        {
            Span<Int128> wide = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, Int128>(target.AsSpan());
            for (int row = 0; row < wide.Length; row++)
                wide[row] = values.IsNull(row) ? 0 : coefficients[row];
        }
        else
        {
            for (int row = 0; row < values.Length; row++)
            {
                if (!values.IsNull(row))
                    Write(SqlNumeric.Read(values[row]), target.AsSpan(row * Type.WidthBytes, Type.WidthBytes));
            }
        }
        return new ArrowArray(Type, values.Length, nullCount, [validity, ColumnBuffer.Wrap(target)]);
    }

    internal override long BytesOf(Column column) => (long)column.Length * Type.WidthBytes;

    private void Write(SqlNumeric value, Span<byte> target)
    {
        if (!value.IsFinite)
        {
            throw new SqlException(SqlState.NumericValueOutOfRange, $"numeric {value} has no value in Arrow's decimals",
                hint: "Cast it to numeric without precision, to text or to double precision.");
        }
        BigInteger coefficient = value.Coefficient;
        if (value.Scale < Type.Scale)
            coefficient *= BigInteger.Pow(10, Type.Scale - value.Scale);
        else if (value.Scale > Type.Scale)
            throw Unfit(value);
        if (coefficient.Sign < 0)
            target.Fill(0xFF);
        if (!coefficient.TryWriteBytes(target, out int written))
            throw Unfit(value);
        if (coefficient.Sign >= 0)
            target[written..].Clear();
    }

    private SqlException Unfit(SqlNumeric value) =>
        new(SqlState.NumericValueOutOfRange, $"numeric {value} does not fit numeric({Type.Size}, {Type.Scale})");
}
