using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Indexes;

/// <summary>Hashes of keys until segments have theirs.</summary>
internal static class KeyHashing
{
    public static void Compute(ReadOnlySpan<SqlType> types, ReadOnlySpan<Column> columns, Span<ulong> hashes)
    {
        hashes.Fill(0x9E3779B97F4A7C15);
        for (int i = 0; i < columns.Length; i++)
        {
            for (int row = 0; row < hashes.Length; row++)
                hashes[row] = (hashes[row] ^ Hash(types[i], columns[i], row)) * 0xff51afd7ed558ccd;
        }
        for (int row = 0; row < hashes.Length; row++)
            hashes[row] ^= hashes[row] >> 32;
    }

    private static ulong Hash(SqlType type, Column column, int row)
    {
        if (column.IsNull(row))
            return 1;
        switch (column.Type)
        {
            case PhysicalType.Bool: return ((BoolColumn)column)[row] ? 2UL : 3;
            case PhysicalType.Int16: return (ulong)((FixedColumn<short>)column)[row];
            case PhysicalType.Int32: return (ulong)((FixedColumn<int>)column)[row];
            case PhysicalType.Int64: return (ulong)((FixedColumn<long>)column)[row];
            case PhysicalType.Float32: return (ulong)(((FixedColumn<float>)column)[row] + 0.0).GetHashCode();
            case PhysicalType.Float64: return (ulong)(((FixedColumn<double>)column)[row] + 0.0).GetHashCode();
            case PhysicalType.Fixed16:
                Fixed16 value = ((FixedColumn<Fixed16>)column)[row];
                return type.Oid == TypeOid.Interval
                    ? (ulong)KeyEquality.IntervalSpan(value)
                    : value.Low ^ (value.High * 0x9E3779B97F4A7C15);
            default:
                ulong hash = 14695981039346656037;
                ReadOnlySpan<byte> bytes = ((BinaryColumn)column)[row];
                foreach (byte b in type.Oid == TypeOid.BpChar ? bytes.TrimEnd((byte)' ') : bytes)
                    hash = (hash ^ b) * 1099511628211;
                return hash;
        }
    }
}
