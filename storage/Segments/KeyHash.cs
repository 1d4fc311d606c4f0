using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;

namespace VecSQL.Storage.Segments;

/// <summary>The hash of unique keys, one for delta and segments: keys that are equal in SQL hash equally.</summary>
/// <remarks>Stable: hashes are kept in sidecars, so a change here is a change of format.</remarks>
public static class KeyHash
{
    /// <summary>Hashes the key of each row. A null counts as a value of its own; see
    /// <see cref="SegmentKey.NullsNotDistinct"/>.</summary>
    public static void Compute(ReadOnlySpan<SqlType> types, ReadOnlySpan<Column> columns, Span<ulong> hashes)
    {
        ColumnHash.Start(hashes);
        for (int i = 0; i < columns.Length; i++)
        {
            switch (types[i].Oid)
            {
                case TypeOid.BpChar:
                    AddEach<BlankPadded>((BinaryColumn)columns[i], hashes);
                    break;
                case TypeOid.Numeric:
                    AddEach<Numeric>((BinaryColumn)columns[i], hashes);
                    break;
                case TypeOid.Jsonb:
                    AddEach<JsonDocument>((BinaryColumn)columns[i], hashes);
                    break;
                case TypeOid.Vector:
                    AddEach<SingleVector>((BinaryColumn)columns[i], hashes);
                    break;
                case TypeOid.HalfVector:
                    AddEach<HalfVector>((BinaryColumn)columns[i], hashes);
                    break;
                case TypeOid.Interval:
                    AddIntervals((FixedColumn<Fixed16>)columns[i], hashes);
                    break;
                case uint oid when HasUnlikeEquals(oid):
                    AddEach<Anything>((BinaryColumn)columns[i], hashes);
                    break;
                default:
                    ColumnHash.Add(columns[i], hashes);
                    break;
            }
        }
    }

    /// <summary>
    /// Arrays whose elements may be equal with different bytes. All get one hash: right, if slow; a unique array key is
    /// rare.
    /// </summary>
    private static bool HasUnlikeEquals(uint oid) =>
        oid is TypeOid.BpCharArray or TypeOid.Float4Array or TypeOid.Float8Array
        or TypeOid.NumericArray or TypeOid.VectorArray or TypeOid.HalfVectorArray
        or IntervalArray or JsonbArray or TimeTzArray;

    private const uint IntervalArray = 1187, TimeTzArray = 1270, JsonbArray = 3807;

    private static void AddEach<TForm>(BinaryColumn column, Span<ulong> hashes) where TForm : struct, IForm
    {
        for (int row = 0; row < hashes.Length; row++)
        {
            hashes[row] = column.IsNull(row)
                ? ColumnHash.CombineNull(hashes[row])
                : ColumnHash.Combine(hashes[row], TForm.Hash(column[row]));
        }
    }

    /// <summary>Intervals are equal when they come to the same time with months of 30 days of 24 hours.</summary>
    private static void AddIntervals(FixedColumn<Fixed16> column, Span<ulong> hashes)
    {
        const long DayMicroseconds = 86_400_000_000;
        for (int row = 0; row < hashes.Length; row++)
        {
            if (column.IsNull(row))
            {
                hashes[row] = ColumnHash.CombineNull(hashes[row]);
                continue;
            }
            Fixed16 value = column[row];
            long days = (30L * (int)(value.High >> 32)) + (int)value.High;
            Int128 total = ((Int128)days * DayMicroseconds) + (long)value.Low;
            hashes[row] = ColumnHash.Combine(ColumnHash.Combine(hashes[row], (ulong)total), (ulong)(total >> 64));
        }
    }

    private interface IForm
    {
        static abstract ulong Hash(ReadOnlySpan<byte> value);
    }

    /// <summary>Trailing blanks do not count.</summary>
    private readonly struct BlankPadded : IForm
    {
        public static ulong Hash(ReadOnlySpan<byte> value) => ColumnHash.OfBytes(value.TrimEnd((byte)' '));
    }

    /// <summary>1.5 and 1.50 are equal: zeros at the end of the fraction do not count.</summary>
    private readonly struct Numeric : IForm
    {
        [SkipLocalsInit]
        public static ulong Hash(ReadOnlySpan<byte> value)
        {
            SqlNumeric trimmed = SqlNumeric.Read(value).TrimScale();
            Span<byte> form = stackalloc byte[64];
            if (trimmed.EncodedLengthMax > form.Length)
                form = new byte[trimmed.EncodedLengthMax];
            return ColumnHash.OfBytes(form[..trimmed.Write(form)]);
        }
    }

    /// <summary>Numbers in a document may be equal in several spellings (1.0 and 1.00), so their characters are left
    /// out.</summary>
    private readonly struct JsonDocument : IForm
    {
        public static ulong Hash(ReadOnlySpan<byte> value)
        {
            ulong hash = 0;
            foreach (byte letter in value)
            {
                if (letter is not (
                    (>= (byte)'0' and <= (byte)'9') or (byte)'.' or (byte)'-' or (byte)'+' or (byte)'e' or (byte)'E'))
                    hash = ColumnHash.Combine(hash, letter);
            }
            return hash;
        }
    }

    private readonly struct SingleVector : IForm
    {
        public static ulong Hash(ReadOnlySpan<byte> value)
        {
            ulong hash = 0;
            foreach (float element in MemoryMarshal.Cast<byte, float>(value))
                hash = ColumnHash.Combine(hash, ColumnHash.OfDouble(element));
            return hash;
        }
    }

    private readonly struct HalfVector : IForm
    {
        public static ulong Hash(ReadOnlySpan<byte> value)
        {
            ulong hash = 0;
            foreach (ushort bits in MemoryMarshal.Cast<byte, ushort>(value))
                hash = ColumnHash.Combine(hash, bits == 0x8000 ? 0UL : bits); // −0 is 0
            return hash;
        }
    }

    private readonly struct Anything : IForm
    {
        public static ulong Hash(ReadOnlySpan<byte> value) => 0;
    }
}
