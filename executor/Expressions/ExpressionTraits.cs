using VecSQL.Catalog.Functions;
using VecSQL.Core.Collections;
using VecSQL.Executor.Functions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Expressions;

/// <summary>Questions about a bound expression: what it reads, and whether it may be computed for rows that do not
/// need it.</summary>
internal static class ExpressionTraits
{
    /// <summary>The input columns that the expression reads, ascending.</summary>
    public static int[] InputOrdinals(params ReadOnlySpan<ScalarExpression?> expressions)
    {
        var ordinals = new SortedSet<int>();
        foreach (ScalarExpression? expression in expressions)
            Collect(expression, ordinals);
        return [.. ordinals];
    }

    /// <summary>Whether the expression can raise no error, has no effect and costs little.</summary>
    public static bool IsTotal(ScalarExpression expression) => expression switch
    {
        ConstantExpression or ParameterExpression or InputExpression or OuterExpression => true,
        CallExpression call => call.Function.Volatility != Volatility.Volatile && FunctionLibrary.IsTotal(call.Function)
            && AreTotal(call.Arguments),
        RelabelExpression node => IsTotal(node.Operand),
        LogicalOperation node => AreTotal(node.Operands),
        NotOperation node => IsTotal(node.Operand),
        NullTest node => IsTotal(node.Operand),
        BooleanTest node => IsTotal(node.Operand),
        DistinctTest node => FunctionLibrary.IsTotal(node.Equality) && IsTotal(node.Left) && IsTotal(node.Right),
        InListOperation node => FunctionLibrary.IsTotal(node.Equality) && IsTotal(node.Operand) && AreTotal(node.Items),
        _ => false,
    };

    /// <summary>The direct operands of an expression that are computed over the same input row.</summary>
    public static IEnumerable<ScalarExpression> Operands(ScalarExpression expression) => expression switch
    {
        CallExpression node => node.Arguments,
        RelabelExpression node => [node.Operand],
        TextCastExpression node => [node.Operand],
        ArrayCastExpression node => [node.Operand], // the element cast reads elements, not this row
        LogicalOperation node => node.Operands,
        NotOperation node => [node.Operand],
        NullTest node => [node.Operand],
        BooleanTest node => [node.Operand],
        DistinctTest node => [node.Left, node.Right],
        CaseOperation node => node.Branches.SelectMany(static branch => new[] { branch.Condition, branch.Result })
            .Concat(node.Else is null ? [] : [node.Else]),
        CoalesceOperation node => node.Operands,
        NullIfOperation node => [node.Left, node.Right, node.Equality],
        MinMaxOperation node => node.Operands,
        ArrayComparison node => [node.Operand, node.Array],
        InListOperation node => [node.Operand, .. node.Items],
        ArrayConstruction node => node.Items,
        RowConstruction node => node.Items,
        RowComparison node => node.Left.Concat(node.Right),
        SampleTest node => node.Seed is null ? [node.RowId, node.Percent] : [node.RowId, node.Percent, node.Seed],
        SubscriptAssignment node => [node.Place, node.Value],
        SubscriptOperation node => [node.Operand, .. node.Subscripts.SelectMany(BoundsOf)],
        FieldOperation node => [node.Operand],
        SubplanExpression node => node.OuterValues.Select(static outer => outer.Value),
        _ => [],
    };

    private static bool AreTotal(ValueList<ScalarExpression> expressions)
    {
        foreach (ScalarExpression expression in expressions)
        {
            if (!IsTotal(expression))
                return false;
        }
        return true;
    }

    private static IEnumerable<ScalarExpression> BoundsOf(SubscriptBounds bounds)
    {
        if (bounds.Lower is not null)
            yield return bounds.Lower;
        if (bounds.Upper is not null)
            yield return bounds.Upper;
    }

    private static void Collect(ScalarExpression? expression, SortedSet<int> ordinals)
    {
        if (expression is null)
            return;
        if (expression is InputExpression input)
            ordinals.Add(input.Ordinal);
        foreach (ScalarExpression operand in Operands(expression))
            Collect(operand, ordinals);
    }
}
