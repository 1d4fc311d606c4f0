using System.Buffers;
using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Parser.Lexing;

/// <summary>
/// Gathers the value of an E'…' constant, whose escapes may give characters or single bytes of UTF-8.
/// </summary>
internal sealed class EscapedString
{
    private static readonly UTF8Encoding StrictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly StringBuilder _text = new();

    // Filled only once an escape names a byte beyond ASCII; from then on it holds the whole value.
    private ArrayBufferWriter<byte>? _bytes;
    private uint _highSurrogate;

    /// <summary>Half of a pair has been read, so that nothing but the other half may follow.</summary>
    internal bool AwaitsLowSurrogate => _highSurrogate != 0;

    internal void Append(ReadOnlySpan<char> characters)
    {
        if (_bytes is null)
            _text.Append(characters);
        else
            Encoding.UTF8.GetBytes(characters, _bytes);
    }

    internal void AppendByte(byte value)
    {
        if (value == 0)
            throw InvalidBytes([0]);
        if (value < 128)
        {
            Append([(char)value]);
            return;
        }
        if (_bytes is null)
        {
            _bytes = new ArrayBufferWriter<byte>();
            Encoding.UTF8.GetBytes(_text.ToString(), _bytes);
        }
        _bytes.Write([value]);
    }

    /// <summary>False where surrogates do not pair up.</summary>
    internal bool TryAppendCode(uint code)
    {
        bool isLow = code is >= 0xDC00 and <= 0xDFFF;
        if (AwaitsLowSurrogate != isLow)
            return false;
        if (isLow)
        {
            code = 0x10000 + ((_highSurrogate - 0xD800) << 10) + (code - 0xDC00);
            _highSurrogate = 0;
        }
        if (code is >= 0xD800 and <= 0xDBFF)
        {
            _highSurrogate = code;
            return true;
        }
        Append(new Rune(code).ToString());
        return true;
    }

    /// <exception cref="SqlException">22021: the bytes are not UTF-8.</exception>
    internal string Finish()
    {
        if (_bytes is null)
            return _text.ToString();
        try
        {
            return StrictUtf8.GetString(_bytes.WrittenSpan);
        }
        catch (DecoderFallbackException invalid)
        {
            throw InvalidBytes(invalid.BytesUnknown ?? []);
        }
    }

    private static SqlException InvalidBytes(byte[] bytes) => new(
        SqlState.CharacterNotInRepertoire,
        "invalid byte sequence for encoding \"UTF8\": " + string.Join(' ', bytes.Select(value => $"0x{value:x2}")));
}
