using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Families;

/// <summary>uuid and bit strings.</summary>
internal static class UuidFunctions
{
    public static void Define(FunctionTable table)
    {
        ValueOrder uuids = ValueOrder.Of(SqlType.Uuid);
        foreach ((string suffix, ComparisonKind kind) in ComparisonNames.All)
        {
            table.Bool("uuid_" + suffix, (in Row row) =>
                kind.Holds(uuids.Compare(row.Column(0), row.Index, row.Column(1), row.Index)), isTotal: true);
            table.Bool("bit" + suffix, (in Row row) =>
                kind.Holds(BitString.Compare(new BitString(row.Bytes(0)), new BitString(row.Bytes(1)))), isTotal: true);
        }
        table.Fixed("uuid_cmp", (in Row row) =>
            Math.Sign(uuids.Compare(row.Column(0), row.Index, row.Column(1), row.Index)));
        table.Fixed("bitcmp", static (in Row row) =>
            Math.Sign(BitString.Compare(new BitString(row.Bytes(0)), new BitString(row.Bytes(1)))));
        DefineBits(table);
        DefineBitConversions(table);
    }

    private static void DefineBits(FunctionTable table)
    {
        table.Fixed("bitlength", static (in Row row) => new BitString(row.Bytes(0)).Count, isTotal: true);
        table.Fixed("bitoctetlength", static (in Row row) =>
            (new BitString(row.Bytes(0)).Count + 7) / 8, isTotal: true);
        table.Fixed("bit_bit_count", static (in Row row) =>
        {
            long count = 0;
            foreach (byte b in new BitString(row.Bytes(0)).Bytes)
                count += System.Numerics.BitOperations.PopCount(b);
            return count;
        }, isTotal: true);
        Combine(table, "bit_and", "AND", static (x, y) => (byte)(x & y));
        Combine(table, "bit_or", "OR", static (x, y) => (byte)(x | y));
        Combine(table, "bitxor", "XOR", static (x, y) => (byte)(x ^ y));
        table.Binary("bitnot", static (in Row row, BinaryColumnBuilder target) =>
        {
            var bits = new BitString(row.Bytes(0));
            byte[] result = bits.Bytes.ToArray();
            for (int i = 0; i < result.Length; i++)
                result[i] = (byte)~result[i];
            BitString.Append(target, bits.Count, result);
        });
        table.Binary("bitshiftleft", static (in Row row, BinaryColumnBuilder target) =>
            Shift(in row, row.Int4(1), target));
        table.Binary("bitshiftright", static (in Row row, BinaryColumnBuilder target) =>
            Shift(in row, -(long)row.Int4(1), target));
        table.Binary("bitcat", static (in Row row, BinaryColumnBuilder target) =>
        {
            BitString x = new(row.Bytes(0)), y = new(row.Bytes(1));
            byte[] result = new byte[(x.Count + y.Count + 7) / 8];
            x.Bytes.CopyTo(result);
            for (int i = 0; i < y.Count; i++)
            {
                if (y[i])
                    result[(x.Count + i) >> 3] |= (byte)(0x80 >> ((x.Count + i) & 7));
            }
            BitString.Append(target, x.Count + y.Count, result);
        });
        DefineBitParts(table);
        table.Fixed("bitgetbit", static (in Row row) =>
        {
            var bits = new BitString(row.Bytes(0));
            return bits[Index(row.Int4(1), bits.Count)] ? 1 : 0;
        });
    }

    private static void DefineBitParts(FunctionTable table)
    {
        table.Binary("bitsubstr", static (in Row row, BinaryColumnBuilder target) =>
            Join(target, Cut(new BitString(row.Bytes(0)), row.Int4(1), row.Int4(2))));
        table.Binary("bitsubstr_no_len", static (in Row row, BinaryColumnBuilder target) =>
            Join(target, Cut(new BitString(row.Bytes(0)), row.Int4(1), null)));
        table.Binary("bitoverlay", static (in Row row, BinaryColumnBuilder target) =>
            Overlay(in row, row.Int4(3), target));
        table.Binary("bitoverlay_no_len", static (in Row row, BinaryColumnBuilder target) =>
            Overlay(in row, new BitString(row.Bytes(1)).Count, target));
        table.Fixed("bitposition", static (in Row row) =>
        {
            bool[] bits = Cut(new BitString(row.Bytes(0)), 1, null);
            return bits.Length == 0 ? 0 : bits.AsSpan().IndexOf(Cut(new BitString(row.Bytes(1)), 1, null)) + 1;
        });
        table.Binary("bitsetbit", static (in Row row, BinaryColumnBuilder target) =>
        {
            bool[] bits = Cut(new BitString(row.Bytes(0)), 1, null);
            int index = Index(row.Int4(1), bits.Length);
            if (row.Int4(2) is not (0 or 1))
                throw new SqlException(SqlState.InvalidParameterValue, "new bit must be 0 or 1");
            bits[index] = row.Int4(2) == 1;
            Join(target, bits);
        });
    }

