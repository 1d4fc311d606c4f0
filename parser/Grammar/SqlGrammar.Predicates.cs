using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private bool IsQuantifier => _token.Keyword is Keyword.Any or Keyword.Some or Keyword.All;

    /// <summary>IS [NOT] NULL, TRUE, FALSE, UNKNOWN, DISTINCT FROM, [form] NORMALIZED; ISNULL; NOTNULL.</summary>
    private (Expression Expression, bool Chains) ParseTest(Expression operand, bool isRestricted)
    {
        if (Accept(Keyword.Isnull))
            return (new IsNullExpression(operand, IsNegated: false), true);
        if (Accept(Keyword.Notnull))
            return (new IsNullExpression(operand, IsNegated: true), true);
        int position = _token.Position;
        Expect(Keyword.Is);
        bool isNegated = Accept(Keyword.Not);
        switch (_token.Keyword)
        {
            case Keyword.Null:
                Advance();
                return (new IsNullExpression(operand, isNegated), true);
            case Keyword.True:
                Advance();
                return (new BooleanTestExpression(operand, true, isNegated), true);
            case Keyword.False:
                Advance();
                return (new BooleanTestExpression(operand, false, isNegated), true);
            case Keyword.Unknown:
                Advance();
                return (new BooleanTestExpression(operand, null, isNegated), true);
            case Keyword.Distinct:
                Advance();
                Expect(Keyword.From);
                Expression other = ParseOperators(Precedence.Is + 1, isRestricted);
                return (new DistinctFromExpression(operand, other, isNegated), false);
            case Keyword.Normalized or Keyword.Nfc or Keyword.Nfd or Keyword.Nfkc or Keyword.Nfkd:
                Expression test = ParseNormalizedTest(operand, position);
                return (isNegated ? new NotExpression(test) { Position = operand.Position } : test, true);
            case Keyword.Document:
                throw NotSupported("IS DOCUMENT is", _token.Position);
            default:
                throw Unexpected();
        }
    }

    private FunctionCall ParseNormalizedTest(Expression operand, int position)
    {
        if (Accept(Keyword.Normalized))
            return SystemCall("is_normalized", position, operand);
        StringLiteral form = new(KeywordTable.Word(_token.Keyword).ToUpperInvariant()) { Position = _token.Position };
        Advance();
        Expect(Keyword.Normalized);
        return SystemCall("is_normalized", position, operand, form);
    }

    /// <summary>[NOT] IN, LIKE, ILIKE, SIMILAR TO, BETWEEN.</summary>
    private (Expression Expression, bool Chains) ParseMembership(Expression operand)
    {
        int position = _token.Position;
        bool isNegated = Accept(Keyword.Not);
        switch (_token.Keyword)
        {
            case Keyword.In:
                Advance();
                return (ParseIn(operand, isNegated, position), true);
            case Keyword.Between:
                Advance();
                return (ParseBetween(operand, isNegated), false);
            case Keyword.Similar:
                Advance();
                Expect(Keyword.To);
                return (ParseLike(operand, LikeKind.SimilarTo, isNegated), false);
            default:
                LikeKind kind = Is(Keyword.Ilike) ? LikeKind.ILike : LikeKind.Like;
                Advance();
                if (!IsQuantifier)
                    return (ParseLike(operand, kind, isNegated), false);
                string symbol = (isNegated ? "!" : "") + (kind == LikeKind.Like ? "~~" : "~~*");
                return (ParseQuantified(operand, new OperatorName(symbol) { Position = position }), true);
        }
    }

    private LikeExpression ParseLike(Expression operand, LikeKind kind, bool isNegated)
    {
        Expression pattern = ParseOperators(Precedence.Membership + 1, isRestricted: false);
        Expression? escape = null;
        if (Accept(Keyword.Escape))
            escape = ParseOperators(Precedence.Membership + 1, isRestricted: false);
        return new LikeExpression(operand, pattern, kind, escape, isNegated);
    }

    private BetweenExpression ParseBetween(Expression operand, bool isNegated)
    {
        bool isSymmetric = Accept(Keyword.Symmetric);
        if (!isSymmetric)
            Accept(Keyword.Asymmetric);
        Expression low = ParseRestrictedExpression(); // its AND is ours
        Expect(Keyword.And);
        Expression high = ParseOperators(Precedence.Membership + 1, isRestricted: false);
        return new BetweenExpression(operand, low, high, isNegated, isSymmetric);
    }

    private Expression ParseIn(Expression operand, bool isNegated, int position)
    {
        Expect(TokenKind.OpenParen);
        SyntaxNode first = ParseGroupStart();
        if (first is QueryExpression query)
        {
            Expect(TokenKind.CloseParen);
            OperatorName equals = new("=") { Position = position };
            QuantifiedQueryExpression test = new(operand, equals, IsAll: false, query) { Position = operand.Position };
            return isNegated ? new NotExpression(test) : test;
        }
        ListBuilder<Expression> items = default;
        items.Add((Expression)first);
        while (Accept(TokenKind.Comma))
            items.Add(ParseExpression());
        Expect(TokenKind.CloseParen);
        return new InListExpression(operand, items.ToList(), isNegated);
    }

    /// <summary>ANY, SOME or ALL of an array or a query.</summary>
    private Expression ParseQuantified(Expression operand, OperatorName symbol)
    {
        bool isAll = Is(Keyword.All);
        Advance();
        Expect(TokenKind.OpenParen);
        SyntaxNode inner = ParseGroupStart();
        Expect(TokenKind.CloseParen);
        return inner is QueryExpression query
            ? new QuantifiedQueryExpression(operand, symbol, isAll, query)
            : new QuantifiedArrayExpression(operand, symbol, isAll, (Expression)inner);
    }
}
