using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Functions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Aggregation;

/// <summary>Where an aggregate's values lie in a prepared batch.</summary>
/// <param name="Sort">First column of the sort keys; there are as many as <see cref="Orders"/>.</param>
/// <param name="Filter">The column of FILTER's condition; −1 for none.</param>
/// <param name="Direct">First column of direct arguments that read the input; −1 where they are constants.</param>
internal sealed record CallLayout(
    AggregateCall Call, int Argument, int ArgumentCount, int Sort, KeyOrder[] Orders, int Filter, int Direct)
{
    /// <summary>Rows must be handed in by order, not as they come.</summary>
    internal bool IsOrdered => Orders.Length > 0;

    internal Accumulator CreateAccumulator(IReadOnlyList<Column> directArguments)
    {
        var types = new SqlType[Call.Arguments.Length];
        for (int i = 0; i < types.Length; i++)
            types[i] = Call.Arguments[i].Type;
        return AggregateLibrary.Create(Call.Function.Implementation, types, Call.Type, directArguments, Call.OrderBy);
    }
}

/// <summary>Computes all that an aggregation reads of its input, once a batch: the group keys, then each call's values.</summary>
internal sealed class AggregateLayout
{
    // Aggregates whose result does not depend on the order of their input.
    private static readonly HashSet<string> Unordered = new(StringComparer.Ordinal)
    {
        "count", "sum", "avg", "min", "max", "bool_and", "bool_or", "every", "bit_and", "bit_or", "bit_xor",
        "stddev", "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp", "corr", "covar_pop", "covar_samp",
        "regr_avgx", "regr_avgy", "regr_count", "regr_intercept", "regr_r2", "regr_slope", "regr_sxx", "regr_sxy",
        "regr_syy",
    };

    private readonly VectorExpression[] _expressions;
    private readonly EvaluationContext _evaluation;

    internal AggregateLayout(AggregatePlan plan, EvaluationContext evaluation)
    {
        Plan = plan;
        _evaluation = evaluation;
        var expressions = new List<ScalarExpression>(plan.Keys);
        Calls = new CallLayout[plan.Aggregates.Length];
        for (int i = 0; i < Calls.Length; i++)
            Calls[i] = LayOut(plan.Aggregates[i], expressions);
        _expressions = CompiledExpressions.Compile([.. expressions]);
        Types = new PhysicalType[expressions.Count];
        for (int i = 0; i < Types.Length; i++)
            Types[i] = BatchShapes.PhysicalOf(expressions[i].Type);
    }

    internal AggregatePlan Plan { get; }

    internal CallLayout[] Calls { get; }

    /// <summary>Of the columns of prepared batches.</summary>
    internal PhysicalType[] Types { get; }

    /// <summary>Computes what the aggregation reads of batches; one for each thread.</summary>
    internal SlicedEvaluation Preparation(EvaluationContext evaluation) => new(_expressions, evaluation);

    /// <summary>Whether the calls can be computed in parts whose states are merged.</summary>
    internal static bool CanMerge(AggregatePlan plan)
    {
        foreach (AggregateCall call in plan.Aggregates)
        {
            if (call.IsDistinct || !call.OrderBy.IsDefaultOrEmpty || !Unordered.Contains(call.Function.Name))
                return false;
        }
        return true;
    }

    /// <summary>Whether the results do not depend on the order of the input.</summary>
    internal static bool IsOrderFree(AggregatePlan plan)
    {
        foreach (AggregateCall call in plan.Aggregates)
        {
            if (!Unordered.Contains(call.Function.Name))
                return false;
        }
        return true;
    }

    /// <summary>Values of direct arguments that do not read the input.</summary>
    internal Column[] ConstantArguments(CallLayout call)
    {
        if (call.Direct >= 0 || call.Call.DirectArguments.IsDefaultOrEmpty)
            return [];
        var values = new Column[call.Call.DirectArguments.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = CompiledExpressions.EvaluateConstant(call.Call.DirectArguments[i], _evaluation);
        return values;
    }

    private static CallLayout LayOut(AggregateCall call, List<ScalarExpression> expressions)
    {
        int argument = expressions.Count;
        expressions.AddRange(call.Arguments.Select(value => FilteredValue.Of(value, call.Filter)));
        int filter = -1;
        if (call.Filter is not null)
        {
            filter = expressions.Count;
            expressions.Add(call.Filter);
        }
        int sort = expressions.Count;
        var orders = new List<KeyOrder>();
        foreach (SortKey key in call.OrderBy.IsDefault ? [] : call.OrderBy)
        {
            expressions.Add(FilteredValue.Of(key.Key, call.Filter));
            orders.Add(SortKeyColumns.OrderOf(key));
        }
        if (call.IsDistinct && (orders.Count > 0 || !Unordered.Contains(call.Function.Name)))
        {
            // Equal rows must come together, and PostgreSQL hands distinct values in by order.
            foreach (ScalarExpression value in call.Arguments)
            {
                expressions.Add(FilteredValue.Of(value, call.Filter));
                orders.Add(new KeyOrder(KeyKinds.Of(value.Type)));
            }
        }
        int direct = -1;
        if (!call.DirectArguments.IsDefaultOrEmpty && call.DirectArguments.Any(PlanTraits.ReadsInput))
        {
            direct = expressions.Count;
            expressions.AddRange(call.DirectArguments);
        }
        return new CallLayout(call, argument, call.Arguments.Length, sort, [.. orders], filter, direct);
    }
}
