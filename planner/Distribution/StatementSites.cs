using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Distribution;

/// <summary>Finds where a statement whose plan was cut comes to, from its plan alone.</summary>
internal sealed class StatementSites(CatalogSnapshot catalog)
{
    private readonly ImmutableArray<ShardSite>.Builder _sites = ImmutableArray.CreateBuilder<ShardSite>();

    /// <summary>All shards that it can come to; empty where that is not known.</summary>
    internal static ImmutableArray<ShardSite> Of(PhysicalPlan plan, CatalogSnapshot catalog)
    {
        StatementSites sites = new(catalog);
        return sites.TryAddChange(plan) ? sites._sites.ToImmutable() : [];
    }

    /// <summary>Whether the plan has one part that is run at shards, and runs it once.</summary>
    internal static bool IsOneFragment(PhysicalPlan plan)
    {
        while (plan is not FragmentPlan { Feeds.IsEmpty: true })
        {
            if (plan is FragmentPlan || PlanInputs.Of(plan).ToArray() is not [var input] || PlanParts.ExpressionsOf(plan).Any(HasSubplan))
                return false;
            plan = input;
        }
        return true;
    }

    private bool TryAddChange(PhysicalPlan plan) => plan switch
    {
        InsertPlan insert => TryAddRow(insert) && TryAdd(insert.Input),
        UpdatePlan update => IsKept(update) && TryAdd(update.Input),
        DeletePlan delete => TryAdd(delete.Input),
        MergePlan => false,
        _ => TryAdd(plan),
    };

    /// <summary>Whether all tables are read in parts that are run at shards.</summary>
    private bool TryAdd(PhysicalPlan plan)
    {
        if (plan is FragmentPlan fragment)
        {
            _sites.Add(new ShardSite(fragment.Group, fragment.KeyTable, fragment.Keys));
            return fragment.Keys.All(static key => key.Values.All(Shipping.IsFixed)) && fragment.Feeds.All(feed => TryAdd(feed.Input));
        }
        return PlanTables.OfStep(plan) is null && !PlanParts.ExpressionsOf(plan).Any(HasSubplan) && PlanInputs.Of(plan).All(TryAdd);
    }

    /// <summary>One row of values that are known beforehand goes to one shard.</summary>
    private bool TryAddRow(InsertPlan insert)
    {
        if (!catalog.TryFindTable(insert.Table, out TableEntry? table))
            return false;
        if (table.Placement is not { } placement)
        {
            _sites.Add(new ShardSite(0, default, []));
            return true;
        }
        short[] stored = [.. table.StoredColumns.Select(static column => column.Number)];
        var key = ImmutableArray.CreateBuilder<ScalarExpression>();
        foreach (short column in placement.KeyColumns)
        {
            if (ValueAt(insert.Input, Array.IndexOf(stored, column)) is not { } value)
                return false;
            key.Add(value);
        }
        _sites.Add(new ShardSite(placement.GroupOid, insert.Table, [new ShardKeyRange(key.ToImmutable())]));
        return true;
    }

    private static ScalarExpression? ValueAt(PhysicalPlan plan, int place)
    {
        ScalarExpression? value = plan switch
        {
            ValuesPlan { Rows: [var row] } when place < row.Length => row[place],
            ProjectPlan { Input: ValuesPlan { Rows: [_] } input } project => project.Expressions[place] is InputExpression from
                ? ValueAt(input, from.Ordinal) : project.Expressions[place],
            _ => null,
        };
        return value is not null && Shipping.IsFixed(value) && Shipping.IsFree(value, static _ => false) ? value : null;
    }

    /// <summary>Whether rows stay in the shards where they are found.</summary>
    private bool IsKept(UpdatePlan update)
    {
        if (!catalog.TryFindTable(update.Table, out TableEntry? table))
            return false;
        short[] stored = [.. table.StoredColumns.Select(static column => column.Number)];
        return table.Placement is not { } placement || !placement.KeyColumns.Any(column => update.Assigned.Contains(Array.IndexOf(stored, column)));
    }

    private static bool HasSubplan(ScalarExpression expression) => ExpressionTree.Any(expression, static node => node is SubplanExpression);
}
