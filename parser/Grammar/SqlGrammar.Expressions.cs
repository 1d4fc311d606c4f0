using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    internal Expression ParseExpression() => ParseOperators(Precedence.Lowest, isRestricted: false);

    /// <summary>
    /// An expression without AND, OR, NOT, IN, LIKE and BETWEEN at its top: where those words mean something else.
    /// </summary>
    private Expression ParseRestrictedExpression() => ParseOperators(Precedence.Lowest, isRestricted: true);

    /// <summary>Operands joined by operators that bind at least as tightly as <paramref name="least"/>.</summary>
    private Expression ParseOperators(Precedence least, bool isRestricted)
    {
        int outer = BeginHeight();
        Enter();
        int position = _token.Position;
        Expression expression = ParseOperatorsBehind(ParsePrefixed(isRestricted), position, least, isRestricted);
        Leave();
        EndHeight(outer, levels: 0);
        return expression;
    }

    /// <summary>What follows an operand that has been read already.</summary>
    private Expression ParseOperatorsBehind(Expression left, int position, Precedence least, bool isRestricted)
    {
        Precedence barred = Precedence.None; // a < b < c is refused: the operator just applied does not chain
        while (true)
        {
            Precedence precedence = CurrentOperator(isRestricted);
            if (precedence < least || precedence == Precedence.None)
                return left;
            if (precedence == barred)
                throw Unexpected();
            int operatorPosition = _token.Position;
            (left, bool chains) = ParseOperator(left, precedence, isRestricted);
            left = left with { Position = position, OperatorPosition = operatorPosition };
            barred = chains ? Precedence.None : precedence;
            RaiseHeight();
        }
    }

    /// <summary>How tightly the operator at the current token binds; None where there is no operator.</summary>
    private Precedence CurrentOperator(bool isRestricted)
    {
        switch (_token.Kind)
        {
            case TokenKind.Plus or TokenKind.Minus:
                return Precedence.Sum;
            case TokenKind.Star or TokenKind.Slash or TokenKind.Percent:
                return Precedence.Product;
            case TokenKind.Caret:
                return Precedence.Power;
            case TokenKind.Operator:
                return Precedence.Other;
            case TokenKind.TypeCast:
                return Precedence.Cast;
            case TokenKind.Less or TokenKind.Greater or TokenKind.Equal or TokenKind.LessEqual or TokenKind.GreaterEqual
                or TokenKind.NotEqual:
                return Precedence.Comparison;
            case TokenKind.Keyword:
                return CurrentWordOperator(isRestricted);
            default:
                return Precedence.None;
        }
    }

    private Precedence CurrentWordOperator(bool isRestricted)
    {
        if (IsOperatorALabel)
            return Precedence.None;
        switch (_token.Keyword)
        {
            case Keyword.Operator when Peek().Kind == TokenKind.OpenParen:
                return Precedence.Other;
            case Keyword.Is when !isRestricted || IsDistinctTest():
                return Precedence.Is;
        }
        if (isRestricted)
            return Precedence.None;
        switch (_token.Keyword)
        {
            case Keyword.Or:
                return Precedence.Or;
            case Keyword.And:
                return Precedence.And;
            case Keyword.Isnull or Keyword.Notnull:
                return Precedence.Is;
            case Keyword.In or Keyword.Like or Keyword.Ilike or Keyword.Between:
                return Precedence.Membership;
            case Keyword.Similar when Peek().Keyword == Keyword.To:
                return Precedence.Membership;
            case Keyword.Not when Peek().Keyword is Keyword.In or Keyword.Like or Keyword.Ilike or Keyword.Between
                or Keyword.Similar:
                return Precedence.Membership;
            case Keyword.At when Peek().Keyword == Keyword.Time:
                return Precedence.AtTimeZone;
            case Keyword.Collate:
                return Precedence.Collate;
            default:
                return Precedence.None;
        }
    }

    /// <summary>IS [NOT] DISTINCT, the only test that a restricted expression may have.</summary>
    private bool IsDistinctTest() => Peek().Keyword == Keyword.Distinct
        || (Peek().Keyword == Keyword.Not && PeekSecond().Keyword == Keyword.Distinct);

    /// <summary>Applies the operator at the current token to what stands before it.</summary>
    private (Expression Expression, bool Chains) ParseOperator(
        Expression left, Precedence precedence, bool isRestricted)
    {
        switch (precedence)
        {
            case Precedence.Or:
                return (ParseLogical(left, Keyword.Or, Precedence.And), true);
            case Precedence.And:
                return (ParseLogical(left, Keyword.And, Precedence.Not), true);
            case Precedence.Is:
                return ParseTest(left, isRestricted);
            case Precedence.Membership:
                return ParseMembership(left);
            case Precedence.Cast:
                Advance();
                return (new CastExpression(left, ParseTypeName()), true);
            case Precedence.Collate:
                Advance();
                return (new CollateExpression(left, ParseAnyName()), true);
            case Precedence.AtTimeZone:
                int position = _token.Position;
                Advance();
                Expect(Keyword.Time, Keyword.Zone);
                Expression zone = ParseOperators(Precedence.Collate, isRestricted: false);
                return (SystemCall("timezone", position, zone, left), true);
            default:
                return ParseBinary(left, precedence, isRestricted);
        }
    }

    /// <summary>a AND b AND c: one node, however long.</summary>
    private LogicalExpression ParseLogical(Expression first, Keyword word, Precedence operand)
    {
        ListBuilder<Expression> operands = default;
        operands.Add(first);
        while (Accept(word))
            operands.Add(ParseOperators(operand, isRestricted: false));
        return new LogicalExpression(word == Keyword.And, operands.ToList());
    }

    private (Expression Expression, bool Chains) ParseBinary(Expression left, Precedence precedence, bool isRestricted)
    {
        OperatorName symbol = ParseOperatorName();
        if (IsQuantifier && !isRestricted)
            return (ParseQuantified(left, symbol), true);
        Expression right = ParseOperators(precedence + 1, isRestricted);
        return (new BinaryExpression(symbol, left, right), precedence != Precedence.Comparison);
    }

    /// <summary>An operator: its symbol, or OPERATOR(schema.symbol).</summary>
    private OperatorName ParseOperatorName()
    {
        int position = _token.Position;
        if (!Accept(Keyword.Operator))
            return new OperatorName(TakeOperatorSymbol()) { Position = position };
        Expect(TokenKind.OpenParen);
        string? schema = null;
        while (!IsOperatorSymbol)
        {
            string part = ParseColumnName();
            Expect(TokenKind.Dot);
            schema = schema is null ? part : throw NotSupported("an operator with a database name is", position);
        }
        OperatorName name = new(TakeOperatorSymbol(), schema) { Position = position };
        Expect(TokenKind.CloseParen);
        return name;
    }

    private bool IsOperatorSymbol => _token.Kind is TokenKind.Operator or (>= TokenKind.Plus and <= TokenKind.NotEqual);

    private string TakeOperatorSymbol()
    {
        if (!IsOperatorSymbol)
            throw Unexpected();
        string symbol = _lexer.OperatorOf(_token);
        Advance();
        return symbol;
    }

    private Expression ParsePrefixed(bool isRestricted)
    {
        int position = _token.Position;
        switch (_token.Kind)
        {
            case TokenKind.Minus:
                OperatorName minus = ParseOperatorName();
                Expression operand = ParseOperand(Precedence.Sign, isRestricted);
                return (Negate(operand) ?? new UnaryExpression(minus, operand)) with { Position = position };
            case TokenKind.Plus:
                OperatorName plus = ParseOperatorName();
                return new UnaryExpression(plus, ParseOperand(Precedence.Sign, isRestricted)) { Position = position };
            case TokenKind.Operator:
            case TokenKind.Keyword when Is(Keyword.Operator) && Peek().Kind == TokenKind.OpenParen:
                OperatorName symbol = ParseOperatorName();
                Expression operated = ParseOperand(Precedence.Other + 1, isRestricted);
                return new UnaryExpression(symbol, operated) { Position = position };
            case TokenKind.Keyword when Is(Keyword.Not) && !isRestricted:
                Advance();
                return new NotExpression(ParseOperand(Precedence.Not, isRestricted)) { Position = position };
            case TokenKind.Keyword when Is(Keyword.Default) && !isRestricted:
                Advance();
                return new DefaultExpression { Position = position };
            default:
                return ParsePrimary();
        }
    }

    /// <summary>The operand of a prefix operator.</summary>
    private Expression ParseOperand(Precedence least, bool isRestricted)
    {
        Expression operand = ParseOperators(least, isRestricted);
        RaiseHeight();
        return operand;
    }

    /// <summary>
    /// The literal with its sign turned, or null for any other expression. As in PostgreSQL the sign becomes part of
    /// the number, since -9223372036854775808 is a bigint and its digits alone are not.
    /// </summary>
    private static Expression? Negate(Expression operand) => operand switch
    {
        IntegerLiteral integer => integer with { Text = NegateText(integer.Text) },
        NumericLiteral numeric => numeric with { Text = NegateText(numeric.Text) },
        _ => null,
    };

    private static string NegateText(string text) => text[0] == '-' ? text[1..] : "-" + text;

    private Expression ParseNumber()
    {
        int position = _token.Position;
        bool isInteger = IsIntegerDigits;
        string text = SmallNumbers.TextOf(TokenText);
        LiteralNumber number = TokenNumber;
        Advance();
        return isInteger
            ? new IntegerLiteral(text) { Position = position, Number = number }
            : new NumericLiteral(text) { Position = position, Number = number };
    }

    /// <summary>A call of a function of the system, as which many special spellings are read.</summary>
    private static FunctionCall SystemCall(string name, int position, params ReadOnlySpan<Expression> arguments)
    {
        FunctionArgument[] list = new FunctionArgument[arguments.Length];
        for (int index = 0; index < list.Length; index++)
            list[index] = new FunctionArgument(arguments[index]) { Position = arguments[index].Position };
        QualifiedName qualified = new(["pg_catalog", name]) { Position = position };
        return new FunctionCall(qualified, new ValueList<FunctionArgument>(list))
        {
            Position = position,
            WordPosition = position,
        };
    }
}
