using System.Text;
using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    /// <summary>An operand: a constant, column, call, CASE, subquery, row, or an expression in parentheses.</summary>
    private Expression ParsePrimary()
    {
        int position = _token.Position;
        switch (_token.Kind)
        {
            case TokenKind.Integer or TokenKind.LargeInteger or TokenKind.Numeric:
                return ParseNumber();
            case TokenKind.String:
                LiteralNumber number = TokenNumber;
                return new StringLiteral(ExpectString()) { Position = position, Number = number };
            case TokenKind.BinaryString or TokenKind.HexString:
                return ParseBitString();
            case TokenKind.Parameter:
                return ParseIndirection(ParseParameter(), position);
            case TokenKind.OpenParen:
                Expression group = AsValue(ParseGroup());
                return Is(Keyword.Overlaps) ? ParseOverlaps(group) : group;
            case TokenKind.Identifier:
                return ParseNameOrCall();
            case TokenKind.Keyword:
                Expression expression = ParseWord();
                RaiseHeight();
                return Is(Keyword.Overlaps) ? ParseOverlaps(expression) : expression;
            default:
                throw Unexpected();
        }
    }

    private BitStringLiteral ParseBitString()
    {
        int position = _token.Position;
        bool isHex = Is(TokenKind.HexString);
        string digits = _token.Value ?? "";
        StringBuilder bits = new(isHex ? digits.Length * 4 : digits.Length);
        foreach (Rune digit in digits.EnumerateRunes())
        {
            char c = digit.IsAscii ? (char)digit.Value : '\0';
            if (isHex ? !char.IsAsciiHexDigit(c) : c is not ('0' or '1'))
            {
                throw new SqlException(
                    SqlState.InvalidTextRepresentation,
                    $"\"{digit}\" is not a valid {(isHex ? "hexadecimal" : "binary")} digit",
                    position);
            }
            bits.Append(isHex ? Convert.ToInt32(c.ToString(), 16).ToString("b4") : c.ToString());
        }
        Advance();
        return new BitStringLiteral(bits.ToString()) { Position = position };
    }

    private ParameterReference ParseParameter()
    {
        int position = _token.Position;
        ReadOnlySpan<char> digits = TokenText[1..];
        if (!int.TryParse(digits, out int number))
            throw new SqlException(SqlState.UndefinedParameter, $"there is no parameter ${digits}", position);
        Advance();
        return new ParameterReference(number) { Position = position };
    }

    /// <summary>A query in parentheses as an operand is its value.</summary>
    private static Expression AsValue(SyntaxNode node) => node is QueryExpression query
        ? new ScalarQueryExpression(query) { Position = query.Position }
        : (Expression)node;

    /// <summary>( … ): a query, a row, or an expression with what is subscripted or selected from it.</summary>
    /// <returns>A <see cref="QueryExpression"/> or an <see cref="Expression"/>.</returns>
    private SyntaxNode ParseGroup()
    {
        Enter();
        int position = _token.Position;
        Expect(TokenKind.OpenParen);
        SyntaxNode content = ParseGroupStart();
        Leave();
        if (content is Expression first && Is(TokenKind.Comma))
        {
            ListBuilder<Expression> items = default;
            items.Add(first);
            while (Accept(TokenKind.Comma))
                items.Add(ParseExpression());
            Expect(TokenKind.CloseParen);
            RaiseHeight();
            return new RowExpression(items.ToList(), IsExplicit: false) { Position = position };
        }
        Expect(TokenKind.CloseParen);
        if (Is(TokenKind.Dot) || Is(TokenKind.OpenBracket))
            return ParseIndirection(AsValue(content), position);
        return content is QueryExpression query ? query with { Position = position } : content;
    }

    /// <summary>
    /// What stands behind an opening parenthesis: a query or an expression. Further parentheses may hide which, so both
    /// are read here, and an inner query may turn out to be the beginning of either.
    /// </summary>
    private SyntaxNode ParseGroupStart()
    {
        if (IsQueryStart)
            return ParseQuery();
        if (!Is(TokenKind.OpenParen))
            return ParseExpression();
        int position = _token.Position;
        int outer = BeginHeight();
        SyntaxNode inner = ParseGroup();
        if (inner is QueryExpression query && (Is(TokenKind.CloseParen) || IsQueryContinued))
        {
            query = ParseQueryBehind(query, with: null);
            EndHeight(outer, levels: 0);
            return query;
        }
        Expression first = AsValue(inner);
        if (Is(Keyword.Overlaps))
            first = ParseOverlaps(first);
        first = ParseOperatorsBehind(first, position, Precedence.Lowest, isRestricted: false);
        EndHeight(outer, levels: 0);
        return first;
    }

    /// <summary>[i], [a:b], .field and .* behind an operand.</summary>
    private Expression ParseIndirection(Expression operand, int position)
    {
        for (bool isSubscripted = false; ; isSubscripted = operand is SubscriptExpression)
        {
            if (Is(TokenKind.OpenBracket))
            {
                (Expression? lower, Expression? upper, bool isSlice) = ParseSubscript();
                operand = new SubscriptExpression(operand, lower, upper, isSlice)
                {
                    Position = position, ContinuesOperand = isSubscripted,
                };
            }
            else if (Accept(TokenKind.Dot))
            {
                bool isStar = Accept(TokenKind.Star);
                operand = new FieldExpression(operand, isStar ? "*" : ParseLabel()) { Position = position };
                if (isStar)
                    RefuseMoreBehindStar();
            }
            else
            {
                return operand;
            }
            RaiseHeight();
        }
    }

    private void RefuseMoreBehindStar()
    {
        if (!Is(TokenKind.Dot) && !Is(TokenKind.OpenBracket))
            return;
        do
        {
            if (Is(TokenKind.OpenBracket))
                ParseSubscript();
            else if (Accept(TokenKind.Dot) && !Accept(TokenKind.Star))
                ParseLabel();
        }
        while (Is(TokenKind.Dot) || Is(TokenKind.OpenBracket));
        throw ErrorHere("improper use of \"*\"");
    }

    private (Expression? Lower, Expression? Upper, bool IsSlice) ParseSubscript()
    {
        Expect(TokenKind.OpenBracket);
        Expression? lower = Is(TokenKind.Colon) ? null : ParseExpression();
        bool isSlice = Accept(TokenKind.Colon);
        Expression? upper = !isSlice || Is(TokenKind.CloseBracket) ? null : ParseExpression();
        Expect(TokenKind.CloseBracket);
        return (lower, upper, isSlice);
    }

    /// <summary>A column, a star behind a table's name, a call, or a constant behind a type's name.</summary>
    private Expression ParseNameOrCall()
    {
        int position = _token.Position;
        bool mayBeColumn = IsColumnName(_token);
        bool mayBeFunction = IsFunctionName(_token);
        string first = TakeName();
        if (!Is(TokenKind.Dot))
        {
            if (mayBeFunction && (Is(TokenKind.OpenParen) || Is(TokenKind.String)))
                return ParseCallOrConstant(new QualifiedName([first]) { Position = position });
            if (!mayBeColumn)
                throw Unexpected();
            ColumnReference column = new(new QualifiedName([first]) { Position = position }) { Position = position };
            return Is(TokenKind.OpenBracket) ? ParseIndirection(column, position) : column;
        }
        if (!mayBeColumn)
            throw Unexpected();
        ListBuilder<string> parts = default;
        parts.Add(first);
        while (Accept(TokenKind.Dot))
        {
            if (Accept(TokenKind.Star))
            {
                RefuseMoreBehindStar();
                QualifiedName qualifier = new(parts.ToList()) { Position = position };
                return new StarExpression(qualifier) { Position = position };
            }
            parts.Add(ParseLabel());
        }
        QualifiedName name = new(parts.ToList()) { Position = position };
        if (Is(TokenKind.OpenParen) || Is(TokenKind.String))
            return ParseCallOrConstant(name);
        if (name.Parts.Count > 4)
            throw TooManyDots(name);
        return ParseIndirection(new ColumnReference(name) { Position = position }, position);
    }

    /// <summary>ROW(…) or a query's parentheses; here a row in front of OVERLAPS.</summary>
    private FunctionCall ParseOverlaps(Expression left)
    {
        if (left is not RowExpression leftRow)
            throw Unexpected();
        int position = _token.Position;
        Expect(Keyword.Overlaps);
        int rightPosition = _token.Position;
        Expression right = ParsePrimary();
        if (right is not RowExpression rightRow)
            throw Unexpected();
        if (leftRow.Items.Count != 2)
            throw Error("wrong number of parameters on left side of OVERLAPS expression", leftRow.Position);
        if (rightRow.Items.Count != 2)
            throw Error("wrong number of parameters on right side of OVERLAPS expression", rightPosition);
        RaiseHeight();
        return SystemCall(
            "overlaps", position, leftRow.Items[0], leftRow.Items[1], rightRow.Items[0], rightRow.Items[1]);
    }
}
