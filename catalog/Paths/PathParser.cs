using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using VecSQL.Catalog.Values;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Paths;

/// <summary>Parses a jsonpath by recursive descent.</summary>
/// <remarks>Source: PostgreSQL's manual, "The SQL/JSON Path Language". Predicates and values are told apart from the inside out.</remarks>
internal sealed class PathParser
{
    private readonly string _text;
    private readonly PathLexer _lexer;
    private PathToken _token;
    private int _filters, _subscripts; // around the token

    internal PathParser(string text)
    {
        (_text, _lexer) = (text, new PathLexer(text));
        _token = _lexer.Next();
    }

    internal JsonPath Parse()
    {
        bool isStrict = IsWord("strict");
        if (isStrict || IsWord("lax"))
            Advance();
        if (_token.Kind == PathTokenKind.End && _text.All(static c => c is ' ' or '\t' or '\n' or '\r' or '\f'))
            throw new SqlException(SqlState.InvalidTextRepresentation, $"invalid input syntax for type jsonpath: \"{_text}\"");
        PathItem root = ParseAny();
        return _token.Kind == PathTokenKind.End ? new JsonPath(!isStrict, root) : throw Unexpected();
    }

    private void Advance() => _token = _lexer.Next();

    private SqlException Unexpected() => _lexer.Unexpected(_token);

    private bool Is(string symbol) => _token.Kind == PathTokenKind.Symbol && _token.Text == symbol;

    private bool IsWord(string word) =>
        _token.Kind == PathTokenKind.Word && string.Equals(_token.Text, word, StringComparison.OrdinalIgnoreCase);

    private bool Accept(string symbol)
    {
        if (!Is(symbol))
            return false;
        Advance();
        return true;
    }

    private bool AcceptWord(string word)
    {
        if (!IsWord(word))
            return false;
        Advance();
        return true;
    }

    private void Expect(string symbol)
    {
        if (!Accept(symbol))
            throw Unexpected();
    }

    /// <summary>Whether the item is true, false or unknown by what it is, rather than a value.</summary>
    private static bool IsPredicate(PathItem item) => item.Next is null
        && item.Kind is (>= PathItemKind.Or and <= PathItemKind.LikeRegex) or PathItemKind.Not or PathItemKind.IsUnknown or PathItemKind.Exists;

    private PathItem Value(PathItem item) => IsPredicate(item) ? throw Unexpected() : item;

    private PathItem Predicate(PathItem item) => IsPredicate(item) ? item : throw Unexpected();

