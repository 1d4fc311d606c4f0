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
        ShardId[] asked = site.Keys is [var only] ? router.Route(Computed(only), 1)
            : [.. site.Keys.SelectMany(key => router.Route(Computed(key), 1)).Distinct().Order()];
        return new FanOut(asked, shards.Length);

        Column[] Computed(ImmutableArray<ScalarExpression> key) => [.. key.Select(value => CompiledExpressions.EvaluateConstant(value, evaluation))];
    }
}
