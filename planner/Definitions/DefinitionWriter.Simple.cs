using VecSQL.Catalog.Functions;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Definitions;

/// <summary>Which operands need no parentheses, for people.</summary>
internal sealed partial class DefinitionWriter
{
    private bool IsSimple(ScalarExpression expression, ScalarExpression? parent)
    {
        if (forms.SystemColumns.ContainsKey(expression))
            return true;
        switch (expression)
        {
            case ConstantExpression or ParameterExpression or ColumnExpression or SubscriptOperation or ArrayConstruction
                or RowConstruction or CoalesceOperation or MinMaxOperation or NullIfOperation or CaseOperation:
                return !forms.RowQueries.ContainsKey(expression) && !forms.Collations.ContainsKey(expression);
            case FieldOperation:
                return parent is not FieldOperation;
            case TextCastExpression { Form: CallForm.Constant }:
                return true;
            case TextCastExpression cast:
                return IsSimple(cast.Operand, cast);
            case RelabelExpression cast:
                return IsSimple(cast.Operand, cast);
            case ArrayCastExpression cast:
                return IsSimple(cast.Operand, cast);
            case CallExpression { Form: CallForm.Operator } call when parent is CallExpression { Form: CallForm.Operator } outer:
                return BindsTighter(call, outer);
            case CallExpression { Form: not CallForm.Operator }:
                return true;
            case CallExpression or SubqueryExpression or NullTest or BooleanTest or DistinctTest { IsNegated: false }:
                return IsCallLike(parent) || parent is LogicalOperation or NotOperation;
            case LogicalOperation { IsAnd: true } or NotOperation or DistinctTest:
                return IsCallLike(parent) || parent is LogicalOperation;
            case LogicalOperation:
                return IsCallLike(parent) || parent is LogicalOperation { IsAnd: false };
            default:
                return false;
        }
    }

    /// <summary>Has parentheses, brackets or words of its own around what is in it.</summary>
    private static bool IsCallLike(ScalarExpression? parent) => parent switch
    {
        CallExpression call => call.Form == CallForm.Plain,
        SubscriptOperation or ArrayConstruction or RowConstruction or CoalesceOperation or MinMaxOperation or NullIfOperation
            or CaseOperation => true,
        _ => false,
    };

    /// <summary>As + and - against * and /; those of one rank stand as they are read, from the left.</summary>
    private static bool BindsTighter(CallExpression inner, CallExpression outer)
    {
        int own = RankOf(inner), around = RankOf(outer);
        if (own == 0 || around == 0)
            return false;
        return own > around || (own == around && ReferenceEquals(outer.Arguments[0], inner));
    }

    private static int RankOf(CallExpression call) =>
        call.Arguments.Count != 2 ? 0 : FunctionRegistry.FindOperatorOf(call.Function.Oid)?.Name switch
        {
            "+" or "-" => 1,
            "*" or "/" or "%" => 2,
            _ => 0,
        };
}
