using System.Buffers;
using System.Security.Cryptography;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions.Text;

namespace VecSQL.Executor.Functions.Families;

/// <summary>bytea: cutting, bits, encodings, digests.</summary>
internal static class BinaryStringFunctions
{
    public static void Define(FunctionTable table)
    {
        table.Fixed("byteaoctetlen", static (in Row row) => row.Bytes(0).Length, isTotal: true);
        table.Fixed("bytea_bit_length", static (in Row row) => row.Bytes(0).Length * 8, isTotal: true);
        table.Fixed("byteapos", static (in Row row) => row.Bytes(0).IndexOf(row.Bytes(1)) + 1, isTotal: true);
        table.Fixed("bytea_bit_count", static (in Row row) => BitCount(row.Bytes(0)), isTotal: true);
        table.Binary("byteacat", static (in Row row, BinaryColumnBuilder target) =>
            target.Append([.. row.Bytes(0), .. row.Bytes(1)]));
        table.Binary("bytea_substr", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Cut(row.Bytes(0), row.Int4(1), row.Int4(2))));
        table.Binary("bytea_substr_no_len", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Cut(row.Bytes(0), row.Int4(1), null)));
        table.Binary("byteaoverlay", static (in Row row, BinaryColumnBuilder target) =>
            Overlay(row.Bytes(0), row.Bytes(1), row.Int4(2), row.Int4(3), target));
        table.Binary("byteaoverlay_no_len", static (in Row row, BinaryColumnBuilder target) =>
            Overlay(row.Bytes(0), row.Bytes(1), row.Int4(2), row.Bytes(1).Length, target));
        DefineTrims(table);
        DefineBits(table);
        DefineEncodings(table);
        DefineDigests(table);
        DefineSending(table);
    }

    private static void DefineTrims(FunctionTable table)
    {
        table.Binary("byteatrim", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(row.Bytes(0).Trim(row.Bytes(1))));
        table.Binary("bytealtrim", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(row.Bytes(0).TrimStart(row.Bytes(1))));
        table.Binary("byteartrim", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(row.Bytes(0).TrimEnd(row.Bytes(1))));
    }

    private static void DefineBits(FunctionTable table)
    {
        table.Fixed("byteaGetByte", static (in Row row) => (int)row.Bytes(0)[Index(row.Int4(1), row.Bytes(0).Length)]);
        table.Fixed("byteaGetBit", static (in Row row) =>
        {
            long bit = Index(row.Int8(1), row.Bytes(0).Length * 8L);
            return (row.Bytes(0)[(int)(bit >> 3)] >> (int)(bit & 7)) & 1;
        });
        table.Binary("byteaSetByte", static (in Row row, BinaryColumnBuilder target) =>
        {
            byte[] value = row.Bytes(0).ToArray();
            value[Index(row.Int4(1), value.Length)] = (byte)row.Int4(2);
            target.Append(value);
        });
        table.Binary("byteaSetBit", static (in Row row, BinaryColumnBuilder target) =>
        {
            byte[] value = row.Bytes(0).ToArray();
            long bit = Index(row.Int8(1), value.Length * 8L);
            if (row.Int4(2) is not (0 or 1))
                throw new SqlException(SqlState.InvalidParameterValue, "new bit must be 0 or 1");
            int mask = 1 << (int)(bit & 7);
            value[bit >> 3] = (byte)(row.Int4(2) == 1 ? value[bit >> 3] | mask : value[bit >> 3] & ~mask);
            target.Append(value);
        });
    }

    private static void DefineEncodings(FunctionTable table)
    {
        table.Binary("binary_encode", static (in Row row, BinaryColumnBuilder target) =>
            BinaryEncodings.Encode(row.Bytes(0), row.Text(1), target));
        table.Binary("binary_decode", static (in Row row, BinaryColumnBuilder target) =>
            BinaryEncodings.Decode(row.Bytes(0), row.Text(1), target));
        table.Binary("pg_convert_to", static (in Row row, BinaryColumnBuilder target) =>
        {
            CharacterSet set = CharacterSet.Named(row.Text(1), "destination");
            target.Append(CharacterSet.Convert(row.Bytes(0), default, set));
        });
        table.Binary("pg_convert_from", static (in Row row, BinaryColumnBuilder target) =>
        {
            CharacterSet set = CharacterSet.Named(row.Text(1), "source");
            byte[] text = CharacterSet.Convert(row.Bytes(0), set, default);
            Catalog.Formats.Utf8Text.Validate(text);
            target.Append(text);
        });
        table.Binary("pg_convert", static (in Row row, BinaryColumnBuilder target) =>
        {
            CharacterSet source = CharacterSet.Named(row.Text(1), "source");
            target.Append(CharacterSet.Convert(row.Bytes(0), source, CharacterSet.Named(row.Text(2), "destination")));
        });
        table.Fixed("length_in_encoding", static (in Row row) =>
            CharacterSet.Named(row.Text(1), "source").Count(row.Bytes(0)));
    }

    // MD5 is asked for by name; nobody's safety rests on it here.
