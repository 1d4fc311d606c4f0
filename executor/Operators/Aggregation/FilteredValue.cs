using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Aggregation;

/// <summary>What a call with FILTER reads is computed for the rows that the filter keeps, where it may fail or change something.</summary>
internal static class FilteredValue
{
    internal static ScalarExpression Of(ScalarExpression value, ScalarExpression? filter) =>
        filter is null || ExpressionTraits.IsTotal(value) ? value : new CaseOperation(value.Type, [new CaseBranch(filter, value)], Else: null);
}
