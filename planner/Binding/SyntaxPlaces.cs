using VecSQL.Parser.Syntax;

namespace VecSQL.Planner.Binding;

/// <summary>Where pieces of syntax begin, for error reports.</summary>
internal static class SyntaxPlaces
{
    /// <summary>Where the expression's leftmost word stands, whichever word the node itself is placed at.</summary>
    internal static int Start(Expression expression)
    {
        int own = expression.Position;
        int left = expression switch
        {
            BinaryExpression binary => Start(binary.Left),
            LogicalExpression { Operands: [var first, ..] } => Start(first),
            IsNullExpression test => Start(test.Operand),
            BooleanTestExpression test => Start(test.Operand),
            DistinctFromExpression test => Start(test.Left),
            BetweenExpression test => Start(test.Operand),
            InListExpression test => Start(test.Operand),
            LikeExpression test => Start(test.Operand),
            QuantifiedArrayExpression test => Start(test.Operand),
            QuantifiedQueryExpression test => Start(test.Operand),
            SubscriptExpression subscript => Start(subscript.Operand),
            CollateExpression collate => Start(collate.Operand),
            CastExpression cast => Start(cast.Operand),
            _ => own,
        };
        return left == 0 ? own : own == 0 ? left : Math.Min(left, own);
    }
}
