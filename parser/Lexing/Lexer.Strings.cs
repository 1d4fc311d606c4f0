using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Parser.Lexing;

internal sealed partial class Lexer
{
    private StringBuilder? _builder;

    /// <summary>
    /// The value of a string in single quotes without backslash escapes, from behind the opening quote.
    /// </summary>
    private string ReadQuoted(int valueStart, string unterminated)
    {
        StringBuilder? value = null;
        while (true)
        {
            int length = text.AsSpan(valueStart).IndexOf('\'');
            if (length < 0)
            {
                _at = text.Length;
                throw Error(unterminated);
            }
            int end = valueStart + length;
            if (CharAt(end + 1) == '\'')
            {
                value ??= FreshBuilder();
                value.Append(text, valueStart, length + 1);
                valueStart = end + 2;
                continue;
            }
            _at = end + 1;
            if (!TryFindContinuation(_at, out int continued))
                return value is null
                    ? text.Substring(valueStart, length)
                    : value.Append(text, valueStart, length).ToString();
            value ??= FreshBuilder();
            value.Append(text, valueStart, length);
            valueStart = continued;
        }
    }

    private string ReadDelimitedName(int valueStart)
    {
        StringBuilder? value = null;
        while (true)
        {
            int length = text.AsSpan(valueStart).IndexOf('"');
            if (length < 0)
            {
                _at = text.Length;
                throw Error("unterminated quoted identifier");
            }
            _at = valueStart + length + 1;
            if (CharAt(_at) == '"')
            {
                value ??= FreshBuilder();
                value.Append(text, valueStart, length + 1);
                valueStart = _at + 1;
                continue;
            }
            if (value is null && length == 0)
                throw Error("zero-length delimited identifier");
            return value is null
                ? text.Substring(valueStart, length)
                : value.Append(text, valueStart, length).ToString();
        }
    }

    private string ReadDollarQuoted(int valueStart)
    {
        ReadOnlySpan<char> delimiter = text.AsSpan(_tokenStart, valueStart - _tokenStart);
        int length = text.AsSpan(valueStart).IndexOf(delimiter);
        if (length < 0)
        {
            _at = text.Length;
            throw Error("unterminated dollar-quoted string");
        }
        _at = valueStart + length + delimiter.Length;
        return text.Substring(valueStart, length);
    }

    private StringBuilder FreshBuilder() => (_builder ??= new StringBuilder()).Clear();

    /// <summary>
    /// Replaces the escapes of U&amp;'…' and U&amp;"…", reading the UESCAPE behind it if there is one.
    /// </summary>
    private string DecodeUnicode(string raw, int rawStart)
    {
        char escape = ReadUnicodeEscapeCharacter();
        if (!raw.Contains(escape))
            return raw;
        return new UnicodeEscapes(raw, escape, offset => PositionOf(Math.Min(rawStart + offset, text.Length))).Decode();
    }

    private char ReadUnicodeEscapeCharacter()
    {
        const string Word = "uescape";
        int end = _at, start = _tokenStart;
        SkipBlanks();
        _tokenStart = start;
        ReadOnlySpan<char> rest = text.AsSpan(_at);
        if (!rest.StartsWith(Word, StringComparison.OrdinalIgnoreCase) ||
            (rest.Length > Word.Length && CharacterClass.IsNamePart(rest[Word.Length])))
        {
            _at = end;
            return '\\';
        }
        _at += Word.Length;
        SkipBlanks();
        int quote = _at;
        if (CharAt(_at) != '\'')
            throw Error("UESCAPE must be followed by a simple string literal", quote, quote + 1);
        _tokenStart = quote;
        string value = ReadQuoted(quote + 1, "unterminated quoted string");
        _tokenStart = start;
        if (value.Length != 1 || char.IsAsciiHexDigit(value[0]) || value[0] is '+' or '\'' or '"'
            || CharacterClass.IsBlank(value[0]))
        {
            throw Error("invalid Unicode escape character", quote, _at);
        }
        return value[0];
    }

    private SqlException UnsafeUnicode() => new(
        SqlState.FeatureNotSupported, "unsafe use of string constant with Unicode escapes", PositionOf(_tokenStart))
    {
        Detail = "String constants with Unicode escapes cannot be used when standard_conforming_strings is off.",
    };

