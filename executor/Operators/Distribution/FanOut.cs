using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Shards;

namespace VecSQL.Executor.Operators.Distribution;

/// <summary>The shards that a part of a plan is run at.</summary>
/// <param name="Shards">In the order of their numbers.</param>
/// <param name="All">How many it would be for any key.</param>
internal readonly record struct FanOut(ShardId[] Shards, int All)
{
    /// <summary>As EXPLAIN shows it.</summary>
    internal string Text => $"{Shards.Length} of {All}";

    internal static FanOut Of(FragmentPlan plan, CatalogSnapshot catalog, EvaluationContext evaluation) =>
        Of(new ShardSite(plan.Group, plan.KeyTable, plan.Keys), catalog, evaluation);

    internal static FanOut Of(ShardSite site, CatalogSnapshot catalog, EvaluationContext evaluation)
    {
        if (site.Group == 0)
            return new FanOut([ShardedStorage.Home], 1);
        ShardGroupEntry group = catalog.Find(site.Group) as ShardGroupEntry ?? throw new InvariantException($"there is no group of shards {site.Group}");
        ShardId[] shards = [.. group.Shards.Distinct().Order()];
        if (site.Keys.IsEmpty)
            return new FanOut(shards, shards.Length);
        Invariant.Holds(catalog.TryFindTable(site.KeyTable, out TableEntry? table));
        RowRouter router = new(table!, group);
        ShardId[] asked = site.Keys is [var only] ? Asked(only) : [.. site.Keys.SelectMany(Asked).Distinct()];
        Array.Sort(asked);
        return new FanOut(asked, shards.Length);

        ShardId[] Asked(ShardKeyRange keys) => router.Within([.. keys.Prefix.Select(Computed)], Limit(keys.Low), Limit(keys.High));

        KeyLimit Limit(ShardKeyLimit? limit) => limit is null ? default : new KeyLimit(Computed(limit.Value), limit.IsInclusive);

        Column Computed(ScalarExpression value) => CompiledExpressions.EvaluateConstant(value, evaluation);
    }
}
