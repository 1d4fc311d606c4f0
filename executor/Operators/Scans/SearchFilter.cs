using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Subqueries;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>What a search asks of rows, with all that is known before it: values of subqueries, and the keys that may pass.</summary>
/// <param name="Code">Null where all rows pass.</param>
/// <param name="Evaluation">To evaluate the code in: several threads may, where <paramref name="IsSteady"/>.</param>
/// <param name="IsSteady">Whether rows may be asked in any order and by several threads, and some not at all.</param>
/// <param name="Key">The filter as others may know it; null where what it says is not to be kept.</param>
internal sealed record SearchFilter(VectorExpression? Code, EvaluationContext Evaluation, bool IsSteady, FilterKey? Key)
{
    /// <summary>What parts of the filter ask of keys.</summary>
    internal IReadOnlyList<KeyCondition> Keys { get; private init; } = [];

    /// <summary>Whether these are all of the filter.</summary>
    internal bool IsOfKeys { get; private init; }

    /// <param name="withKeys">Whether an index may be searched.</param>
    internal static SearchFilter Of(VectorTopKPlan plan, bool withKeys, EvaluationContext context)
    {
        if (plan.Filter is not { } filter)
            return new SearchFilter(null, context, IsSteady: true, Key: null);
        PlanTraits traits = PlanTraits.Of(filter);
        bool isSteady = !traits.IsVolatile && !traits.HasSubplan;
        if (traits is { HasSubplan: true, IsVolatile: false })
            (context, isSteady) = KnownSubplans.Find(filter, context);
        List<KeyCondition> keys = [];
        bool isOfKeys = withKeys && KeyCondition.Find(plan.Conditions, context, keys) && plan.IsFilteredByConditions;
        return new SearchFilter(CompiledExpressions.Compile(filter), context, isSteady,
            withKeys ? FilterKey.Of(filter, plan.FilterColumns.AsSpan(), context) : null)
        {
            Keys = keys, IsOfKeys = isOfKeys,
        };
    }
}
