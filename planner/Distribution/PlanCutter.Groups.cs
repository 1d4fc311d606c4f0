using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Distribution;

/// <summary>Groups: where the shard key is among their keys each is in one shard; else each shard groups its rows, and its groups are put together.</summary>
/// <remarks>
/// What is computed from sums of exact numbers, counts, first and last values is put together so. Other aggregates (sums of floating point numbers, whose
/// last digits depend on the order; those that are ordered or distinct) are computed where all rows are.
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
        if (input.Site is not { } site || !isPlain || !PlanParts.ExpressionsOf(plan).All(IsFree))
            return new Piece(plan with { Input = Close(input) }, null);
        Site grouped = site.Through([.. plan.Keys.Select(static key => key is InputExpression place ? place.Ordinal : -1)]);
        if (!grouped.Key.IsEmpty)
            return input.Under(rows => plan with { Input = rows }, grouped);
        GroupSplit split = new(plan.Keys.Length);
        if (!plan.Aggregates.All(split.TryAdd))
            return new Piece(plan with { Input = Close(input) }, null);
        AggregatePlan apart = plan with
        {
            Aggregates = split.Apart, Output = [.. plan.Keys.Select(static key => key.Type), .. split.Apart.Select(static call => call.Type)],
        };
        PhysicalPlan gathered = Close(input.Under(rows => apart with { Input = rows }, site with { Key = [] }));
        AggregatePlan together = plan with
        {
            Input = gathered, Keys = [.. plan.Keys.Select(static (key, place) => new InputExpression(key.Type, place))],
            Aggregates = split.Together, Output = [.. plan.Keys.Select(static key => key.Type), .. split.Together.Select(static call => call.Type)],
        };
        return new Piece(
            new ProjectPlan(together, [.. together.Keys, .. split.Results])
            {
                Output = plan.Output, EstimatedRows = plan.EstimatedRows, EstimatedCost = plan.EstimatedCost,
            }, null);
    }

    private static FunctionEntry Aggregate(string name, uint argument) =>
        FunctionRegistry.FindFunctions(name).Single(function => function.Kind == FunctionKind.Aggregate && function.Arguments is [var only] && only == argument);

    private static FunctionEntry CastOf(uint source, uint target) =>
        FunctionRegistry.FindFunction(FunctionRegistry.FindCast(source, target)?.Function ?? 0) ?? throw new InvalidOperationException($"{source} is not cast to {target}");

    /// <summary>Aggregates in two steps.</summary>
    /// <param name="keyCount">The group's keys come before the aggregates.</param>
    private sealed class GroupSplit(int keyCount)
    {
        private readonly ImmutableArray<AggregateCall>.Builder _apart = ImmutableArray.CreateBuilder<AggregateCall>();
        private readonly ImmutableArray<AggregateCall>.Builder _together = ImmutableArray.CreateBuilder<AggregateCall>();
        private readonly ImmutableArray<ScalarExpression>.Builder _results = ImmutableArray.CreateBuilder<ScalarExpression>();

        /// <summary>What each shard computes.</summary>
        internal ImmutableArray<AggregateCall> Apart => _apart.ToImmutable();

        /// <summary>What is computed of that.</summary>
        internal ImmutableArray<AggregateCall> Together => _together.ToImmutable();

        /// <summary>The values wanted, of what is computed together.</summary>
        internal ImmutableArray<ScalarExpression> Results => _results.ToImmutable();

        internal bool TryAdd(AggregateCall call)
        {
            if (call.IsDistinct || !call.OrderBy.IsDefaultOrEmpty || !call.DirectArguments.IsDefaultOrEmpty)
                return false;
            uint argument = call.Arguments is [var only] ? only.Type.Oid : 0;
            switch (call.Function.Name)
            {
                case "count":
                    _results.Add(Call(SqlType.Int8, ToInt8, Sum(call, SumOfInt8)));
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
            int place = keyCount + _apart.Count;
            _apart.Add(call);
            SqlType type = together.Result == call.Function.Result ? call.Type : new SqlType(together.Result);
            _together.Add(new AggregateCall(type, together, [new InputExpression(call.Type, place)], [], false, [], null));
            return new InputExpression(type, place);
        }

        private static CallExpression Call(SqlType type, FunctionEntry function, params ReadOnlySpan<ScalarExpression> arguments) =>
            new(type, function, [.. arguments]);
    }
}
