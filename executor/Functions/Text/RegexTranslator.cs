using System.Globalization;
using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Text;

/// <summary>PostgreSQL's advanced regular expressions in .NET's syntax.</summary>
/// <remarks>
/// Differences that remain: where several alternatives match, .NET takes the first rather than the longest; collating
/// elements
/// (<c>[[.x.]]</c>) are single characters.
/// </remarks>
internal ref struct RegexTranslator
{
    private readonly string _pattern;
    private readonly StringBuilder _result;
    private RegexFlags _flags;
    private int _at, _depth, _groups;
    private bool _hasAtom;

    private RegexTranslator(string pattern, RegexFlags flags)
    {
        _pattern = pattern;
        _flags = flags;
        _result = new StringBuilder(pattern.Length + 16);
    }

    /// <exception cref="SqlException">2201B: the expression is malformed.</exception>
    public static (string Pattern, bool IgnoresCase) Translate(string pattern, RegexFlags flags)
    {
        var translator = new RegexTranslator(pattern, flags);
        translator.Run();
        return (translator._result.ToString(), translator._flags.IgnoresCase);
    }

    public static SqlException Error(string what) =>
        new(SqlState.InvalidRegularExpression, $"invalid regular expression: {what}");

    private readonly bool AtEnd => _at >= _pattern.Length;

    private readonly char Peek(int ahead = 0) => _at + ahead < _pattern.Length ? _pattern[_at + ahead] : '\0';

    private void Run()
    {
        ReadDirectors();
        if (_flags.IsLiteral)
        {
            _result.Append(System.Text.RegularExpressions.Regex.Escape(_pattern[_at..]));
            return;
        }
        while (!AtEnd)
            ReadOne();
        if (_depth > 0)
            throw Error("parentheses () not balanced");
    }

    /// <summary>***: and ***= at the start, then (?letters).</summary>
    private void ReadDirectors()
    {
        if (_pattern.StartsWith("***="))
        {
            _flags = _flags with { IsLiteral = true };
            _at = 4;
            return;
        }
        if (_pattern.StartsWith("***"))
        {
            if (Peek(3) != ':')
                throw Error("quantifier operand invalid");
            _at = 4;
        }
        if (Peek() != '(' || Peek(1) != '?' || !char.IsAsciiLetterLower(Peek(2)))
            return;
        int end = _pattern.IndexOf(')', _at);
        if (end < 0)
            throw Error("parentheses () not balanced");
        foreach (char letter in _pattern.AsSpan(_at + 2, end - _at - 2))
        {
            if (!"bceimnpqstwx".Contains(letter))
                throw Error("invalid embedded option");
            _flags = _flags.With(letter);
        }
        _at = end + 1;
    }

    private void ReadOne()
    {
        char c = _pattern[_at];
        switch (c)
        {
            case '(':
                ReadOpening();
                break;
            case ')':
                if (_depth == 0)
                    throw Error("parentheses () not balanced");
                _depth--;
                Emit(")", isAtom: true);
                break;
            case '[':
                ReadClass();
                break;
            case '\\':
                ReadEscape();
                break;
            case '*' or '+' or '?':
                ReadQuantifier(c.ToString(), 1);
                break;
            case '{' when char.IsAsciiDigit(Peek(1)):
                ReadBounds();
                break;
            case '{':
                Emit("\\{", isAtom: true);
                break;
            case '^':
                Emit(_flags.AnchorsAtLines ? "(?m:^)" : "\\A", isAtom: false);
                break;
            case '$':
                Emit(_flags.AnchorsAtLines ? "(?m:$)" : "\\z", isAtom: false);
                break;
            case '.':
                Emit(_flags.StopsAtNewline ? "[^\\n]" : "[\\s\\S]", isAtom: true);
                break;
            case '|':
                Emit("|", isAtom: false);
                break;
            case '#' when _flags.IsExpanded:
                while (!AtEnd && Peek() != '\n')
                    _at++;
                break;
            case var space when _flags.IsExpanded && char.IsWhiteSpace(space):
                _at++;
                break;
            default:
                ReadLiteral();
                break;
        }
    }

    private void Emit(string text, bool isAtom)
    {
        _result.Append(text);
        _hasAtom = isAtom;
        _at++;
    }

    private void ReadLiteral()
    {
        if (char.IsHighSurrogate(Peek()) && char.IsLowSurrogate(Peek(1)))
        {
            // so that a quantifier takes the whole character
            _result.Append("(?:").Append(_pattern, _at, 2).Append(')');
            _at += 2;
            _hasAtom = true;
            return;
        }
        Emit(Literal(Peek()), isAtom: true);
    }

    private static string Literal(char c) =>
        c is ']' or '}' or ' ' or '#' || ".$^{[(|)*+?\\".Contains(c) ? $"\\{c}" : c.ToString();

    private void ReadOpening()
    {
        _depth++;
        _hasAtom = false;
        if (Peek(1) != '?')
        {
            _groups++;
            _result.Append('(');
            _at++;
            return;
        }
        if (Peek(2) == '#')
        {
            int end = _pattern.IndexOf(')', _at);
            if (end < 0)
                throw Error("parentheses () not balanced");
            _depth--;
            _at = end + 1;
            return;
        }
        foreach (string opening in (string[])["(?:", "(?=", "(?!", "(?<=", "(?<!"])
        {
            if (!_pattern.AsSpan(_at).StartsWith(opening))
                continue;
            _result.Append(opening);
            _at += opening.Length;
            return;
        }
        throw Error("quantifier operand invalid");
    }

    private void ReadQuantifier(string text, int length)
    {
        if (!_hasAtom)
            throw Error("quantifier operand invalid");
        _result.Append(text);
        _at += length;
        if (Peek() == '?')
        {
            _result.Append('?');
            _at++;
        }
        _hasAtom = false; // a quantifier may not follow a quantifier
    }

    private void ReadBounds()
    {
        const int BoundMax = 255;
        int end = _pattern.IndexOf('}', _at);
        if (end < 0)
            throw Error("braces {} not balanced");
        string[] parts = _pattern[(_at + 1)..end].Split(',');
        if (parts.Length > 2 || !int.TryParse(parts[0], NumberStyles.None, null, out int min))
            throw Error("invalid repetition count(s)");
        int max = min;
        if (parts.Length == 2 && parts[1].Length == 0)
            max = BoundMax;
        else if (parts.Length == 2 && !int.TryParse(parts[1], NumberStyles.None, null, out max))
            throw Error("invalid repetition count(s)");
        if (min > BoundMax || max > BoundMax || min > max)
            throw Error("invalid repetition count(s)");
        ReadQuantifier(_pattern[_at..(end + 1)], end + 1 - _at);
    }

    private void ReadEscape()
    {
        char c = Peek(1);
        if (c == '\0')
            throw Error("invalid escape \\ sequence");
        string? constraint = c switch
        {
            'A' => "\\A",
            'Z' => "\\z",
            'm' => "(?:\\b(?=\\w))",
            'M' => "(?:\\b(?<=\\w))",
            'y' => "\\b",
            'Y' => "\\B",
            _ => null,
        };
        if (constraint is not null)
        {
            _at++;
            Emit(constraint, isAtom: false);
            return;
        }
        string? shorthand = c switch
        {
            'd' => "[0-9]",
            'D' => _flags.StopsAtNewline ? "[^0-9\\n]" : "[^0-9]",
            'w' => "\\w",
            'W' => _flags.StopsAtNewline ? "[^\\w\\n]" : "\\W",
            's' => $"[{Spaces}]",
            'S' => _flags.StopsAtNewline ? $"[^{Spaces}\\n]" : $"[^{Spaces}]",
            _ => null,
        };
        if (shorthand is not null)
        {
            _at++;
            Emit(shorthand, isAtom: true);
            return;
        }
        if (c is >= '1' and <= '9')
        {
            ReadBackReference();
            return;
        }
        AppendCode(ReadCharacterEscape());
        _hasAtom = true;
    }

    private void ReadBackReference()
    {
        int end = _at + 1, number = 0;
        for (; end < _pattern.Length && char.IsAsciiDigit(_pattern[end]); end++)
            number = Math.Min((number * 10) + (_pattern[end] - '0'), short.MaxValue);
        if (number > _groups && end > _at + 2)
        {
            // Several digits that are no group's number are a character's code.
            _at++;
            AppendCode(ReadDigits(8, 3, atLeast: 1));
            _hasAtom = true;
            return;
        }
        if (number > _groups)
            throw Error("invalid backreference number");
        _result.Append("(?:\\").Append(number).Append(')');
        _at = end;
        _hasAtom = true;
    }

    private readonly void AppendCode(int code)
    {
        if (code <= char.MaxValue)
            _result.Append("\\u").Append(code.ToString("X4"));
        else
            _result.Append("(?:").Append(new Rune(code).ToString()).Append(')');
    }

    /// <summary>Reads an escape that stands for one character; the position is at the backslash.</summary>
    private int ReadCharacterEscape()
    {
        char c = Peek(1);
        _at += 2;
        switch (c)
        {
            case 'a': return 7;
            case 'b': return 8;
            case 'B': return '\\';
            case 'e': return 27;
            case 'f': return 12;
            case 'n': return 10;
            case 'r': return 13;
            case 't': return 9;
            case 'v': return 11;
            case '0': return ReadDigits(8, 2);
            case 'u': return ReadHex(4);
            case 'U': return ReadHex(8);
            case 'x': return ReadDigits(16, int.MaxValue, atLeast: 1);
            case 'c' when !AtEnd: return _pattern[_at++] & 0x1F;
        }
        if (char.IsAsciiLetterOrDigit(c))
            throw Error("invalid escape \\ sequence");
        return c;
    }

    private int ReadHex(int digits)
    {
        int value = ReadDigits(16, digits, atLeast: digits);
        return Rune.IsValid(value) ? value : throw Error("invalid escape \\ sequence");
    }

    private int ReadDigits(int radix, int atMost, int atLeast = 0)
    {
        int value = 0, count = 0;
        for (; count < atMost && char.IsAsciiHexDigit(Peek())
            && Convert.ToInt32(Peek().ToString(), 16) < radix; count++, _at++)
            value = unchecked((value * radix) + Convert.ToInt32(Peek().ToString(), 16));
        return count < atLeast ? throw Error("invalid escape \\ sequence") : value;
    }

    /// <summary>Reads a bracket expression.</summary>
    private void ReadClass()
    {
        if (_pattern.AsSpan(_at).StartsWith("[[:<:]]") || _pattern.AsSpan(_at).StartsWith("[[:>:]]"))
        {
            _result.Append(_pattern[_at + 3] == '<' ? "(?:\\b(?=\\w))" : "(?:\\b(?<=\\w))");
            _at += 7;
            _hasAtom = false;
            return;
        }
        _at++;
        _result.Append('[');
        if (Peek() == '^')
        {
            _result.Append(_flags.StopsAtNewline ? "^\\n" : "^");
            _at++;
        }
        for (bool isFirst = true; isFirst || Peek() != ']'; isFirst = false)
        {
            if (AtEnd)
                throw Error("brackets [] not balanced");
            ReadClassItem();
        }
        _at++;
        _result.Append(']');
        _hasAtom = true;
    }

    private void ReadClassItem()
    {
        if (Peek() == '[' && Peek(1) == ':')
        {
            int end = _pattern.IndexOf(":]", _at, StringComparison.Ordinal);
            if (end < 0)
                throw Error("brackets [] not balanced");
            _result.Append(NamedClass(_pattern[(_at + 2)..end]));
            _at = end + 2;
            return;
        }
        if (Peek() == '\\' && "dswDSW".Contains(Peek(1)) && Peek(1) != '\0')
        {
            _result.Append(Peek(1) switch { 'd' => "0-9", 's' => Spaces, 'D' => "\\D", var letter => $"\\{letter}" });
            _at += 2;
            return;
        }
        int low = ReadClassCharacter();
        if (Peek() == '-' && Peek(1) is not (']' or '\0'))
        {
            _at++;
            int high = ReadClassCharacter();
            if (high < low)
                throw Error("invalid character range");
            AppendClassCode(low);
            _result.Append('-');
            AppendClassCode(high);
            return;
        }
        AppendClassCode(low);
    }

    private int ReadClassCharacter()
    {
        if (AtEnd)
            throw Error("brackets [] not balanced");
        if (Peek() == '\\')
            return Peek(1) == '\0' ? throw Error("invalid escape \\ sequence") : ReadCharacterEscape();
        if (Peek() == '[' && Peek(1) is '.' or '=')
        {
            int end = _pattern.IndexOf($"{Peek(1)}]", _at + 2, StringComparison.Ordinal);
            if (end != _at + 3)
                throw Error("invalid collating element");
            char element = _pattern[_at + 2];
            _at = end + 2;
            return element;
        }
        return _pattern[_at++];
    }

    private readonly void AppendClassCode(int code)
    {
        if (code > char.MaxValue) // .NET's classes know no characters beyond the basic plane
            throw new SqlException(SqlState.FeatureNotSupported,
                "bracket expressions with characters above U+FFFF are not supported");
        _result.Append("\\u").Append(code.ToString("X4"));
    }

    /// <summary>The letters, with the numbers that are written in letters and those in circles.</summary>
    private const string Letters = "\\p{L}\\p{Nl}\\u24B6-\\u24E9";

    /// <summary>White space at which a line may break, as the C library has it.</summary>
    private const string Spaces = " \\t-\\r\\u1680\\u2000-\\u2006\\u2008-\\u200A\\u2028\\u2029\\u205F\\u3000";

    private readonly string NamedClass(string name) => name switch
    {
        "alpha" or "upper" or "lower" when name == "alpha" || _flags.IgnoresCase => Letters,
        "digit" => "0-9",
        "alnum" => Letters + "\\p{Nd}",
        "upper" => "\\p{Lu}\\p{Lt}\\u2160-\\u216F\\u24B6-\\u24CF",
        "lower" => "\\p{Ll}\\u00AA\\u00BA\\u01C5\\u01C8\\u01CB\\u01F2\\u2170-\\u217F\\u24D0-\\u24E9",
        "space" => Spaces,
        "blank" => " \\t",
        "punct" => "!-/:-@\\[-`{-~\\p{P}\\p{S}",
        "cntrl" => "\\p{Cc}",
        "xdigit" => "0-9A-Fa-f",
        "print" => "\\u0020-\\u007E\\u00A0-\\uFFFD",
        "graph" => "\\u0021-\\u007E\\u00A1-\\uFFFD",
        "word" => "\\w",
        _ => throw Error("invalid character class"),
    };
}
