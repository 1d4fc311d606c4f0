using System.Buffers.Binary;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Formats;

/// <summary>
/// Reads the big-endian fields of a value's binary form, and refuses what ends early or goes on too long.
/// </summary>
internal ref struct BinaryFields(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    internal readonly int Remaining => _rest.Length;

    internal byte ReadByte() => Take(1)[0];

    internal short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

    internal ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    internal int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    internal uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    internal long ReadInt64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    internal float ReadSingle() => BinaryPrimitives.ReadSingleBigEndian(Take(4));

    internal double ReadDouble() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    internal ReadOnlySpan<byte> ReadRest() => Take(_rest.Length);

    /// <exception cref="SqlException">There are fewer bytes than asked for (08P01).</exception>
    internal ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)_rest.Length)
            throw new SqlException(SqlState.ProtocolViolation, "insufficient data left in message");
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <exception cref="SqlException">Bytes are left (22P03).</exception>
    internal readonly void ExpectEnd()
    {
        if (!_rest.IsEmpty)
            throw FormatErrors.BadBinary("incorrect binary data format");
    }
}
