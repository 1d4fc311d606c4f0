using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

/// <summary>Checks JSON text, and walks over it: what values of type json and jsonb consist of.</summary>
/// <remarks>
/// Messages and details are PostgreSQL's. Nesting is limited, so that no text exhausts the stack.
/// </remarks>
internal ref struct JsonReader
{
    /// <summary>
    /// Levels of arrays and objects; deeper texts are refused as PostgreSQL refuses what its stack cannot hold.
    /// </summary>
    internal const int DepthMax = 6_000;

    private readonly ReadOnlySpan<byte> _text;
    private readonly bool _isJsonb;

    internal JsonReader(ReadOnlySpan<byte> text, bool isJsonb)
    {
        _text = text;
        _isJsonb = isJsonb;
    }

    internal int At { get; private set; }

    /// <exception cref="SqlException">The text is not JSON (22P02).</exception>
    internal static void Check(ReadOnlySpan<byte> text)
    {
        var reader = new JsonReader(text, isJsonb: false);
        reader.SkipValue(0);
        reader.ExpectEnd();
    }

    internal readonly bool IsAtEnd => At == _text.Length;

    internal readonly byte Current => At < _text.Length ? _text[At] : (byte)0;

    internal void Advance(int count) => At += count;

    internal void SkipSpaces()
    {
        while (At < _text.Length && _text[At] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
            At++;
    }

    internal void ExpectEnd()
    {
        SkipSpaces();
        if (!IsAtEnd)
            throw Expected("end of input");
    }

    /// <exception cref="SqlException">The text is nested too deeply (54001).</exception>
    internal readonly void CheckDepth(int depth)
    {
        // What a level costs differs by reader and build, so the stack itself is asked too.
        if (depth > DepthMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded",
                hint: "JSON arrays and objects are nested too deeply.");
        }
    }

    /// <summary>Checks a value and moves behind it.</summary>
    internal void SkipValue(int depth)
    {
        CheckDepth(depth);
        SkipSpaces();
        switch (Current)
        {
            case (byte)'{':
                SkipObject(depth);
                break;
            case (byte)'[':
                SkipArray(depth);
                break;
            case (byte)'"':
                SkipString();
                break;
            default:
                ReadScalarToken("JSON value");
                break;
        }
    }

    private void SkipObject(int depth)
    {
        At++;
        SkipSpaces();
        if (TryTake('}'))
            return;
        for (string expected = "string or \"}\""; ; expected = "string")
        {
            SkipSpaces();
            if (Current != '"')
                throw Expected(expected);
            SkipString();
            SkipSpaces();
            if (!TryTake(':'))
                throw Expected("\":\"");
            SkipValue(depth + 1);
            SkipSpaces();
            if (TryTake('}'))
                return;
            if (!TryTake(','))
                throw Expected("\",\" or \"}\"");
        }
    }

    private void SkipArray(int depth)
    {
        At++;
        SkipSpaces();
        if (TryTake(']'))
            return;
        while (true)
        {
            SkipValue(depth + 1);
            SkipSpaces();
            if (TryTake(']'))
                return;
            if (!TryTake(','))
                throw Expected("\",\" or \"]\"");
        }
    }

    internal bool TryTake(char c)
    {
        if (At == _text.Length || _text[At] != c)
            return false;
        At++;
        return true;
    }

    /// <summary>Reads a number, true, false or null; returns it as written.</summary>
    internal ReadOnlySpan<byte> ReadScalarToken(string expected)
    {
        int start = At;
        if (IsAtEnd)
            throw Expected(expected);
        byte c = _text[At];
        if (c == '-' || TextScan.IsDigit(c))
        {
            SkipNumber();
            return _text[start..At];
        }
        if (!IsWord(c))
            throw c is (byte)'{' or (byte)'}' or (byte)'[' or (byte)']' or (byte)',' or (byte)':' or (byte)'"'
                ? Expected(expected)
                : InvalidToken(start, start + 1);
        while (At < _text.Length && IsWord(_text[At]))
            At++;
        ReadOnlySpan<byte> word = _text[start..At];
        if (word.SequenceEqual("true"u8) || word.SequenceEqual("false"u8) || word.SequenceEqual("null"u8))
            return word;
        throw InvalidToken(start, At);
    }

    private void SkipNumber()
    {
        int start = At;
        TryTake('-');
        bool isValid = true;
        if (Current == '0')
            At++;
        else
            isValid = SkipDigits() > 0;
        if (TryTake('.'))
            isValid &= SkipDigits() > 0;
        if (isValid && Current is (byte)'e' or (byte)'E')
        {
            At++;
            if (Current is (byte)'+' or (byte)'-')
                At++;
            isValid &= SkipDigits() > 0;
        }
        // What goes on like a word belongs to the token, so that all of it is named.
        while (At < _text.Length && IsWord(_text[At]))
        {
            isValid = false;
            At++;
        }
        if (!isValid)
            throw InvalidToken(start, At);
    }

    private int SkipDigits()
    {
        int start = At;
        while (At < _text.Length && TextScan.IsDigit(_text[At]))
            At++;
        return At - start;
    }

    /// <summary>Checks a string and moves behind it; returns it as written, without the quotes.</summary>
    internal ReadOnlySpan<byte> SkipString()
    {
        int start = At++;
        while (true)
        {
            int special = _text[At..].IndexOfAny(StringEnds);
            if (special < 0)
            {
                At = _text.Length;
                throw InvalidToken(start, At);
            }
            At += special;
            byte c = _text[At];
            if (c == '"')
            {
                At++;
                return _text[(start + 1)..(At - 1)];
            }
            if (c != '\\')
            {
                throw Syntax($"Character with value 0x{c:x2} must be escaped.", At);
            }
            SkipEscape(start);
        }
    }

    private static readonly SearchValues<byte> StringEnds = SearchValues.Create(
        [(byte)'"', (byte)'\\', .. Enumerable.Range(0, 32).Select(c => (byte)c)]);

    private void SkipEscape(int start)
    {
        At++;
        if (IsAtEnd)
            throw InvalidToken(start, At);
        byte c = _text[At];
        if (c == 'u')
        {
            SkipUnicodeEscape();
            return;
        }
        if (c is not ((byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t'))
        {
            Rune.DecodeFromUtf8(_text[At..], out _, out int length);
            throw Syntax($"Escape sequence \"\\{Encoding.UTF8.GetString(_text.Slice(At, length))}\" is invalid.", At
                + length);
        }
        At++;
    }

    private void SkipUnicodeEscape()
    {
        int unit = ReadUnit();
        if (!_isJsonb)
            return; // json keeps escapes as they are; surrogates are checked where they are decoded
        if (unit == 0)
        {
            throw new SqlException(SqlState.UntranslatableCharacter, "unsupported Unicode escape sequence")
            {
                Detail = "\\u0000 cannot be converted to text.",
            };
        }
        if (char.IsLowSurrogate((char)unit))
            throw Syntax("Unicode low surrogate must follow a high surrogate.", At);
        if (!char.IsHighSurrogate((char)unit))
            return;
        if (Current != '\\' || At + 1 >= _text.Length || _text[At + 1] != 'u')
            throw Syntax("Unicode low surrogate must follow a high surrogate.", At);
        At++;
        int low = ReadUnit();
        if (char.IsHighSurrogate((char)low))
            throw Syntax("Unicode high surrogate must not follow a high surrogate.", At);
        if (!char.IsLowSurrogate((char)low))
            throw Syntax("Unicode low surrogate must follow a high surrogate.", At);
    }

    private int ReadUnit()
    {
        int unit = 0;
        At++; // the u
        for (int i = 0; i < 4; i++, At++)
        {
            if (IsAtEnd || !char.IsAsciiHexDigit((char)_text[At]))
                throw Syntax("\"\\u\" must be followed by four hexadecimal digits.", At);
            byte c = _text[At];
            unit = (unit << 4) | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
        }
        return unit;
    }

    private static bool IsWord(byte c) => char.IsAsciiLetterOrDigit((char)c) || c >= 0x80 || c == '_';

    /// <summary>The error for a token that may not stand here; a token that is none by itself is called that.</summary>
    internal readonly SqlException Expected(string what)
    {
        if (IsAtEnd)
            return Syntax("The input string ended unexpectedly.", At);
        JsonReader token = this; // reads on without moving this reader
        byte c = _text[At];
        if (c == '"')
            token.SkipString();
        else if (c is (byte)'{' or (byte)'}' or (byte)'[' or (byte)']' or (byte)',' or (byte)':')
            token.At++;
        else
            token.ReadScalarToken(what);
        return Syntax($"Expected {what}, but found \"{Encoding.UTF8.GetString(_text[At..token.At])}\".", token.At);
    }

    private readonly SqlException InvalidToken(int start, int end) =>
        Syntax($"Token \"{Encoding.UTF8.GetString(_text[start..end])}\" is invalid.", end);

    /// <summary>The error with the line it is in, up to where the reader noticed it.</summary>
    private readonly SqlException Syntax(string detail, int end)
    {
        end = Math.Min(end, _text.Length);
        int lineStart = 0, line = 1;
        for (int i = 0; i < end; i++)
        {
            if (_text[i] == '\n')
            {
                lineStart = i + 1;
                line++;
            }
        }
        const int contextMax = 50;
        int from = lineStart;
        while (end - from >= contextMax)
            from++;
        while (from > lineStart && from < end && (_text[from] & 0xC0) == 0x80)
            from++;
        string before = from - lineStart > 3 ? "..." : "";
        if (from - lineStart <= 3)
            from = lineStart;
        bool goesOn = end < _text.Length && _text[end] is not ((byte)'\n' or (byte)'\r');
        string context = before + Encoding.UTF8.GetString(_text[from..end]) + (goesOn ? "..." : "");
        return new SqlException(SqlState.InvalidTextRepresentation, "invalid input syntax for type json")
        {
            Detail = detail,
            Where = $"JSON data, line {line}: {context}",
        };
    }
}
