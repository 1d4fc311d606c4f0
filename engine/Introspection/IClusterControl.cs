using System.Collections.Immutable;

namespace VecSQL.Engine.Introspection;

/// <summary>What operators ask of a cluster.</summary>
/// <remarks>Fails with SQL's errors: what is not there, or cannot be now. Threads: any.</remarks>
public interface IClusterControl
{
    /// <summary>Has a node lose its replicas, or be used again.</summary>
    ValueTask DrainAsync(string node, bool isUndone, CancellationToken cancellation);

    /// <returns>Warnings.</returns>
    ValueTask<IReadOnlyList<string>> RemoveAsync(string node, bool isForced, CancellationToken cancellation);

    ValueTask<JobDescription> MoveAsync(long shard, string source, string target, CancellationToken cancellation);

    /// <param name="shards">Null for all.</param>
    /// <param name="bytes">Of shards, as far as they are known.</param>
    /// <returns>Numbered 0 where nothing is to be done.</returns>
    ValueTask<ImmutableArray<JobDescription>> RebalanceAsync(
        IReadOnlySet<long>? shards, IReadOnlyDictionary<long, long> bytes, bool isDryRun, CancellationToken cancellation);

    /// <param name="verb">pause, resume or cancel.</param>
    ValueTask ChangeJobAsync(long job, string verb, CancellationToken cancellation);

    /// <param name="value">Null for the default.</param>
    ValueTask SetAsync(string name, string? value, CancellationToken cancellation);
}
