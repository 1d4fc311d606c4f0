using VecSQL.Catalog.Objects;

namespace VecSQL.Engine.Models;

/// <summary>What the node knows of a column whose vectors come behind the statements, since it started.</summary>
/// <remarks>Immutable: each step makes another.</remarks>
internal sealed record EmbeddingJob(TableId Table, short Column)
{
    /// <summary>idle, running or failing.</summary>
    internal string State { get; init; } = "idle";

    /// <summary>Texts without vectors, as counted when the round began, less those done since.</summary>
    internal long PendingCount { get; init; }

    internal long DoneCount { get; init; }

    /// <summary>Rows that the model failed on; they are tried again.</summary>
    internal long FailedCount { get; init; }

    /// <summary>The last of the worker's being asked that it has done what it could about.</summary>
    internal long Answered { get; init; } = -1;

    internal string? LastError { get; init; }

    internal DateTimeOffset? LastErrorTime { get; init; }
}
