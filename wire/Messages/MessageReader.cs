using System.Buffers.Binary;
using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Wire.Messages;

/// <summary>Reads the body of one frontend message. Integers are big-endian, strings end with a zero byte.</summary>
/// <remarks>Source: PostgreSQL manual, "Frontend/Backend Protocol", section "Message Data Types".</remarks>
internal ref struct MessageReader(ReadOnlySpan<byte> body)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = body;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public byte ReadByte() => ReadBytes(1)[0];

    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(ReadBytes(sizeof(short)));

    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(ReadBytes(sizeof(int)));

    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if ((uint)count > (uint)_rest.Length)
            throw new ProtocolException("insufficient data left in message");
        ReadOnlySpan<byte> bytes = _rest[..count];
        _rest = _rest[count..];
        return bytes;
    }

    /// <exception cref="SqlException">22021: the string is not UTF-8.</exception>
    public string ReadCString()
    {
        int end = _rest.IndexOf((byte)0);
        if (end < 0)
            throw new ProtocolException("invalid string in message");
        ReadOnlySpan<byte> bytes = _rest[..end];
        _rest = _rest[(end + 1)..];
        return Decode(bytes);
    }

    public readonly void ExpectEnd()
    {
        if (!_rest.IsEmpty)
            throw new ProtocolException("invalid message format");
    }

    private static string Decode(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException invalid)
        {
            string bytes = string.Join(' ', (invalid.BytesUnknown ?? []).Select(unknown => $"0x{unknown:x2}"));
            throw new SqlException(SqlState.CharacterNotInRepertoire,
                $"invalid byte sequence for encoding \"UTF8\": {bytes}", cause: invalid);
        }
    }
}
