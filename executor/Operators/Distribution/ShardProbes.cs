using System.Globalization;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Scans;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Distribution;

/// <summary>The order in which a search for nearest rows asks shards.</summary>
internal static class ShardProbes
{
    private const string Setting = "vecsql.shard_probes";

    /// <summary>The shards that are asked at once, then those that are asked where these have too few rows, and so on: twice as many each time.</summary>
    /// <param name="asked">All that may have such rows.</param>
    internal static ShardId[][] Of(FragmentPlan plan, ShardId[] asked, CatalogSnapshot catalog, EvaluationContext evaluation)
    {
        if (plan.Nearest is not { } nearest || catalog.Find(plan.Group) is not ShardGroupEntry { Centroids.IsEmpty: false } group
            || evaluation.Session.Setting("vecsql.exact") == "on")
            return [asked];
        int probes = int.TryParse(evaluation.Session.Setting(Setting), CultureInfo.InvariantCulture, out int set) ? set : 0;
        Column query = CompiledExpressions.EvaluateConstant(nearest.Query, evaluation);
        if (probes == 0 || probes >= asked.Length || query.IsNull(0))
            return [asked];
        VectorQuery vector = new(query, nearest.Query.Type, nearest.Metric);
        if (vector.DistancesTo(MemoryMarshal.Cast<byte, float>(group.Centroids.Span), group.Slots.Length) is not { } distances)
            return [asked]; // of other dimensions: the search itself says so
        ShardId[] nearer = [.. group.Slots.Zip(distances).OrderBy(static cell => cell.Second).Select(cell => group.Shards[cell.First]).Distinct().Where(asked.Contains)];
        List<ShardId[]> rounds = [];
        for (int first = 0; first < nearer.Length; probes *= 2)
        {
            int end = Math.Min(nearer.Length, first + probes);
            rounds.Add(nearer[first..end]);
            first = end;
        }
        return [.. rounds];
    }
}