    private static bool[] Cut(BitString bits, int from, int? length)
    {
        if (length < 0)
            throw new SqlException(SqlState.SubstringError, "negative substring length not allowed");
        long start = Math.Max(from, 1), end = Math.Min(length is null ? long.MaxValue : (long)from + length.Value,
            bits.Count + 1L);
        bool[] part = new bool[Math.Max(0, end - start)];
        for (int i = 0; i < part.Length; i++)
            part[i] = bits[(int)start - 1 + i];
        return part;
    }

    private static void Overlay(in Row row, int length, BinaryColumnBuilder target)
    {
        BitString value = new(row.Bytes(0)), with = new(row.Bytes(1));
        int from = row.Int4(2);
        if (from <= 0)
            throw new SqlException(SqlState.SubstringError, "negative substring length not allowed");
        long after = (long)from + length;
        if (after > int.MaxValue)
            throw NumberErrors.OutOfRange<int>();
        Join(target, [.. Cut(value, 1, from - 1), .. Cut(with, 1, null), .. Cut(value, (int)after, null)]);
    }

    private static void Join(BinaryColumnBuilder target, ReadOnlySpan<bool> bits)
    {
        byte[] bytes = new byte[(bits.Length + 7) / 8];
        for (int i = 0; i < bits.Length; i++)
        {
            if (bits[i])
                bytes[i >> 3] |= (byte)(0x80 >> (i & 7));
        }
        BitString.Append(target, bits.Length, bytes);
    }

    private static void DefineBitConversions(FunctionTable table)
    {
        table.Binary("bit", static (in Row row, BinaryColumnBuilder target) =>
            new BitString(row.Bytes(0)).AppendCast(target, isVarying: false, row.Int4(1), row.Bool(2)));
        table.Binary("varbit", static (in Row row, BinaryColumnBuilder target) =>
            new BitString(row.Bytes(0)).AppendCast(target, isVarying: true, row.Int4(1), row.Bool(2)));
        table.Binary("bitfromint4", static (in Row row, BinaryColumnBuilder target) =>
            FromInteger(row.Int4(0), 32, row.Int4(1), target));
        table.Binary("bitfromint8", static (in Row row, BinaryColumnBuilder target) =>
            FromInteger(row.Int8(0), 64, row.Int4(1), target));
        table.Fixed("bittoint4", static (in Row row) => (int)ToInteger(new BitString(row.Bytes(0)), 32, "integer"));
        table.Fixed("bittoint8", static (in Row row) => ToInteger(new BitString(row.Bytes(0)), 64, "bigint"));
    }

    /// <summary>The integer's low bits, with its sign before them where more are asked for.</summary>
    private static void FromInteger(long value, int width, int count, BinaryColumnBuilder target)
    {
        count = count < 1 ? 1 : count;
        byte[] bits = new byte[(count + 7) / 8];
        for (int i = 0; i < count; i++)
        {
            int place = count - 1 - i; // the bit's weight
            if (((value >> Math.Min(place, width - 1)) & 1) != 0)
                bits[i >> 3] |= (byte)(0x80 >> (i & 7));
        }
        BitString.Append(target, count, bits);
    }

    private static long ToInteger(BitString bits, int width, string type)
    {
        if (bits.Count > width)
            throw new SqlException(SqlState.NumericValueOutOfRange, $"{type} out of range");
        ulong value = 0;
        for (int i = 0; i < bits.Count; i++)
            value = (value << 1) | (bits[i] ? 1UL : 0);
        return width == 32 ? (int)(uint)value : (long)value;
    }

    private static void Combine(FunctionTable table, string name, string word, Func<byte, byte, byte> operation) =>
        table.Binary(name, (in Row row, BinaryColumnBuilder target) =>
        {
            BitString x = new(row.Bytes(0)), y = new(row.Bytes(1));
            if (x.Count != y.Count)
                throw new SqlException(SqlState.StringDataLengthMismatch,
                    $"cannot {word} bit strings of different sizes");
            byte[] result = new byte[x.Bytes.Length];
            for (int i = 0; i < result.Length; i++)
                result[i] = operation(x.Bytes[i], y.Bytes[i]);
            BitString.Append(target, x.Count, result);
        });

    private static void Shift(in Row row, long places, BinaryColumnBuilder target)
    {
        var bits = new BitString(row.Bytes(0));
        byte[] result = new byte[bits.Bytes.Length];
        for (int i = 0; i < bits.Count; i++)
        {
            long from = i + places;
            if (from >= 0 && from < bits.Count && bits[(int)from])
                result[i >> 3] |= (byte)(0x80 >> (i & 7));
        }
        BitString.Append(target, bits.Count, result);
    }

    private static int Index(int index, int count) => index >= 0 && index < count
        ? index
        : throw new SqlException(SqlState.ArraySubscriptError,
            $"bit index {index} out of valid range (0..{count - 1})");
}
