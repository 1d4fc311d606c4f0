using System.Globalization;
using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Paths;

internal enum PathTokenKind : byte { End, Symbol, Word, String, Variable, Number }

/// <param name="Text">What it stands for: a symbol, or a name or string without quotes and escapes.</param>
internal readonly record struct PathToken(PathTokenKind Kind, string Text, int Start, int End);

/// <summary>Cuts the text of a jsonpath into tokens.</summary>
internal sealed class PathLexer(string text)
{
    private const string Special = "?%$.[]{}()|&!=<>@#,*:-+/";

    private int _at;

    internal PathToken Next()
    {
        SkipBlanks();
        int start = _at;
        if (start == text.Length)
            return new PathToken(PathTokenKind.End, "", start, start);
        char c = text[start];
        if (c == '"')
            return new PathToken(PathTokenKind.String, ReadQuoted(), start, _at);
        if (char.IsAsciiDigit(c) || (c == '.' && start + 1 < text.Length && char.IsAsciiDigit(text[start + 1])))
            return new PathToken(PathTokenKind.Number, ReadNumber(), start, _at);
        if (c == '$' && start + 1 < text.Length && (text[start + 1] == '"' || IsOther(text[start + 1])))
        {
            _at++;
            return new PathToken(PathTokenKind.Variable, text[_at] == '"' ? ReadQuoted() : ReadPlain(), start, _at);
        }
        return Special.Contains(c)
            ? new PathToken(PathTokenKind.Symbol, ReadSymbol(), start, _at)
            : new PathToken(PathTokenKind.Word, ReadWord(), start, _at);
    }

    internal SqlException Unexpected(PathToken token) => token.Kind is PathTokenKind.End or PathTokenKind.Word
        ? new SqlException(SqlState.SyntaxError, "syntax error at end of jsonpath input")
        : Error("syntax error", token.Start, token.End);

    internal SqlException Error(string problem, int start, int end) =>
        new(SqlState.SyntaxError, $"{problem} at or near \"{text[start..end]}\" of jsonpath input");

    private static bool IsBlank(char c) => c is ' ' or '\t' or '\n' or '\r' or '\f';

    private static bool IsOther(char c) => !IsBlank(c) && c is not ('"' or '\\') && !Special.Contains(c);

    private void SkipBlanks()
    {
        while (_at < text.Length)
        {
            if (IsBlank(text[_at]))
            {
                _at++;
            }
            else if (text.AsSpan(_at).StartsWith("/*"))
            {
                int end = text.IndexOf("*/", _at + 2, StringComparison.Ordinal);
                if (end < 0)
                    throw new SqlException(SqlState.SyntaxError, "unexpected end of comment at end of jsonpath input");
                _at = end + 2;
            }
            else
            {
                return;
            }
        }
    }

    private string ReadSymbol()
    {
        ReadOnlySpan<char> rest = text.AsSpan(_at);
        foreach (string two in (ReadOnlySpan<string>)["&&", "||", "**", "<=", "==", "!=", "<>", ">="])
        {
            if (!rest.StartsWith(two))
                continue;
            _at += two.Length;
            return two == "<>" ? "!=" : two;
        }
        return text[_at++].ToString();
    }

    private string ReadPlain()
    {
        int start = _at;
        while (_at < text.Length && IsOther(text[_at]))
            _at++;
        return text[start.._at];
    }

    private string ReadWord()
    {
        StringBuilder word = new();
        while (_at < text.Length && (IsOther(text[_at]) || text[_at] == '\\'))
        {
            if (text[_at] == '\\')
                ReadEscape(word);
            else
                word.Append(text[_at++]);
        }
        return word.ToString();
    }

    private string ReadQuoted()
    {
        StringBuilder value = new();
        for (_at++; _at < text.Length;)
        {
            if (text[_at] == '"')
            {
                _at++;
                return value.ToString();
            }
            if (text[_at] == '\\')
                ReadEscape(value);
            else
                value.Append(text[_at++]);
        }
        throw new SqlException(SqlState.SyntaxError, "unexpected end of quoted string at end of jsonpath input");
    }

    private void ReadEscape(StringBuilder target)
    {
        int start = _at;
        if (start + 1 >= text.Length)
            throw new SqlException(SqlState.SyntaxError, "unexpected end after backslash at end of jsonpath input");
        char c = text[start + 1];
        _at += 2;
        switch (c)
        {
            case 'u':
                ReadUnicode(target, start);
                break;
            case 'x':
                target.Append((char)ReadHex(2, start));
                break;
            default:
                target.Append(c switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', 'v' => '\v', _ => c });
                break;
        }
    }

    private int ReadHex(int digits, int start)
    {
        int end = _at;
        while (end < text.Length && end < _at + digits && char.IsAsciiHexDigit(text[end]))
            end++;
        if (end < _at + digits)
            throw Error(digits == 2 ? "invalid hexadecimal character sequence" : "invalid unicode sequence", start, end);
        int value = int.Parse(text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        if (value == 0)
            throw NotACharacter("\\u0000 cannot be converted to text.");
        _at = end;
        return value;
    }

    private void ReadUnicode(StringBuilder target, int start)
    {
        if (_at < text.Length && text[_at] == '{')
        {
            int close = text.IndexOf('}', _at);
            int digits = close - _at - 1;
            if (digits is < 1 or > 6)
                throw Error("invalid unicode sequence", start, Math.Min(_at + 1, text.Length));
            _at++;
            int point = ReadHex(digits, start);
            _at++;
            Append(target, point);
            return;
        }
        int unit = ReadHex(4, start);
        if (!char.IsHighSurrogate((char)unit))
        {
            Append(target, unit);
            return;
        }
        if (!text.AsSpan(_at).StartsWith("\\u"))
            throw NotACharacter("Unicode low surrogate must follow a high surrogate.");
        _at += 2;
        int low = ReadHex(4, start);
        if (!char.IsLowSurrogate((char)low))
            throw NotACharacter("Unicode low surrogate must follow a high surrogate.");
        target.Append((char)unit).Append((char)low);
    }

    private static void Append(StringBuilder target, int point)
    {
        if (!Rune.IsValid(point))
            throw NotACharacter("Unicode low surrogate must follow a high surrogate.");
        target.Append(new Rune(point).ToString());
    }

    private static SqlException NotACharacter(string detail) =>
        new(SqlState.InvalidTextRepresentation, "unsupported Unicode escape sequence") { Detail = detail };

    private string ReadNumber()
    {
        int start = _at;
        bool isZero = text[_at] == '0';
        if (isZero)
            _at++;
        else
            SkipDigits();
        if (_at < text.Length && text[_at] == '.')
        {
            _at++;
            SkipDigits();
        }
        if (_at < text.Length && text[_at] is 'e' or 'E')
        {
            int digits = _at + 1;
            if (digits < text.Length && text[digits] is '+' or '-')
                digits++;
            if (digits < text.Length && char.IsAsciiDigit(text[digits]))
            {
                _at = digits;
                SkipDigits();
            }
        }
        if (_at < text.Length && IsOther(text[_at]))
            throw Error("trailing junk after numeric literal", start, _at + 1);
        return text[start.._at];
    }

    private void SkipDigits()
    {
        while (_at < text.Length && char.IsAsciiDigit(text[_at]))
            _at++;
    }
}
