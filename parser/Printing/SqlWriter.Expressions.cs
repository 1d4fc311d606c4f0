using VecSQL.Parser.Grammar;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Printing;

internal sealed partial class SqlWriter
{
    private void Write(Expression expression) => Write(expression, Precedence.Lowest, isRestricted: false);

    /// <summary>Writes an operand, in parentheses where its operator binds less tightly than it must here.</summary>
    /// <param name="isRestricted">Whether AND, IN, COLLATE and the like would be taken for something else here.</param>
    private void Write(Expression expression, Precedence least, bool isRestricted)
    {
        GuardStack();
        if (PrecedenceOf(expression) >= least && !(isRestricted && NeedsFullGrammar(expression)))
        {
            WriteOpen(expression, isRestricted);
            return;
        }
        Add("(");
        WriteOpen(expression, isRestricted: false);
        Add(")");
    }

    private static Precedence PrecedenceOf(Expression expression) => expression switch
    {
        LogicalExpression logical => logical.IsAnd ? Precedence.And : Precedence.Or,
        NotExpression => Precedence.Not,
        IsNullExpression or BooleanTestExpression or DistinctFromExpression => Precedence.Is,
        BetweenExpression or InListExpression or LikeExpression => Precedence.Membership,
        BinaryExpression binary => PrecedenceOf(binary.Operator),
        QuantifiedArrayExpression quantified => PrecedenceOf(quantified.Operator),
        QuantifiedQueryExpression quantified => PrecedenceOf(quantified.Operator),
        UnaryExpression { Operator: { Schema: null, Symbol: "+" or "-" } } => Precedence.Sign,
        UnaryExpression => Precedence.Other,
        IntegerLiteral { Text: ['-', ..] } or NumericLiteral { Text: ['-', ..] } => Precedence.Sign,
        CollateExpression => Precedence.Collate,
        CastExpression => Precedence.Cast,
        _ => Precedence.Cast + 1,
    };

    private static Precedence PrecedenceOf(OperatorName name) => (name.Schema, name.Symbol) switch
    {
        (not null, _) => Precedence.Other,
        (_, "<" or ">" or "=" or "<=" or ">=" or "<>") => Precedence.Comparison,
        (_, "+" or "-") => Precedence.Sum,
        (_, "*" or "/" or "%") => Precedence.Product,
        (_, "^") => Precedence.Power,
        _ => Precedence.Other,
    };

    private static bool NeedsFullGrammar(Expression expression) => expression is LogicalExpression or NotExpression
        or IsNullExpression or BooleanTestExpression or BetweenExpression or InListExpression or LikeExpression
        or QuantifiedArrayExpression or QuantifiedQueryExpression or CollateExpression or DefaultExpression;

    private void WriteOpen(Expression expression, bool isRestricted)
    {
        switch (expression)
        {
            case LogicalExpression logical:
                Precedence operand = logical.IsAnd ? Precedence.Not : Precedence.And;
                string word = logical.IsAnd ? " AND " : " OR ";
                WriteList(logical.Operands, item => Write(item, operand, isRestricted: false), word);
                break;
            case NotExpression not:
                Add("NOT ");
                Write(not.Operand, Precedence.Not, isRestricted: false);
                break;
            case BinaryExpression binary:
                WriteBinary(binary, isRestricted);
                break;
            case UnaryExpression unary:
                Write(unary.Operator);
                Add(" ");
                Precedence own = PrecedenceOf(unary);
                Write(unary.Operand, own == Precedence.Sign ? own : own + 1, isRestricted);
                break;
            case CastExpression cast:
                Write(cast.Operand, Precedence.Cast, isRestricted);
                Add("::");
                Write(cast.Type);
                break;
            case CollateExpression collate:
                Write(collate.Operand, Precedence.Collate, isRestricted: false);
                Add(" COLLATE ");
                Write(collate.Collation);
                break;
            case DistinctFromExpression distinct:
                Write(distinct.Left, Precedence.Is + 1, isRestricted);
                Add(distinct.IsNegated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ");
                Write(distinct.Right, Precedence.Is + 1, isRestricted);
                break;
            default:
                if (!TryWritePredicate(expression))
                    WritePrimary(expression);
                break;
        }
    }

    private void WriteBinary(BinaryExpression binary, bool isRestricted)
    {
        Precedence own = PrecedenceOf(binary.Operator);
        WriteLeft(binary.Left, own, isRestricted);
        Add(" ");
        Write(binary.Operator);
        Add(" ");
        Write(binary.Right, own + 1, isRestricted);
    }

    /// <summary>What stands before an operator; comparisons do not chain.</summary>
    private void WriteLeft(Expression left, Precedence own, bool isRestricted) =>
        Write(left, own == Precedence.Comparison ? own + 1 : own, isRestricted);

    private void Write(OperatorName name)
    {
        if (name.Schema is null)
            Add(name.Symbol);
        else
            Add("OPERATOR(").WriteName(name.Schema).Add(".").Add(name.Symbol).Add(")");
    }

    private bool TryWritePredicate(Expression expression)
    {
        switch (expression)
        {
            case IsNullExpression test:
                Write(test.Operand, Precedence.Is + 1, isRestricted: false);
                Add(test.IsNegated ? " IS NOT NULL" : " IS NULL");
                return true;
            case BooleanTestExpression test:
                Write(test.Operand, Precedence.Is + 1, isRestricted: false);
                Add(test.IsNegated ? " IS NOT " : " IS ").Add(test.Value switch
                {
                    true => "TRUE", false => "FALSE", null => "UNKNOWN",
                });
                return true;
            case BetweenExpression between:
                WriteMember(between.Operand, between.IsNegated, "BETWEEN ");
                WriteIf(between.IsSymmetric, "SYMMETRIC ");
                Write(between.Low, Precedence.Membership + 1, isRestricted: true);
                Add(" AND ");
                Write(between.High, Precedence.Membership + 1, isRestricted: false);
                return true;
            case InListExpression list:
                WriteMember(list.Operand, list.IsNegated, "IN ");
                WriteParenthesized(list.Items, Write);
                return true;
            case LikeExpression like:
                WriteLike(like);
                return true;
            case QuantifiedArrayExpression quantified:
                WriteQuantifier(quantified.Operand, quantified.Operator, quantified.IsAll);
                Add("(");
                Write(quantified.Array);
                Add(")");
                return true;
            case QuantifiedQueryExpression quantified:
                WriteQuantifier(quantified.Operand, quantified.Operator, quantified.IsAll);
                WriteGroup(quantified.Query);
                return true;
            default:
                return false;
        }
    }

    private void WriteMember(Expression operand, bool isNegated, string word)
    {
        Write(operand, Precedence.Membership + 1, isRestricted: false);
        Add(isNegated ? " NOT " : " ").Add(word);
    }

    private void WriteLike(LikeExpression like)
    {
        WriteMember(like.Operand, like.IsNegated, like.Kind switch
        {
            LikeKind.Like => "LIKE ", LikeKind.ILike => "ILIKE ", _ => "SIMILAR TO ",
        });
        Write(like.Pattern, Precedence.Membership + 1, isRestricted: false);
        if (like.Escape is null)
            return;
        Add(" ESCAPE ");
        Write(like.Escape, Precedence.Membership + 1, isRestricted: false);
    }

    private void WriteQuantifier(Expression operand, OperatorName symbol, bool isAll)
    {
        WriteLeft(operand, PrecedenceOf(symbol), isRestricted: false);
        Add(" ");
        Write(symbol);
        Add(isAll ? " ALL " : " ANY ");
    }
}
