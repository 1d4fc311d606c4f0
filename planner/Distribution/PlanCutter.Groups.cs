using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Distribution;

/// <summary>Groups: where the shard key is among their keys each is in one shard; else each shard groups its rows, and its groups are put together.</summary>
/// <remarks>
/// What is computed from sums of exact numbers, counts, first and last values is put together so. Of distinct values, where all calls have the same, each
/// shard gives its own once. Sets of groups are made of the finest. Other aggregates (sums of floating point numbers, whose last digits depend on the
/// order; those that are ordered) are computed where all rows are.
/// </remarks>
internal sealed partial class PlanCutter
{
    private static readonly FunctionEntry SumOfInt8 = Aggregate("sum", TypeOid.Int8), SumOfNumeric = Aggregate("sum", TypeOid.Numeric);

    private static readonly FunctionEntry ToInt8 = CastOf(TypeOid.Numeric, TypeOid.Int8), ToNumeric = CastOf(TypeOid.Int8, TypeOid.Numeric);

    private static readonly FunctionEntry Divided = Function("numeric_div"), Count = FunctionRegistry.FindFunctions("count").Single(static f => f.Arguments.Length == 1);

    private Piece VisitAggregate(AggregatePlan plan)
    {
        Piece input = Visit(plan.Input);
        bool isPlain = plan.GroupingSets is [var set] && set.Length == plan.Keys.Length && plan.Groupings.IsEmpty;
        if (input.Site is not { } site || !PlanParts.ExpressionsOf(plan).All(IsFree))
            return new Piece(plan with { Input = Close(input) }, null);
        Site grouped = site.Through([.. plan.Keys.Select(static key => key is InputExpression place ? place.Ordinal : -1)]);
        if (isPlain && !grouped.Key.IsEmpty)
            return input.Under(rows => plan with { Input = rows }, grouped);
        GroupSplit split = new(plan, site, mayHaveNoRows: !isPlain);
        if (!plan.Aggregates.All(split.TryAdd))
            return new Piece(plan with { Input = Close(input) }, null);
        ImmutableArray<ScalarExpression> apartKeys = plan.Keys.AddRange(split.Distinct);
        AggregatePlan apart = plan with
        {
            Keys = apartKeys, GroupingSets = [[.. Enumerable.Range(0, apartKeys.Length)]], Groupings = [], Aggregates = split.Apart,
            Output = [.. apartKeys.Select(static key => key.Type), .. split.Apart.Select(static call => call.Type)],
        };
        PhysicalPlan gathered = Close(input.Under(rows => apart with { Input = rows }, site with { Key = [] }));
        AggregatePlan together = plan with
        {
            Input = gathered, Keys = [.. plan.Keys.Select(static (key, place) => new InputExpression(key.Type, place))],
            Aggregates = split.Together,
            Output = [.. plan.Keys.Select(static key => key.Type), .. split.Together.Select(static call => call.Type), .. plan.Groupings.Select(static _ => SqlType.Int4)],
        };
        int groupings = plan.Keys.Length + split.Together.Length;
        return new Piece(
            new ProjectPlan(
                together, [.. together.Keys, .. split.Results, .. plan.Groupings.Select((_, i) => new InputExpression(SqlType.Int4, groupings + i))])
            {
                Output = plan.Output, EstimatedRows = plan.EstimatedRows, EstimatedCost = plan.EstimatedCost,
            }, null);
    }

    private static FunctionEntry Aggregate(string name, uint argument) =>
        FunctionRegistry.FindFunctions(name).Single(function => function.Kind == FunctionKind.Aggregate && function.Arguments is [var only] && only == argument);

    private static FunctionEntry CastOf(uint source, uint target) =>
        FunctionRegistry.FindFunction(FunctionRegistry.FindCast(source, target)?.Function ?? 0) ?? throw new InvalidOperationException($"{source} is not cast to {target}");

    /// <summary>Aggregates in two steps.</summary>
    /// <param name="mayHaveNoRows">The second step may be over no rows, where the first would be over some.</param>
    private sealed class GroupSplit(AggregatePlan plan, Site site, bool mayHaveNoRows)
    {
        private readonly bool _areDistinctApart = AreDistinctApart(plan, site);
        private readonly ImmutableArray<ScalarExpression> _distinct = AreDistinctApart(plan, site) ? [] : DistinctOf(plan);
        private readonly ImmutableArray<AggregateCall>.Builder _apart = ImmutableArray.CreateBuilder<AggregateCall>();
        private readonly ImmutableArray<AggregateCall>.Builder _together = ImmutableArray.CreateBuilder<AggregateCall>();
        private readonly ImmutableArray<ScalarExpression>.Builder _results = ImmutableArray.CreateBuilder<ScalarExpression>();

        /// <summary>What each shard computes.</summary>
        internal ImmutableArray<AggregateCall> Apart => _apart.ToImmutable();

