using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Subqueries;

/// <summary>Values of the subqueries of a filter that are the same for all its rows.</summary>
/// <remarks>Threads: any, for those that are known.</remarks>
internal sealed class KnownSubplans : ISubplanRunner
{
    private readonly ISubplanRunner _others;
    private readonly Dictionary<SubplanExpression, Column> _values = new(ReferenceEqualityComparer.Instance);

    private KnownSubplans(ISubplanRunner others) => _others = others;

    /// <summary>Runs the subqueries of a filter that is not volatile.</summary>
    /// <returns>What to evaluate the filter in, and whether all subqueries are known.</returns>
    internal static (EvaluationContext Context, bool IsAll) Find(ScalarExpression filter, EvaluationContext context)
    {
        if (context.Subplans is not { } runner)
            return (context, false);
        KnownSubplans known = new(runner);
        bool isAll = known.Add(filter, context);
        return (context.Fork(known), isAll);
    }

    public Column Run(SubplanExpression subplan, EvaluationContext context) =>
        _values.TryGetValue(subplan, out Column? value) ? value : _others.Run(subplan, context);

    private bool Add(ScalarExpression expression, EvaluationContext context)
    {
        if (expression is SubplanExpression subplan)
            return TryAdd(subplan, context);
        bool isAll = true;
        if (expression is CaseOperation or CoalesceOperation)
            return !PlanTraits.Of(expression).HasSubplan; // which may never be reached
        foreach (ScalarExpression operand in ExpressionTraits.Operands(expression))
            isAll &= Add(operand, context);
        return isAll;
    }

    private bool TryAdd(SubplanExpression subplan, EvaluationContext context)
    {
        if (subplan.Kind is SubplanKind.Any or SubplanKind.All || subplan.OuterValues.Any(static outer => PlanTraits.ReadsInput(outer.Value)))
            return false;
        if (!_values.ContainsKey(subplan))
            _values.Add(subplan, CompiledExpressions.EvaluateConstant(subplan, context));
        return true;
    }
}
