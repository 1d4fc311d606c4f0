using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    /// <summary>Behind a name: a call's parentheses, or a string that the name is the type of.</summary>
    private Expression ParseCallOrConstant(QualifiedName name)
    {
        if (Is(TokenKind.String))
            return ParseConstantOf(new TypeName(name, []) { Position = name.Position }, name.Position);
        FunctionCall call = ParseApplication(name);
        RaiseHeight();
        return Is(TokenKind.String) ? ParseConstantOf(AsTypeName(call), name.Position) : ParseAggregateTail(call);
    }

    /// <summary>name(…) without what may follow the parentheses.</summary>
    private FunctionCall ParseApplication(QualifiedName name)
    {
        FunctionCall call = new(name, []) { Position = name.Position };
        Expect(TokenKind.OpenParen);
        if (Accept(TokenKind.CloseParen))
            return call;
        if (Accept(TokenKind.Star))
        {
            Expect(TokenKind.CloseParen);
            return call with { IsStar = true };
        }
        bool isDistinct = Accept(Keyword.Distinct);
        bool isAll = !isDistinct && Accept(Keyword.All);
        bool isVariadic = false;
        ListBuilder<FunctionArgument> arguments = default;
        do
        {
            isVariadic = !isDistinct && !isAll && Accept(Keyword.Variadic);
            arguments.Add(ParseArgument());
        }
        while (!isVariadic && Accept(TokenKind.Comma));
        ValueList<OrderItem> order = ParseOptionalOrder();
        Expect(TokenKind.CloseParen);
        if (!isDistinct && !isVariadic && order.IsEmpty)
            return new FunctionCall(name, arguments.ToList()) { Position = name.Position };
        return new FunctionCall(name, arguments.ToList())
        {
            Position = name.Position, IsDistinct = isDistinct, IsVariadic = isVariadic, OrderBy = order,
        };
    }

    private FunctionArgument ParseArgument()
    {
        int position = _token.Position;
        if (!IsFunctionName(_token) || Peek().Kind is not (TokenKind.Arrow or TokenKind.ColonEqual))
            return new FunctionArgument(ParseExpression()) { Position = position };
        string name = TakeName();
        Advance();
        return new FunctionArgument(ParseExpression(), name) { Position = position };
    }

    /// <summary>vector(3) in front of a string was not a call after all.</summary>
    private TypeName AsTypeName(FunctionCall call)
    {
        ListBuilder<Expression> modifiers = default;
        foreach (FunctionArgument argument in call.Arguments)
        {
            if (argument.Name is not null)
                throw Error("type modifier cannot have parameter name", argument.Position);
            modifiers.Add(argument.Value);
        }
        if (!call.OrderBy.IsEmpty)
            throw Error("type modifier cannot have ORDER BY", _orderPosition);
        return new TypeName(call.Name, modifiers.ToList()) { Position = call.Position };
    }

    /// <summary>WITHIN GROUP (…), FILTER (…), OVER (…).</summary>
    private FunctionCall ParseAggregateTail(FunctionCall call)
    {
        if (Is(Keyword.Within))
            call = call with { WithinGroup = ParseWithinGroup(call) };
        if (Accept(Keyword.Filter))
        {
            Expect(TokenKind.OpenParen);
            Expect(Keyword.Where);
            call = call with { Filter = ParseExpression() };
            Expect(TokenKind.CloseParen);
        }
        if (!Is(Keyword.Over))
            return call;
        Advance();
        if (Is(TokenKind.OpenParen))
            return call with { Over = ParseWindow() };
        int position = _token.Position;
        return call with { Over = new WindowSpecification(ParseColumnName(), [], [], null) { Position = position } };
    }

    private ValueList<OrderItem> ParseWithinGroup(FunctionCall call)
    {
        int position = _token.Position;
        Expect(Keyword.Within, Keyword.Group);
        Expect(TokenKind.OpenParen);
        if (!Is(Keyword.Order))
            throw Unexpected();
        ValueList<OrderItem> order = ParseOptionalOrder();
        Expect(TokenKind.CloseParen);
        if (!call.OrderBy.IsEmpty)
            throw Error("cannot use multiple ORDER BY clauses with WITHIN GROUP", position);
        if (call.IsDistinct)
            throw Error("cannot use DISTINCT with WITHIN GROUP", position);
        if (call.IsVariadic)
            throw Error("cannot use VARIADIC with WITHIN GROUP", position);
        return order;
    }

    /// <summary>([name] [PARTITION BY …] [ORDER BY …] [frame])</summary>
    private WindowSpecification ParseWindow()
    {
        int position = _token.Position;
        Expect(TokenKind.OpenParen);
        bool isName = IsColumnName(_token) && !(Is(Keyword.Partition)
            || _token.Keyword is Keyword.Range or Keyword.Rows or Keyword.Groups);
        string? baseName = isName ? TakeName() : null;
        ValueList<Expression> partition = Accept(Keyword.Partition) ? ParseBehindBy(ParseExpression) : [];
        ValueList<OrderItem> order = ParseOptionalOrder();
        WindowFrame? frame = _token.Keyword switch
        {
            Keyword.Rows => ParseFrame(FrameUnit.Rows),
            Keyword.Range => ParseFrame(FrameUnit.Range),
            Keyword.Groups => ParseFrame(FrameUnit.Groups),
            _ => null,
        };
        Expect(TokenKind.CloseParen);
        return new WindowSpecification(baseName, partition, order, frame)
        {
            Position = position,
            IsCopy = baseName is not null,
        };
    }

    private ValueList<T> ParseBehindBy<T>(Func<T> parseItem)
    {
        Expect(Keyword.By);
        return ParseList(parseItem);
    }

    private WindowFrame ParseFrame(FrameUnit unit)
    {
        int position = _token.Position;
        Advance();
        FrameBound start;
        FrameBound end;
        if (Accept(Keyword.Between))
        {
            start = ParseFrameBound();
            Expect(Keyword.And);
            end = ParseFrameBound();
        }
        else
        {
            start = ParseFrameBound();
            end = new FrameBound(FrameBoundKind.CurrentRow, null);
        }
        CheckFrame(start, end);
        return new WindowFrame(unit, start, end, ParseFrameExclusion()) { Position = position };
    }

    private static void CheckFrame(FrameBound start, FrameBound end)
    {
        string? problem = (start.Kind, end.Kind) switch
        {
            (FrameBoundKind.UnboundedFollowing, _) => "frame start cannot be UNBOUNDED FOLLOWING",
            (_, FrameBoundKind.UnboundedPreceding) => "frame end cannot be UNBOUNDED PRECEDING",
            (FrameBoundKind.CurrentRow, FrameBoundKind.Preceding) =>
                "frame starting from current row cannot have preceding rows",
            (FrameBoundKind.Following, FrameBoundKind.CurrentRow or FrameBoundKind.Preceding) =>
                end.Position.Value == 0
                    ? "frame starting from following row cannot end with current row"
                    : "frame starting from following row cannot have preceding rows",
            _ => null,
        };
        if (problem is not null)
        {
            bool atEnd = start.Kind != FrameBoundKind.UnboundedFollowing && end.Position.Value != 0;
            throw new SqlException(SqlState.WindowingError, problem, atEnd ? end.Position.Value : start.Position.Value);
        }
    }

    private FrameBound ParseFrameBound()
    {
        int position = _token.Position;
        if (Is(Keyword.Unbounded) && Peek().Keyword is Keyword.Preceding or Keyword.Following)
        {
            Advance();
            FrameBoundKind unbounded =
                Is(Keyword.Preceding) ? FrameBoundKind.UnboundedPreceding : FrameBoundKind.UnboundedFollowing;
            Advance();
            return new FrameBound(unbounded, null) { Position = position };
        }
        if (Accept(Keyword.Current, Keyword.Row))
            return new FrameBound(FrameBoundKind.CurrentRow, null) { Position = position };
        Expression offset = ParseExpression();
        FrameBoundKind kind = Is(Keyword.Preceding) ? FrameBoundKind.Preceding : FrameBoundKind.Following;
        if (!Accept(Keyword.Preceding))
            Expect(Keyword.Following);
        return new FrameBound(kind, offset) { Position = position };
    }

    private FrameExclusion ParseFrameExclusion()
    {
        if (!Accept(Keyword.Exclude))
            return FrameExclusion.NoOthers;
        if (Accept(Keyword.Current))
        {
            Expect(Keyword.Row);
            return FrameExclusion.CurrentRow;
        }
        if (Accept(Keyword.Group))
            return FrameExclusion.Group;
        if (Accept(Keyword.Ties))
            return FrameExclusion.Ties;
        Expect(Keyword.No, Keyword.Others);
        return FrameExclusion.NoOthers;
    }
}