    /// <summary>The value of E'…', from behind the opening quote.</summary>
    /// <param name="warn">Told of the first escape.</param>
    private string ReadEscaped(int valueStart, Action<string, string>? warn)
    {
        EscapedString value = new();
        _at = valueStart;
        while (true)
        {
            int length = text.AsSpan(_at).IndexOfAny('\'', '\\');
            if (length < 0 || (text[_at + length] == '\\' && _at + length + 1 >= text.Length))
            {
                _at = text.Length;
                throw Error("unterminated quoted string");
            }
            value.Append(text.AsSpan(_at, length));
            if (length > 0)
                RefuseLoneSurrogate(value, _at, _at + 1);
            _at += length;
            if (text[_at] == '\\')
            {
                RefuseEscapedQuote(text[_at + 1]);
                WarnOfEscape(text[_at + 1], warn);
                warn = null;
                ReadEscape(value);
                continue;
            }
            RefuseLoneSurrogate(value, _at, _at + 1);
            if (CharAt(_at + 1) == '\'')
            {
                value.Append("'");
                _at += 2;
                continue;
            }
            _at++;
            if (!TryFindContinuation(_at, out int continued))
                return value.Finish();
            _at = continued;
        }
    }

    private void RefuseEscapedQuote(char escaped)
    {
        if (escaped == '\'' && strings is { AllowsEscapedQuotes: false })
        {
            throw new SqlException(SqlState.NonstandardUseOfEscapeCharacter, "unsafe use of \\' in a string literal",
                PositionOf(_at), "Use '' to write quotes in strings. \\' is insecure in client-only encodings.");
        }
    }

    private static void WarnOfEscape(char escaped, Action<string, string>? warn)
    {
        switch (escaped)
        {
            case '\'':
                warn?.Invoke("nonstandard use of \\' in a string literal",
                    "Use '' to write quotes in strings, or use the escape string syntax (E'...').");
                break;
            case '\\':
                warn?.Invoke("nonstandard use of \\\\ in a string literal",
                    "Use the escape string syntax for backslashes, e.g., E'\\\\'.");
                break;
            default:
                warn?.Invoke("nonstandard use of escape in a string literal",
                    "Use the escape string syntax for escapes, e.g., E'\\r\\n'.");
                break;
        }
    }

    private void ReadEscape(EscapedString value)
    {
        int start = _at;
        char c = text[_at + 1];
        _at += 2;
        if (c is not ('u' or 'U'))
            RefuseLoneSurrogate(value, start, _at);
        switch (c)
        {
            case 'u' or 'U':
                ReadUnicodeEscape(value, start, digits: c == 'u' ? 4 : 8);
                return;
            case >= '0' and <= '7':
                int octal = c - '0';
                for (int count = 1; count < 3 && CharAt(_at) is >= '0' and <= '7'; count++)
                    octal = (octal * 8) + text[_at++] - '0';
                value.AppendByte((byte)octal);
                return;
            case 'x' when char.IsAsciiHexDigit(CharAt(_at)):
                int hex = 0;
                for (int count = 0; count < 2 && char.IsAsciiHexDigit(CharAt(_at)); count++)
                    hex = (hex * 16) + Convert.ToInt32(text[_at++].ToString(), 16);
                value.AppendByte((byte)hex);
                return;
        }
        ReadOnlySpan<char> plain = c switch
        {
            'b' => "\b", 'f' => "\f", 'n' => "\n", 'r' => "\r", 't' => "\t", _ => [c],
        };
        value.Append(plain);
    }

    private void ReadUnicodeEscape(EscapedString value, int start, int digits)
    {
        if (!UnicodeEscapes.TryReadHex(text, _at, digits, out uint code))
        {
            throw new SqlException(
                SqlState.InvalidEscapeSequence,
                "invalid Unicode escape",
                PositionOf(start),
                "Unicode escapes must be \\uXXXX or \\UXXXXXXXX.");
        }
        _at += digits;
        if (code > 0x10FFFF || code == 0)
            throw Error("invalid Unicode escape value", start, _at);
        if (!value.TryAppendCode(code))
            throw Error("invalid Unicode surrogate pair", start, _at);
    }

    private void RefuseLoneSurrogate(EscapedString value, int start, int end)
    {
        if (value.AwaitsLowSurrogate)
            throw Error("invalid Unicode surrogate pair", start, end);
    }
}
