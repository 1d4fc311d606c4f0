using System.Globalization;
using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers.Patterns;

/// <summary>Takes a regular expression apart, in the dialect that Hugging Face's library reads (Oniguruma's).</summary>
/// <remarks>What is not supported is refused, with its place: groups that are referred to, conditions, looking behind
/// at more than one code point, scripts but Han.</remarks>
internal ref struct RegexParser(ReadOnlySpan<char> source)
{
    private const int DepthMax = 100;
    private const int RepeatMax = 1000;
    private const int RepeatsMax = 10; // of one thing, one repeating the other: each makes what walks the tree go deeper

    private static readonly CodePointSet Space = CodePointSet.Kinds(CodePointKinds.Space);
    private static readonly CodePointSet Digit = CodePointSet.Property("Nd")!;
    private static readonly CodePointSet HexDigit = new(point => point < 128 && char.IsAsciiHexDigit((char)point));
    private static readonly CodePointSet WordInClass = CodePointSet.Kinds(CodePointKinds.Word);
    private static readonly CodePointSet Word = // the signs of Latin-1 that are numbers count outside of brackets only
        WordInClass.Or(new CodePointSet(point => point is 0xB2 or 0xB3 or 0xB9 or >= 0xBC and <= 0xBE));

    private readonly ReadOnlySpan<char> _source = source;
    private int _at;
    private int _depth;

    /// <exception cref="FormatException">It is none, or asks for what is not supported.</exception>
    internal RegexNode Parse()
    {
        RegexNode node = ParseChoice(ignoresCase: false);
        return _at == _source.Length ? node : throw Wrong("a bracket that nothing opens");
    }

    private RegexNode ParseChoice(bool ignoresCase)
    {
        if (++_depth > DepthMax)
            throw Wrong("brackets too deep");
        List<RegexNode> branches = [];
        do
            branches.Add(ParseSequence(ref ignoresCase));
        while (TryTake('|'));
        _depth--;
        return branches.Count == 1 ? branches[0] : new RegexNode.Choice(branches);
    }

    private RegexNode ParseSequence(ref bool ignoresCase)
    {
        List<RegexNode> parts = [];
        while (_at < _source.Length && _source[_at] is not ('|' or ')'))
        {
            if (_source[_at..].StartsWith("(?i)"))
            {
                _at += 4;
                ignoresCase = true;
                continue;
            }
            parts.Add(ParseRepeats(ParseOne(ignoresCase)));
        }
        return parts.Count == 1 ? parts[0] : new RegexNode.Sequence(parts);
    }

    private RegexNode ParseRepeats(RegexNode node)
    {
        for (int count = 0; _at < _source.Length; count++)
        {
            int least, most;
            bool isInterval = false;
            switch (_source[_at])
            {
                case '*':
                    (least, most) = (0, int.MaxValue);
                    break;
                case '+':
                    (least, most) = (1, int.MaxValue);
                    break;
                case '?':
                    (least, most) = (0, 1);
                    break;
                case '{' when TryReadInterval(out least, out most):
                    isInterval = true;
                    break;
                default:
                    return node;
            }
            if (count == RepeatsMax)
                throw Wrong("too many repetitions of one thing");
            if (!isInterval)
                _at++;
            bool isLazy = TryTake('?');
            bool keeps = !isLazy && !isInterval && TryTake('+'); // behind an interval, a plus repeats the whole
            node = new RegexNode.Repeat(node, least, most, isLazy, keeps);
        }
        return node;
    }

    private bool TryReadInterval(out int least, out int most)
    {
        (least, most) = (0, int.MaxValue);
        int end = _source[_at..].IndexOf('}');
        if (end < 0)
            return false;
        ReadOnlySpan<char> body = _source.Slice(_at + 1, end - 1);
        int comma = body.IndexOf(',');
        ReadOnlySpan<char> from = comma < 0 ? body : body[..comma], to = comma < 0 ? body : body[(comma + 1)..];
        if ((from.Length == 0 && to.Length == 0) || (from.Length > 0 && !IsNumber(from, out least))
            || (to.Length > 0 && !IsNumber(to, out most)))
            return false;
        if (least > RepeatMax || (most > RepeatMax && to.Length > 0) || least > most)
            throw Wrong("an interval that is not supported");
        _at += end + 1;
        return true;
    }

    private static bool IsNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private RegexNode ParseOne(bool ignoresCase)
    {
        char letter = _source[_at];
        switch (letter)
        {
            case '(':
                _at++;
                return ParseGroup(ignoresCase);
            case '[':
                _at++;
                return One(ParseClass(), ignoresCase);
            case '.':
                _at++;
                return new RegexNode.One(CodePointSet.Of('\n').Not());
            case '^':
                _at++;
                return new RegexNode.Edge(0);
            case '$':
                _at++;
                return new RegexNode.Edge(1);
            case '\\':
                return ParseEscape(ignoresCase);
            case '*' or '+' or '?':
                throw Wrong("a repetition of nothing");
            default:
                return One(CodePointSet.Of(TakeCodePoint()), ignoresCase);
        }
    }

    private static RegexNode.One One(CodePointSet set, bool ignoresCase) => new(ignoresCase ? set.IgnoreCase() : set);

    private RegexNode ParseGroup(bool ignoresCase)
    {
        RegexNode node;
        if (!TryTake("?"))
            node = ParseChoice(ignoresCase);
        else if (TryTake(":"))
            node = ParseChoice(ignoresCase);
        else if (TryTake("i:"))
            node = ParseChoice(ignoresCase: true);
        else if (TryTake("-i:"))
            node = ParseChoice(ignoresCase: false);
        else if (TryTake(">"))
            node = new RegexNode.Look(ParseChoice(ignoresCase), IsNegative: false, Keeps: true);
        else if (TryTake("="))
            node = new RegexNode.Look(ParseChoice(ignoresCase), IsNegative: false, Keeps: false);
        else if (TryTake("!"))
            node = new RegexNode.Look(ParseChoice(ignoresCase), IsNegative: true, Keeps: false);
        else if (TryTake("<="))
            node = Behind(ParseChoice(ignoresCase), isNegative: false);
        else if (TryTake("<!"))
            node = Behind(ParseChoice(ignoresCase), isNegative: true);
        else
            throw Wrong("a group of a kind that is not supported");
        return TryTake(")") ? node : throw Wrong("a bracket that is not closed");
    }

    private readonly RegexNode.Behind Behind(RegexNode node, bool isNegative) =>
        node is RegexNode.One one ? new RegexNode.Behind(one.Set, isNegative)
            : throw Wrong("looking behind at more than one sign");

    private RegexNode ParseEscape(bool ignoresCase)
    {
        if (_at + 1 == _source.Length)
            throw Wrong("a backslash at the end");
        switch (_source[_at + 1])
        {
            case 'A':
                _at += 2;
                return new RegexNode.Edge(2);
            case 'z':
                _at += 2;
                return new RegexNode.Edge(3);
            case 'b' or 'B':
                _at += 2;
                return Boundary(isInside: _source[_at - 1] == 'B');
            case 'w':
                _at += 2;
                return new RegexNode.One(Word);
            case 'W':
                _at += 2;
                return new RegexNode.One(Word.Not());
            case 'Z' or 'G' or 'R' or 'X' or 'K' or 'k' or 'g' or (>= '0' and <= '9'):
                throw Wrong($"\\{_source[_at + 1]}, which is not supported,");
            default:
                return One(ParseEscapedSet(out _), ignoresCase);
        }
    }

    private static RegexNode.Choice Boundary(bool isInside) => new(
    [
        new RegexNode.Sequence([new RegexNode.Behind(Word, IsNegative: false), Ahead(isNegative: !isInside)]),
        new RegexNode.Sequence([new RegexNode.Behind(Word, IsNegative: true), Ahead(isNegative: isInside)]),
    ]);

    private static RegexNode.Look Ahead(bool isNegative) => new(new RegexNode.One(Word), isNegative, Keeps: false);

    /// <summary>A class behind its opening bracket, to its closing one.</summary>
    private CodePointSet ParseClass()
    {
        if (++_depth > DepthMax)
            throw Wrong("brackets too deep");
        bool isNegative = TryTake('^');
        List<CodePointSet> parts = [], members = [];
        for (bool isFirst = true; ; isFirst = false)
        {
            if (_at == _source.Length)
                throw Wrong("a class that is not closed");
            if (_source[_at] == ']' && !isFirst)
                break;
            if (TryTake("&&"))
            {
                parts.Add(AnyOf(members));
                members.Clear();
                continue;
            }
            members.Add(ParseMember());
        }
        parts.Add(AnyOf(members));
        _at++;
        _depth--;
        CodePointSet all = CodePointSet.AllOf([.. parts]);
        return isNegative ? all.Not() : all;
    }

    private readonly CodePointSet AnyOf(List<CodePointSet> members) =>
        members.Count > 0 ? CodePointSet.AnyOf([.. members]) : throw Wrong("a class without members");

    private CodePointSet ParseMember()
    {
        int from;
        if (_source[_at..].StartsWith("[:"))
            return ParsePosix();
        if (TryTake('['))
            return ParseClass();
        if (_source[_at] == '\\')
        {
            CodePointSet set = ParseEscapedSet(out from);
            if (from < 0)
                return set;
        }
        else
        {
            from = TakeCodePoint();
        }
        if (_at + 1 >= _source.Length || _source[_at] != '-' || _source[_at + 1] is ']' or '[')
            return CodePointSet.Of(from);
        _at++;
        int to;
        if (_source[_at] == '\\')
            ParseEscapedSet(out to);
        else
            to = TakeCodePoint();
        return to >= from ? CodePointSet.Range(from, to) : throw Wrong("a range that ends before it begins");
    }

    private CodePointSet ParsePosix()
    {
        int length = _source[(_at + 2)..].IndexOf(":]");
        if (length < 0)
            throw Wrong("a class that is not closed");
        ReadOnlySpan<char> name = _source.Slice(_at + 2, length);
        bool isNegative = name.StartsWith("^");
        CodePointSet set = name.TrimStart('^') switch
        {
            "digit" => Digit,
            "space" => Space,
            "word" => WordInClass,
            "xdigit" => HexDigit,
            "cntrl" => CodePointSet.Property("Cc")!,
            "punct" => CodePointSet.Property("P")!.Or(CodePointSet.Property("S")!),
            _ => throw Wrong($"[:{name}:], which is not supported,"),
        };
        _at += length + 4;
        return isNegative ? set.Not() : set;
    }

    /// <summary>A backslash and what follows.</summary>
    /// <param name="point">The one code point that it is; -1 where it is a set.</param>
    private CodePointSet ParseEscapedSet(out int point)
    {
        _at++;
        if (_at == _source.Length)
            throw Wrong("a backslash at the end");
        char kind = _source[_at];
        point = -1;
        CodePointSet? set = kind switch
        {
            's' => Space,
            'S' => Space.Not(),
            'd' => Digit,
            'D' => Digit.Not(),
            'h' => HexDigit,
            'H' => HexDigit.Not(),
            'w' => WordInClass,
            'W' => WordInClass.Not(),
            _ => null,
        };
        if (set is not null)
        {
            _at++;
            return set;
        }
        if (kind is 'p' or 'P')
            return ParseProperty();
        point = ParseEscapedPoint(kind);
        return CodePointSet.Of(point);
    }

    private int ParseEscapedPoint(char kind)
    {
        switch (kind)
        {
            case 'x' or 'u':
                _at++;
                return ParseHex(kind == 'x' ? 2 : 4);
            case 'n' or 'r' or 't' or 'f' or 'v' or 'a' or 'e':
                _at++;
                return kind switch
                {
                    'n' => '\n', 'r' => '\r', 't' => '\t', 'f' => '\f', 'v' => '\v', 'a' => '\a', _ => '\e',
                };
            default:
                if (char.IsAsciiLetterOrDigit(kind))
                    throw Wrong($"\\{kind}, which is not supported,");
                return TakeCodePoint();
        }
    }

    private CodePointSet ParseProperty()
    {
        bool isNegative = _source[_at++] == 'P';
        int end = _source[_at..].IndexOf('}');
        if (!TryTake('{') || end < 0)
            throw Wrong("a property without a name");
        ReadOnlySpan<char> name = _source[_at..(_at + end - 1)];
        _at += end;
        if (name.StartsWith("^"))
        {
            isNegative = !isNegative;
            name = name[1..];
        }
        CodePointSet set = CodePointSet.Property(name.ToString())
            ?? throw Wrong($"the property {name}, which is not supported,");
        return isNegative ? set.Not() : set;
    }

    private int ParseHex(int digits)
    {
        ReadOnlySpan<char> rest = _source[_at..];
        int skipped = 0;
        if (rest.StartsWith("{"))
        {
            digits = rest.IndexOf('}') - 1;
            rest = rest[1..];
            skipped = 2;
        }
        if (digits <= 0 || digits > rest.Length
            || !int.TryParse(rest[..digits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int point)
            || point is < 0 or >= CodePoints.Count)
            throw Wrong("a code point that is none");
        _at += digits + skipped;
        return point;
    }

    private int TakeCodePoint()
    {
        int point = CodePoints.At(_source, _at, out int length);
        _at += length;
        return point;
    }

    private bool TryTake(char letter)
    {
        if (_at == _source.Length || _source[_at] != letter)
            return false;
        _at++;
        return true;
    }

    private bool TryTake(string text)
    {
        if (!_source[_at..].StartsWith(text))
            return false;
        _at += text.Length;
        return true;
    }

    private readonly FormatException Wrong(string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"the pattern {_source} has {what} at {_at + 1}"));
}
