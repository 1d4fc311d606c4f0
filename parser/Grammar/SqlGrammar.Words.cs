using VecSQL.Core.Collections;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    /// <summary>
    /// An operand that begins with a key word; where the word has no meaning of its own here, it is a name.
    /// </summary>
    private Expression ParseWord()
    {
        int position = _token.Position;
        switch (_token.Keyword)
        {
            case Keyword.True or Keyword.False:
                BooleanLiteral boolean = new(Is(Keyword.True)) { Position = position };
                Advance();
                return boolean;
            case Keyword.Null:
                Advance();
                return new NullLiteral { Position = position };
            case Keyword.Case:
                return ParseCase();
            case Keyword.Exists when Peek().Kind == TokenKind.OpenParen:
                Advance();
                return new ExistsExpression(ParseQueryInParentheses()) { Position = position };
            case Keyword.Array:
                return ParseArray();
            case Keyword.Row when Peek().Kind == TokenKind.OpenParen:
                return ParseRow();
            case Keyword.Interval when StartsConstant():
                return ParseIntervalConstant();
            case Keyword.Cast:
                return ParseCast();
        }
        if (TryParseTypedConstant() is { } constant)
            return constant;
        if (TryParseValueWord() is { } value)
            return value;
        if (Peek().Kind == TokenKind.OpenParen && TryParseSpecialCall() is { } call)
            return call;
        if (Is(Keyword.Collation, Keyword.For))
            return ParseCollationFor();
        if (!IsColumnName(_token) && !IsFunctionName(_token))
            throw Unexpected();
        return ParseNameOrCall();
    }

    private bool StartsConstant() => Peek().Kind is TokenKind.String or TokenKind.OpenParen;

    /// <summary>int '1', char(3) 'abc', timestamp with time zone '…' and the like; null where no type begins.</summary>
    private CastExpression? TryParseTypedConstant()
    {
        int position = _token.Position;
        bool mayBeType = _token.Keyword switch
        {
            Keyword.Int or Keyword.Integer or Keyword.Smallint or Keyword.Bigint or Keyword.Real or Keyword.Boolean
                => Peek().Kind == TokenKind.String,
            Keyword.Float or Keyword.Decimal or Keyword.Dec or Keyword.Numeric or Keyword.Varchar => StartsConstant(),
            Keyword.Bit or Keyword.Character or Keyword.Char or Keyword.Nchar
                => StartsConstant() || Peek().Keyword == Keyword.Varying,
            Keyword.Time or Keyword.Timestamp => StartsConstant() || Peek().Keyword is Keyword.Without
                || (Peek().Keyword == Keyword.With && PeekSecond().Keyword == Keyword.Time),
            Keyword.Double => Peek().Keyword == Keyword.Precision,
            Keyword.National => Peek().Keyword is Keyword.Char or Keyword.Character,
            _ => false,
        };
        if (!mayBeType || TryParseBuiltInType(isConstant: true) is not { } type)
            return null;
        return ParseConstantOf(type, position);
    }

    private CastExpression ParseConstantOf(TypeName type, int position)
    {
        StringLiteral text = new("") { Position = _token.Position, Number = TokenNumber };
        return new CastExpression(text with { Value = ExpectString() }, type) { Position = position };
    }

    private CastExpression ParseIntervalConstant()
    {
        TypeName type = TakeBuiltIn("interval");
        if (Is(TokenKind.OpenParen))
            return ParseConstantOf(type with { Modifiers = ParseOptionalPrecision() }, type.Position);
        CastExpression constant = ParseConstantOf(type, type.Position);
        return constant with { Type = WithIntervalFields(type) };
    }

    private CaseExpression ParseCase()
    {
        int position = _token.Position;
        Expect(Keyword.Case);
        Expression? operand = Is(Keyword.When) ? null : ParseExpression();
        ListBuilder<WhenClause> whens = default;
        do
        {
            int whenPosition = _token.Position;
            Expect(Keyword.When);
            Expression condition = ParseExpression();
            Expect(Keyword.Then);
            whens.Add(new WhenClause(condition, ParseExpression()) { Position = whenPosition });
        }
        while (Is(Keyword.When));
        Expression? otherwise = Accept(Keyword.Else) ? ParseExpression() : null;
        Expect(Keyword.End);
        return new CaseExpression(operand, whens.ToList(), otherwise) { Position = position };
    }

    private Expression ParseArray()
    {
        int position = _token.Position;
        Expect(Keyword.Array);
        return Is(TokenKind.OpenBracket)
            ? ParseArrayItems(position)
            : new ArrayQueryExpression(ParseQueryInParentheses()) { Position = position };
    }

    /// <summary>[…]: items are expressions, or again lists in brackets.</summary>
    private ArrayExpression ParseArrayItems(int position)
    {
        Enter();
        Expect(TokenKind.OpenBracket);
        ValueList<Expression> items = [];
        if (Is(TokenKind.OpenBracket))
        {
            int outer = BeginHeight();
            items = ParseList<Expression>(() => ParseArrayItems(_token.Position));
            EndHeight(outer);
        }
        else if (!Is(TokenKind.CloseBracket))
        {
            items = ParseList(ParseExpression);
        }
        Expect(TokenKind.CloseBracket);
        Leave();
        return new ArrayExpression(items) { Position = position };
    }

    private RowExpression ParseRow()
    {
        int position = _token.Position;
        Expect(Keyword.Row);
        Expect(TokenKind.OpenParen);
        ValueList<Expression> items = Is(TokenKind.CloseParen) ? [] : ParseList(ParseExpression);
        Expect(TokenKind.CloseParen);
        return new RowExpression(items, IsExplicit: true) { Position = position };
    }

    private CastExpression ParseCast()
    {
        int position = _token.Position;
        Expect(Keyword.Cast);
        Expect(TokenKind.OpenParen);
        Expression operand = ParseExpression();
        Expect(Keyword.As);
        TypeName type = ParseTypeName();
        Expect(TokenKind.CloseParen);
        return new CastExpression(operand, type) { Position = position };
    }

    private FunctionCall ParseCollationFor()
    {
        int position = _token.Position;
        Expect(Keyword.Collation, Keyword.For);
        Expect(TokenKind.OpenParen);
        Expression operand = ParseExpression();
        Expect(TokenKind.CloseParen);
        return SystemCall("pg_collation_for", position, operand);
    }

    /// <summary>current_date, current_timestamp(3), user and the like; null for other words.</summary>
    private KeywordValueExpression? TryParseValueWord()
    {
        int position = _token.Position;
        bool takesPrecision = false;
        switch (_token.Keyword)
        {
            case Keyword.CurrentTime or Keyword.CurrentTimestamp or Keyword.Localtime or Keyword.Localtimestamp:
                takesPrecision = true;
                break;
            case Keyword.CurrentSchema when Peek().Kind is TokenKind.OpenParen or TokenKind.Dot or TokenKind.String:
                return null; // the function of that name
            case Keyword.CurrentDate or Keyword.CurrentRole or Keyword.CurrentUser or Keyword.SessionUser
                or Keyword.User or Keyword.CurrentCatalog or Keyword.CurrentSchema:
                break;
            default:
                return null;
        }
        string word = TakeName();
        int? precision = null;
        if (takesPrecision && Accept(TokenKind.OpenParen))
        {
            precision = ExpectInteger();
            Expect(TokenKind.CloseParen);
        }
        return new KeywordValueExpression(word, precision) { Position = position };
    }
}
