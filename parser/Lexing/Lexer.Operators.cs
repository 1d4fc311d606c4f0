using System.Collections.Frozen;

namespace VecSQL.Parser.Lexing;

internal sealed partial class Lexer
{
    // The operators that are met often, so that they need no new string each time.
    private static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> KnownOperators =
        new[]
        {
            "<->", "<=>", "<#>", "<+>", "<~>", "<%>", "@#", "||", "->", "->>", "#>", "#>>", "@>", "<@", "&&", "?", "?|", "?&",
            "@?", "@@", "~", "~*", "!~", "!~*", "~~", "!~~", "~~*", "!~~*", "&", "|", "#", "<<", ">>", "@", "!!", "|/",
            "||/", "#-", "+", "-", "*", "/", "%", "^", "<", ">", "=", "<=", ">=", "<>",
        }.ToFrozenDictionary(symbol => symbol, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The operator a token spells; <c>!=</c> is <c>&lt;&gt;</c>.</summary>
    internal string OperatorOf(in Token token)
    {
        if (token.Kind == TokenKind.NotEqual)
            return "<>";
        ReadOnlySpan<char> symbol = text.AsSpan(token.Start, token.End - token.Start);
        return KnownOperators.TryGetValue(symbol, out string? known) ? known : new string(symbol);
    }

    private void ReadOperator(ref Token token)
    {
        int length = _at < _signsEnd ? 1 : OperatorLength();
        ReadOnlySpan<char> symbol = text.AsSpan(_at, length);
        token.Kind = symbol switch
        {
            "+" => TokenKind.Plus,
            "-" => TokenKind.Minus,
            "*" => TokenKind.Star,
            "/" => TokenKind.Slash,
            "%" => TokenKind.Percent,
            "^" => TokenKind.Caret,
            "<" => TokenKind.Less,
            ">" => TokenKind.Greater,
            "=" => TokenKind.Equal,
            "<=" => TokenKind.LessEqual,
            ">=" => TokenKind.GreaterEqual,
            "<>" or "!=" => TokenKind.NotEqual,
            "=>" => TokenKind.Arrow,
            _ => TokenKind.Operator,
        };
        _at += length;
        if (length > OperatorLengthMax)
            throw Error("operator too long");
    }

    /// <summary>
    /// As many operator characters as follow, up to a comment; but plus and minus at the end belong to it only where
    /// one of <c>~ ! @ # % ^ &amp; | ` ?</c> stands before them, so that <c>a=-1</c> is read as people mean it.
    /// </summary>
    private int OperatorLength()
    {
        int end = _at;
        bool isExotic = false;
        int lastOther = _at; // the last character that is neither plus nor minus
        for (; end < text.Length && CharacterClass.IsOperatorPart(text[end]); end++)
        {
            char c = text[end], next = CharAt(end + 1);
            if (end > _at && ((c == '-' && next == '-') || (c == '/' && next == '*')))
                break;
            isExotic |= CharacterClass.IsExotic(c);
            if (c is not ('+' or '-'))
                lastOther = end;
        }
        if (isExotic || text[end - 1] is not ('+' or '-'))
            return end - _at;
        _signsEnd = end;
        return lastOther - _at + 1;
    }
}