#pragma warning disable CA5351 // md5() is SQL's name for it
    private static void DefineDigests(FunctionTable table)
    {
        table.Binary("md5_text", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Convert.ToHexStringLower(MD5.HashData(row.Bytes(0)))));
        table.Binary("md5_bytea", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Convert.ToHexStringLower(MD5.HashData(row.Bytes(0)))));
        table.Binary("sha224_bytea", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Sha224.HashData(row.Bytes(0))));
        table.Binary("sha256_bytea", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(SHA256.HashData(row.Bytes(0))));
        table.Binary("sha384_bytea", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(SHA384.HashData(row.Bytes(0))));
        table.Binary("sha512_bytea", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(SHA512.HashData(row.Bytes(0))));
    }
#pragma warning restore CA5351

    /// <summary>Values as their types send them to clients.</summary>
    private static void DefineSending(FunctionTable table)
    {
        (string Name, uint Type)[] senders =
        [
            ("int2send", TypeOid.Int2), ("int4send", TypeOid.Int4), ("int8send", TypeOid.Int8), ("byteasend", TypeOid.Bytea),
            ("textsend", TypeOid.Text), ("float4send", TypeOid.Float4), ("float8send", TypeOid.Float8), ("boolsend", TypeOid.Bool),
            ("numeric_send", TypeOid.Numeric), ("date_send", TypeOid.Date), ("time_send", TypeOid.Time),
            ("timestamp_send", TypeOid.Timestamp), ("timestamptz_send", TypeOid.TimestampTz), ("interval_send", TypeOid.Interval),
            ("uuid_send", TypeOid.Uuid),
        ];
        foreach ((string name, uint type) in senders)
        {
            TypeFormat format = TypeFormats.For(type);
            table.Binary(name, (in Row row, BinaryColumnBuilder target) =>
            {
                ArrayBufferWriter<byte> bytes = new();
                format.WriteBinary(row.Column(0), row.Index, bytes, row.Context.Format);
                target.Append(bytes.WrittenSpan);
            });
        }
    }

    private static long BitCount(ReadOnlySpan<byte> value)
    {
        long count = 0;
        foreach (byte b in value)
            count += System.Numerics.BitOperations.PopCount(b);
        return count;
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> value, int from, int? length)
    {
        if (length < 0)
            throw new SqlException(SqlState.SubstringError, "negative substring length not allowed");
        long start = Math.Max(from, 1), end = length is null ? value.Length + 1L
            : Math.Min((long)from + length.Value, value.Length + 1L);
        return end <= start ? [] : value[(int)(start - 1)..(int)(end - 1)];
    }

    private static void Overlay(
        ReadOnlySpan<byte> value, ReadOnlySpan<byte> with, int from, int length, BinaryColumnBuilder target)
    {
        if (from <= 0)
            throw new SqlException(SqlState.SubstringError, "negative substring length not allowed");
        long after = (long)from + length;
        if (after > int.MaxValue)
            throw NumberErrors.OutOfRange<int>();
        target.Append([.. Cut(value, 1, from - 1), .. with, .. Cut(value, (int)after, null)]);
    }

    private static int Index(int index, int length) => (int)Index((long)index, length);

    private static long Index(long index, long length) => index >= 0 && index < length
        ? index
        : throw new SqlException(SqlState.ArraySubscriptError, $"index {index} out of valid range, 0..{length - 1}");
}