    private PathItem ParseAny()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded");
        PathItem left = ParseAnd();
        while (Is("||"))
        {
            Predicate(left);
            Advance();
            left = new PathItem(PathItemKind.Or) { Left = left, Right = Predicate(ParseAnd()) };
        }
        return left;
    }

    private PathItem ParseAnd()
    {
        PathItem left = ParseComparison();
        while (Is("&&"))
        {
            Predicate(left);
            Advance();
            left = new PathItem(PathItemKind.And) { Left = left, Right = Predicate(ParseComparison()) };
        }
        return left;
    }

    private PathItem ParseNot()
    {
        Expect("!");
        if (!Is("(") && !IsWord("exists"))
            throw Unexpected();
        return new PathItem(PathItemKind.Not) { Left = IsWord("exists") ? ParseExists() : ParseEnclosedPredicate() };
    }

    private PathItem ParseExists()
    {
        Advance();
        Expect("(");
        PathItem value = Value(ParseAny());
        Expect(")");
        return new PathItem(PathItemKind.Exists) { Left = value };
    }

    private PathItem ParseEnclosedPredicate()
    {
        Expect("(");
        PathItem predicate = Predicate(ParseAny());
        Expect(")");
        return predicate;
    }

    private PathItem ParseComparison()
    {
        if (Is("!"))
            return ParseNot();
        PathItem left = ParseSum();
        PathItemKind? kind = _token.Kind != PathTokenKind.Symbol ? null : _token.Text switch
        {
            "==" => PathItemKind.Equal,
            "!=" => PathItemKind.NotEqual,
            "<" => PathItemKind.Less,
            ">" => PathItemKind.Greater,
            "<=" => PathItemKind.LessOrEqual,
            ">=" => PathItemKind.GreaterOrEqual,
            _ => null,
        };
        if (kind is { } comparison)
        {
            Value(left);
            Advance();
            return new PathItem(comparison) { Left = left, Right = Value(ParseSum()) };
        }
        if (IsWord("starts"))
            return ParseStartsWith(Value(left));
        return IsWord("like_regex") ? ParseLikeRegex(Value(left)) : left;
    }

    private PathItem ParseStartsWith(PathItem left)
    {
        Advance();
        if (!AcceptWord("with"))
            throw Unexpected();
        PathItemKind? kind = _token.Kind == PathTokenKind.String ? PathItemKind.String
            : _token.Kind == PathTokenKind.Variable ? PathItemKind.Variable : null;
        PathItem initial = new(kind ?? throw Unexpected()) { Text = _token.Text };
        Advance();
        return new PathItem(PathItemKind.StartsWith) { Left = left, Right = initial };
    }

    private PathItem ParseLikeRegex(PathItem left)
    {
        Advance();
        string pattern = TakeString(), flags = AcceptWord("flag") ? TakeString() : "";
        foreach (char flag in flags)
        {
            if (!"ismxq".Contains(flag))
            {
                throw new SqlException(SqlState.SyntaxError, "invalid input syntax for type jsonpath")
                { Detail = $"Unrecognized flag character \"{flag}\" in LIKE_REGEX predicate." };
            }
        }
        if (flags.Contains('x') && !flags.Contains('q'))
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                "XQuery \"x\" flag (expanded regular expressions) is not implemented");
        }
        return new PathItem(PathItemKind.LikeRegex)
        {
            Left = left, Text = pattern, Flags = string.Concat("ismxq".Where(flags.Contains)),
        };
    }

    private string TakeString()
    {
        if (_token.Kind != PathTokenKind.String)
            throw Unexpected();
        string text = _token.Text;
        Advance();
        return text;
    }

    private PathItem ParseSum()
    {
        PathItem left = ParseProduct();
        while (Is("+") || Is("-"))
        {
            Value(left);
            PathItemKind kind = Is("+") ? PathItemKind.Add : PathItemKind.Subtract;
            Advance();
            left = new PathItem(kind) { Left = left, Right = Value(ParseProduct()) };
        }
        return left;
    }

    private PathItem ParseProduct()
    {
        PathItem left = ParseSigned();
        while (Is("*") || Is("/") || Is("%"))
        {
            Value(left);
            PathItemKind kind = Is("*") ? PathItemKind.Multiply : Is("/") ? PathItemKind.Divide : PathItemKind.Modulo;
            Advance();
            left = new PathItem(kind) { Left = left, Right = Value(ParseSigned()) };
        }
        return left;
    }

    private PathItem ParseSigned()
    {
        if (!Is("+") && !Is("-"))
            return ParseChain();
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded");
        bool isMinus = Is("-");
        Advance();
        PathItem operand = Value(ParseSigned());
        if (operand is { Kind: PathItemKind.Number, Next: null })
            return isMinus ? operand with { Number = -operand.Number } : operand;
        return new PathItem(isMinus ? PathItemKind.Minus : PathItemKind.Plus) { Left = operand };
    }

    /// <summary>A value or a predicate in parentheses, with accessors behind it.</summary>
    private PathItem ParseChain()
    {
        List<PathItem> items = [];
        if (Accept("("))
        {
            PathItem inner = ParseAny();
            Expect(")");
            if (IsPredicate(inner) && IsWord("is"))
            {
                Advance();
                return AcceptWord("unknown") ? new PathItem(PathItemKind.IsUnknown) { Left = inner } : throw Unexpected();
            }
            if (TryParseAccessor() is not { } first)
                return inner;
            for (PathItem? item = inner; item is not null; item = item.Next)
                items.Add(item);
            items.Add(first);
        }
        else if (IsWord("exists"))
        {
            return ParseExists();
        }
        else
        {
            items.Add(ParsePrimary());
        }
        while (TryParseAccessor() is { } accessor)
            items.Add(accessor);
        PathItem chain = items[^1];
        for (int i = items.Count - 2; i >= 0; i--)
            chain = items[i] with { Next = chain };
        return chain;
    }

    private PathItem ParsePrimary()
    {
        PathToken token = _token;
        PathItem item = token switch
        {
            { Kind: PathTokenKind.String } => new PathItem(PathItemKind.String) { Text = token.Text },
            { Kind: PathTokenKind.Variable } => new PathItem(PathItemKind.Variable) { Text = token.Text },
            { Kind: PathTokenKind.Number } => new PathItem(PathItemKind.Number) { Number = SqlNumeric.Parse(Encoding.ASCII.GetBytes(token.Text)) },
            { Kind: PathTokenKind.Symbol, Text: "$" } => new PathItem(PathItemKind.Root),
            { Kind: PathTokenKind.Symbol, Text: "@" } => _filters > 0
                ? new PathItem(PathItemKind.Current)
                : throw new SqlException(SqlState.SyntaxError, "@ is not allowed in root expressions"),
            { Kind: PathTokenKind.Word, Text: "null" } => new PathItem(PathItemKind.Null),
            { Kind: PathTokenKind.Word, Text: "true" } => new PathItem(PathItemKind.True),
            { Kind: PathTokenKind.Word, Text: "false" } => new PathItem(PathItemKind.False),
            _ when IsWord("last") => _subscripts > 0
                ? new PathItem(PathItemKind.Last)
                : throw new SqlException(SqlState.SyntaxError, "LAST is allowed only in array subscripts"),
            _ => throw Unexpected(),
        };
        Advance();
        return item;
    }

    private PathItem? TryParseAccessor()
    {
        if (Accept("."))
            return ParseMember();
        if (Accept("?"))
        {
            _filters++;
            PathItem predicate = ParseEnclosedPredicate();
            _filters--;
            return new PathItem(PathItemKind.Filter) { Left = predicate };
        }
        if (!Accept("["))
            return null;
        if (Accept("*"))
        {
            Expect("]");
            return new PathItem(PathItemKind.AnyArray);
        }
        var subscripts = ImmutableArray.CreateBuilder<PathSubscript>();
        _subscripts++;
        do
        {
            PathItem from = Value(ParseAny());
            subscripts.Add(new PathSubscript(from, AcceptWord("to") ? Value(ParseAny()) : null));
        }
        while (Accept(","));
        _subscripts--;
        Expect("]");
        return new PathItem(PathItemKind.IndexArray) { Subscripts = subscripts.ToImmutable() };
    }

    private PathItem ParseMember()
    {
        if (Accept("*"))
            return new PathItem(PathItemKind.AnyKey);
        if (Accept("**"))
            return ParseLevels();
        if (_token.Kind is not (PathTokenKind.Word or PathTokenKind.String))
            throw Unexpected();
        (string name, bool isWord) = (_token.Text, _token.Kind == PathTokenKind.Word);
        Advance();
        if (!isWord || !Is("("))
            return new PathItem(PathItemKind.Key) { Text = name };
        PathItemKind kind = name.ToLowerInvariant() switch
        {
            "type" => PathItemKind.Type,
            "size" => PathItemKind.Size,
            "abs" => PathItemKind.Abs,
            "floor" => PathItemKind.Floor,
            "ceiling" => PathItemKind.Ceiling,
            "double" => PathItemKind.Double,
            "datetime" => PathItemKind.DateTime,
            "keyvalue" => PathItemKind.KeyValue,
            _ => throw Unexpected(),
        };
        Advance();
        PathItem? argument = kind == PathItemKind.DateTime && _token.Kind == PathTokenKind.String
            ? new PathItem(PathItemKind.String) { Text = TakeString() }
            : null;
        Expect(")");
        return new PathItem(kind) { Left = argument };
    }

    private PathItem ParseLevels()
    {
        uint first = 0, last = uint.MaxValue;
        if (Accept("{"))
        {
            first = last = ParseLevel();
            if (AcceptWord("to"))
                last = ParseLevel();
            Expect("}");
        }
        return new PathItem(PathItemKind.Any) { FirstLevel = first, LastLevel = last };
    }

    private uint ParseLevel()
    {
        if (AcceptWord("last"))
            return uint.MaxValue;
        if (_token.Kind != PathTokenKind.Number || !uint.TryParse(_token.Text, out uint level))
            throw Unexpected();
        Advance();
        return level;
    }
}
