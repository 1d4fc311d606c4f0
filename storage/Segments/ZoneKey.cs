using System.Buffers.Binary;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Segments;

/// <summary>Maps values to integers in the order of the values, so that zones of every type compare alike.</summary>
/// <remarks>
/// Integers, dates and times map to themselves, floats to their bits in order (NaN last), text, bytea and uuid to their
/// first eight bytes, numeric to the nearest double. Types without a key: bpchar, interval, timetz, json, arrays,
/// vectors.
/// </remarks>
public static class ZoneKey
{
    /// <summary>Whether values of the type have keys.</summary>
    public static bool Exists(SqlType type) => type.Oid switch
    {
        TypeOid.Bool or TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8 or TypeOid.Oid => true,
        TypeOid.Float4 or TypeOid.Float8 or TypeOid.Numeric => true,
        TypeOid.Date or TypeOid.Time or TypeOid.Timestamp or TypeOid.TimestampTz => true,
        TypeOid.Text or TypeOid.VarChar or TypeOid.Name or TypeOid.Bytea or TypeOid.Uuid => true,
        _ => false,
    };

    /// <summary>The key of a non-null value; false for types without one.</summary>
    public static bool TryGet(SqlType type, Column column, int row, out long key)
    {
        key = 0;
        if (!Exists(type))
            return false;
        key = column switch
        {
            BoolColumn values => values[row] ? 1 : 0,
            FixedColumn<short> values => values[row],
            FixedColumn<int> values => values[row],
            FixedColumn<long> values => values[row],
            FixedColumn<float> values => OfDouble(values[row]),
            FixedColumn<double> values => OfDouble(values[row]),
            FixedColumn<Fixed16> values => OfPrefix(BinaryPrimitives.ReverseEndianness(values[row].Low)),
            BinaryColumn values when type.Oid == TypeOid.Numeric =>
                OfDouble(SqlNumeric.Read(values[row]).ToDoubleUnchecked()),
            BinaryColumn values => OfBytes(values[row]),
            _ => throw new ArgumentException($"no keys of {column.Type}", nameof(column)),
        };
        return true;
    }

    /// <summary>Bounds of some rows of a column.</summary>
    internal static Zone Bounds(SqlType type, Column column)
    {
        int nullCount = column.HasNulls ? CountNulls(column) : 0;
        if (!Exists(type) || nullCount == column.Length)
            return new Zone(nullCount, false, 0, 0);
        if (nullCount == 0)
        {
            switch (column.Expand())
            {
                case FixedColumn<int> integers:
                    (int least32, int most32) = Extremes(integers.Values);
                    return new Zone(0, true, least32, most32);
                case FixedColumn<long> integers:
                    (long least64, long most64) = Extremes(integers.Values);
                    return new Zone(0, true, least64, most64);
            }
        }
        long min = long.MaxValue, max = long.MinValue;
        for (int row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row))
                continue;
            TryGet(type, column, row, out long key);
            min = Math.Min(min, key);
            max = Math.Max(max, key);
        }
        return new Zone(nullCount, true, min, max);
    }

    private static int CountNulls(Column column)
    {
        if (column.IsConstant)
            return column.IsNull(0) ? column.Length : 0;
        return column.Length - column.Validity.CountSet();
    }

    private static (T Least, T Most) Extremes<T>(ReadOnlySpan<T> values) where T : unmanaged, System.Numerics.INumber<T>
    {
        T least = values[0], most = values[0];
        foreach (T value in values)
        {
            least = T.Min(least, value);
            most = T.Max(most, value);
        }
        return (least, most);
    }

    /// <summary>Negative numbers have their other bits turned, so that the more negative is the less.</summary>
    private static long OfDouble(double value)
    {
        if (double.IsNaN(value))
            return long.MaxValue;
        long bits = BitConverter.DoubleToInt64Bits(value == 0 ? 0 : value);
        return bits >= 0 ? bits : bits ^ long.MaxValue;
    }

    private static long OfBytes(ReadOnlySpan<byte> value)
    {
        if (value.Length >= sizeof(ulong))
            return OfPrefix(BinaryPrimitives.ReadUInt64BigEndian(value));
        ulong prefix = 0;
        for (int i = 0; i < value.Length; i++)
            prefix |= (ulong)value[i] << (56 - (8 * i));
        return OfPrefix(prefix);
    }

    private static long OfPrefix(ulong prefix) => (long)(prefix ^ (1UL << 63));
}
