using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Distribution;

/// <summary>Where a part of a plan can be run: at each shard of a group, for the rows that are there.</summary>
/// <param name="Group">The group's object id; 0 for the shard of tables that are whole.</param>
/// <param name="Key">Which of the outputs are the shard key, in its order; empty where it is not among them.</param>
/// <param name="KeyTable">A table that is divided by that key.</param>
internal sealed record Site(uint Group, ImmutableArray<int> Key, TableId KeyTable)
{
    internal static Site Home { get; } = new(0, [], default);

    internal bool IsOneShard => Group == 0;

    /// <summary>Keys of which all rows have one; empty where that is not known.</summary>
    internal ImmutableArray<ShardKeyRange> Pinned { get; init; } = [];

    /// <summary>In which order shards are asked by a search; null for all at once.</summary>
    internal NearestShards? Nearest { get; init; }

    /// <summary>Where outputs are others: for each of them its place before, or -1.</summary>
    internal Site Through(IReadOnlyList<int> sources)
    {
        var key = ImmutableArray.CreateBuilder<int>(Key.Length);
        foreach (int place in Key)
        {
            int now = -1;
            for (int i = 0; i < sources.Count && now < 0; i++)
                now = sources[i] == place ? i : -1;
            if (now < 0)
                return this with { Key = [] };
            key.Add(now);
        }
        return this with { Key = key.ToImmutable() };
    }
}
