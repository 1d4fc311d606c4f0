using System.Buffers.Binary;
using VecSQL.Catalog.Formats;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Copy;

/// <summary>COPY's binary format.</summary>
/// <remarks>
/// Layout, integers big-endian: signature of 11 bytes, flags int32, length of an extension int32 and the extension;
/// then per row the field count int16 and per field its length int32 (−1 for null) and its binary form; at the end −1
/// as a field count.
/// </remarks>
internal sealed class BinaryCopyReader(string relation, ReadOnlySpan<CopyColumn> columns, FormatContext context)
    : CopyReader(relation, columns, context)
{
    private const int FieldSizeMax = 1 << 30;

    private bool _hasHeader;

    internal static readonly byte[] SignatureBytes = [.. "PGCOPY\n"u8, 0xFF, (byte)'\r', (byte)'\n', 0];

    private protected override int ReadRow(ReadOnlySpan<byte> data, bool isLast)
    {
        if (!_hasHeader)
            return ReadHeader(data, isLast);
        if (IsEnded)
        {
            Line = Math.Max(Line, 1);
            throw BadFormat("received copy data after EOF marker");
        }
        if (data.Length < sizeof(short))
            return isLast ? data.Length : 0; // half a count at the end counts as the end
        int count = BinaryPrimitives.ReadInt16BigEndian(data);
        if (count == -1)
        {
            IsEnded = true;
            Line++;
            return sizeof(short);
        }
        if (count != Columns.Length)
        {
            Line++;
            throw BadFormat($"row field count is {count}, expected {Columns.Length}");
        }
        return MeasureRow(data, isLast) is > 0 and int length ? DecodeRow(data, length) : 0;
    }

    private protected override void CheckEnd()
    {
        if (!_hasHeader)
            throw new SqlException(SqlState.BadCopyFileFormat, "COPY file signature not recognized");
    }

    /// <summary>A row's length; 0 if it is not all there. Nothing is decoded before all of it is.</summary>
    private int MeasureRow(ReadOnlySpan<byte> data, bool isLast)
    {
        int at = sizeof(short);
        for (int i = 0; i < Columns.Length; i++)
        {
            if (data.Length - at < sizeof(int))
                return isLast ? throw BadField(i, "unexpected EOF in COPY data") : 0;
            int size = BinaryPrimitives.ReadInt32BigEndian(data[at..]);
            at += sizeof(int);
            if (size is < -1 or > FieldSizeMax)
                throw BadField(i, "invalid field size");
            if (size > data.Length - at)
                return isLast ? throw BadField(i, "unexpected EOF in COPY data") : 0;
            at += Math.Max(size, 0);
        }
        return at;
    }

    private int DecodeRow(ReadOnlySpan<byte> data, int length)
    {
        Line++;
        int at = sizeof(short);
        for (int i = 0; i < Columns.Length; i++)
        {
            int size = BinaryPrimitives.ReadInt32BigEndian(data[at..]);
            at += sizeof(int);
            if (size < 0)
            {
                Rows.Columns[i].AppendNull();
                continue;
            }
            DecodeBinary(i, data.Slice(at, size));
            at += size;
        }
        Rows.EndRow();
        return length;
    }

    private int ReadHeader(ReadOnlySpan<byte> data, bool isLast)
    {
        int known = Math.Min(data.Length, SignatureBytes.Length);
        bool isSignature = data[..known].SequenceEqual(SignatureBytes.AsSpan(0, known));
        if (!isSignature || (isLast && known < SignatureBytes.Length))
            throw BadHeader("COPY file signature not recognized");
        int flagsAt = SignatureBytes.Length, sizeAt = flagsAt + sizeof(int), extensionAt = sizeAt + sizeof(int);
        if (data.Length < sizeAt)
            return isLast ? throw BadHeader("invalid COPY file header (missing flags)") : 0;
        int flags = BinaryPrimitives.ReadInt32BigEndian(data[flagsAt..]);
        if ((flags & (1 << 16)) != 0)
            throw BadHeader("invalid COPY file header (WITH OIDS)");
        if (flags >> 16 != 0) // the low half is for what a reader may ignore
            throw BadHeader("unrecognized critical flags in COPY file header");
        if (data.Length < extensionAt)
            return isLast ? throw BadHeader("invalid COPY file header (missing length)") : 0;
        int size = BinaryPrimitives.ReadInt32BigEndian(data[sizeAt..]);
        if (size < 0)
            throw BadHeader("invalid COPY file header (missing length)");
        if (data.Length - extensionAt < size)
            return isLast ? throw BadHeader("invalid COPY file header (wrong length)") : 0;
        _hasHeader = true;
        return extensionAt + size;
    }

    private SqlException BadField(int column, string message)
    {
        Line++;
        return new SqlException(SqlState.BadCopyFileFormat, message)
            .In($"COPY {Relation}, line {Line}, column {Columns[column].Name}");
    }

    private static SqlException BadHeader(string message) => new(SqlState.BadCopyFileFormat, message);
}
