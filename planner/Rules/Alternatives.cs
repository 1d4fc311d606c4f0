using VecSQL.Columnar.Columns;
using VecSQL.Core.Collections;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>What conditions with OR say as a whole, of which joins and scans can make use.</summary>
internal static class Alternatives
{
    /// <summary>A condition's parts that must all hold, with those that all of its alternatives share apart.</summary>
    internal static List<ScalarExpression> Parts(ScalarExpression? condition)
    {
        List<ScalarExpression> parts = [];
        foreach (ScalarExpression part in Conjunction.Parts(condition).Select(Decided))
        {
            if (part is LogicalOperation { IsAnd: false } any)
                parts.AddRange(Conjunction.Parts(Factored(any)));
            else
                parts.Add(part);
        }
        return parts;
    }

    /// <summary>A condition that no row meets: false, or null.</summary>
    internal static bool IsNever(ScalarExpression condition) =>
        condition is ConstantExpression { IsNull: true } or ConstantExpression { Value: BoolColumn } && !Conjunction.IsTrue(condition);

    /// <summary>A row is kept where a condition is true: what is null there is as good as false.</summary>
    private static ScalarExpression Decided(ScalarExpression condition)
    {
        if (condition is not LogicalOperation operation)
            return condition;
        ScalarExpression[] parts = [.. operation.Operands.Select(Decided)];
        if (!Array.Exists(parts, IsNever))
            return condition;
        if (operation.IsAnd)
            return LiteralReader.Bool(false);
        ScalarExpression[] open = Array.FindAll(parts, static part => !IsNever(part));
        return open.Length switch
        {
            0 => LiteralReader.Bool(false),
            1 => open[0],
            _ => operation with { Operands = new ValueList<ScalarExpression>(open) },
        };
    }

    /// <summary>(a AND b) OR (a AND c) is a AND (b OR c): a part that all alternatives share may be a join's key.</summary>
    private static ScalarExpression Factored(LogicalOperation any)
    {
        List<ScalarExpression>[] branches = [.. any.Operands.Select(Conjunction.Parts)];
        List<ScalarExpression> shared = [.. branches[0].Distinct().Where(part =>
            !PredicatePushDown.IsVolatile(part) && branches.All(branch => branch.Contains(part)))];
        if (shared.Count == 0)
            return any;
        foreach (List<ScalarExpression> branch in branches)
            branch.RemoveAll(shared.Contains);
        // A branch of the shared parts alone makes the others' further parts needless.
        if (!branches.Any(static branch => branch.Count == 0))
            shared.Add(Of(branches));
        return Conjunction.Of(shared) ?? any;
    }

    /// <summary>What the condition says of some columns alone: (x = 1 AND y = 2) OR (x = 3 AND y = 4) says x = 1 OR x = 3 of x.
    /// Null where some alternative says nothing of them.</summary>
    internal static ScalarExpression? Within(ScalarExpression condition, HashSet<int> columns)
    {
        if (condition is not LogicalOperation { IsAnd: false } any)
            return null;
        var branches = new List<ScalarExpression>[any.Operands.Count];
        for (int i = 0; i < branches.Length; i++)
        {
            branches[i] = [.. Conjunction.Parts(any.Operands[i]).Where(part => IsWithin(part, columns))];
            if (branches[i].Count == 0)
                return null;
        }
        return Of(branches);
    }

    private static bool IsWithin(ScalarExpression part, HashSet<int> columns) =>
        ColumnSet.UsedBy(part) is { Count: > 0 } used && used.IsSubsetOf(columns) && !PredicatePushDown.IsVolatile(part)
        && !ExpressionTree.Any(part, static node => node is SubqueryExpression);

    private static LogicalOperation Of(IEnumerable<List<ScalarExpression>> branches) => new(IsAnd: false,
        new ValueList<ScalarExpression>([.. branches.Select(branch => Conjunction.Of(branch)
            ?? throw new InvalidOperationException("an alternative without a part"))]));
}
