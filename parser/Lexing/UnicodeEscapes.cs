using System.Globalization;
using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Parser.Lexing;

/// <summary>
/// Decodes the escapes of U&amp;'…': four digits behind the escape character, or six behind it and a plus.
/// </summary>
/// <param name="raw">What stands between the quotes, doubled quotes already made single.</param>
/// <param name="positionOf">The position in the statement of an offset in <paramref name="raw"/>.</param>
internal sealed class UnicodeEscapes(string raw, char escape, Func<int, int> positionOf)
{
    private readonly StringBuilder _value = new(raw.Length);
    private int _at;

    internal string Decode()
    {
        uint high = 0;
        while (_at < raw.Length)
        {
            if (raw[_at] != escape || (_at + 1 < raw.Length && raw[_at + 1] == escape))
            {
                if (high != 0)
                    throw UnpairedSurrogate();
                _value.Append(raw[_at]);
                _at += raw[_at] == escape ? 2 : 1;
                continue;
            }
            uint code = ReadCode(out int length);
            bool isLow = code is >= 0xDC00 and <= 0xDFFF;
            if (isLow != (high != 0))
                throw UnpairedSurrogate();
            _at += length;
            if (code is >= 0xD800 and <= 0xDBFF)
            {
                high = code;
                continue;
            }
            _value.Append(new Rune(isLow ? 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00) : code).ToString());
            high = 0;
        }
        return high == 0 ? _value.ToString() : throw UnpairedSurrogate();
    }

    internal static bool TryReadHex(string text, int start, int digits, out uint code)
    {
        code = 0;
        return start + digits <= text.Length
            && uint.TryParse(text.AsSpan(start, digits), NumberStyles.AllowHexSpecifier, null, out code);
    }

    private uint ReadCode(out int length)
    {
        bool isLong = _at + 1 < raw.Length && raw[_at + 1] == '+';
        length = isLong ? 8 : 5;
        if (!TryReadHex(raw, isLong ? _at + 2 : _at + 1, isLong ? 6 : 4, out uint code))
        {
            throw new SqlException(
                SqlState.SyntaxError,
                "invalid Unicode escape",
                positionOf(_at),
                "Unicode escapes must be \\XXXX or \\+XXXXXX.");
        }
        if (code is 0 or > 0x10FFFF)
            throw new SqlException(SqlState.SyntaxError, "invalid Unicode escape value", positionOf(_at));
        return code;
    }

    private SqlException UnpairedSurrogate() =>
        new(SqlState.SyntaxError, "invalid Unicode surrogate pair", positionOf(_at));
}
