using System.Collections.Immutable;

namespace VecSQL.Executor;

/// <summary>A setting by which a user says how hard to search: ours, pgvector's, and those of other systems.</summary>
/// <param name="Usual">The value at which its users get a search of usual effort; twice as much is twice the effort.</param>
/// <param name="IsLists">It is of indexes that are made of lists.</param>
public sealed record EffortSetting(string Name, double Usual, bool IsLists);

/// <summary>The settings that say how hard an index is searched.</summary>
public static class SearchSettings
{
    /// <summary>The recall to reach; what says nothing of it is an effort.</summary>
    public const string TargetRecall = "vecsql.target_recall";

    /// <summary>Of several that are set the greatest effort holds.</summary>
    public static readonly ImmutableArray<EffortSetting> Efforts =
    [
        new("hnsw.ef_search", 40, IsLists: false),
        new("ybhnsw.ef_search", 40, IsLists: false),
        new("vector_search_beam_size", 32, IsLists: false),
        new("diskann.query_search_list_size", 100, IsLists: false),
        new("vchordg.ef_search", 64, IsLists: false),
        new("ivfflat.probes", 10, IsLists: true),
        new("vchordrq.probes", 10, IsLists: true),
    ];

    /// <summary>Whether the setting says anything of how hard to search.</summary>
    public static bool IsEffort(string name) =>
        name == TargetRecall || Efforts.Any(effort => effort.Name == name);
}