        /// <summary>What is computed of that.</summary>
        internal ImmutableArray<AggregateCall> Together => _together.ToImmutable();

        /// <summary>The values wanted, of what is computed together.</summary>
        internal ImmutableArray<ScalarExpression> Results => _results.ToImmutable();

        /// <summary>Values of which each shard gives each once, behind the keys.</summary>
        internal ImmutableArray<ScalarExpression> Distinct => _distinct;

        internal bool TryAdd(AggregateCall call)
        {
            if (!call.OrderBy.IsDefaultOrEmpty || !call.DirectArguments.IsDefaultOrEmpty)
                return false;
            uint argument = call.Arguments is [var only] ? only.Type.Oid : 0;
            if (call.IsDistinct && !_areDistinctApart)
                return TryAddDistinct(call, argument);
            switch (call.Function.Name)
            {
                case "count":
                    _results.Add(CountOf(call));
                    return true;
                case "sum" when argument is TypeOid.Int2 or TypeOid.Int4:
                    _results.Add(Call(SqlType.Int8, ToInt8, Sum(call, SumOfInt8)));
                    return true;
                case "sum" when argument is TypeOid.Int8 or TypeOid.Numeric:
                    _results.Add(Sum(call, SumOfNumeric));
                    return true;
                case "avg" when argument is TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8 or TypeOid.Numeric:
                    AddMean(call, argument);
                    return true;
                case "min" or "max" or "bool_and" or "bool_or" or "every" when call.Arguments.Length == 1:
                    _results.Add(Sum(call, call.Function));
                    return true;
                default:
                    return false;
            }
        }

        /// <summary>Whether each of the values that calls want once is in one shard only, and there in one group, so that each shard counts them by itself.</summary>
        private static bool AreDistinctApart(AggregatePlan plan, Site site) => plan.GroupingSets.Length == 1 && plan.Aggregates.All(
            call => !call.IsDistinct || (site.Key is [var key] && call.Arguments is [InputExpression place] && place.Ordinal == key));

        /// <summary>The values that calls want once; empty where there are none, or several calls want others.</summary>
        private static ImmutableArray<ScalarExpression> DistinctOf(AggregatePlan plan)
        {
            AggregateCall[] calls = [.. plan.Aggregates.Where(static call => call.IsDistinct)];
            bool isOne = calls.Length > 0 && Array.TrueForAll(
                calls, call => call.Filter is null && call.Arguments is [var value] && (ReferenceEquals(value, calls[0].Arguments[0]) || value.Equals(calls[0].Arguments[0])));
            return isOne ? [calls[0].Arguments[0]] : [];
        }

        private bool TryAddDistinct(AggregateCall call, uint argument)
        {
            bool isExact = call.Function.Name == "count" || (call.Function.Name is "sum" or "avg" && argument is TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8);
            if (_distinct is not [var value] || !isExact)
                return false;
            _results.Add(new InputExpression(call.Type, plan.Keys.Length + _together.Count));
            _together.Add(call with { Arguments = [new InputExpression(value.Type, plan.Keys.Length)] });
            return true;
        }

        private ScalarExpression CountOf(AggregateCall call)
        {
            CallExpression sum = Call(SqlType.Int8, ToInt8, Sum(call, SumOfInt8));
            return !mayHaveNoRows && _distinct.IsEmpty ? sum
                : new CoalesceOperation(SqlType.Int8, [sum, new ConstantExpression(SqlType.Int8, FixedColumn<long>.Constant(0, 1))]);
        }

        private void AddMean(AggregateCall call, uint argument)
        {
            FunctionEntry summed = Aggregate("sum", argument);
            AggregateCall sum = call with { Function = summed, Type = new SqlType(summed.Result) };
            ScalarExpression total = summed.Result == TypeOid.Int8 ? Sum(sum, SumOfInt8) : Sum(sum, SumOfNumeric);
            ScalarExpression count = Sum(call with { Function = Count, Type = SqlType.Int8 }, SumOfInt8);
            _results.Add(Call(call.Type, Divided, total, count));
        }

        /// <summary>Has each shard compute a call, and these put together by another.</summary>
        private InputExpression Sum(AggregateCall call, FunctionEntry together)
        {
            InputExpression apart = new(call.Type, plan.Keys.Length + _distinct.Length + _apart.Count);
            _apart.Add(call);
            SqlType type = together.Result == call.Function.Result ? call.Type : new SqlType(together.Result);
            InputExpression result = new(type, plan.Keys.Length + _together.Count);
            _together.Add(new AggregateCall(type, together, [apart], [], false, [], null));
            return result;
        }

        private static CallExpression Call(SqlType type, FunctionEntry function, params ReadOnlySpan<ScalarExpression> arguments) =>
            new(type, function, [.. arguments]);
    }
}
