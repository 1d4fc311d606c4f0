namespace VecSQL.Cluster.Jobs;

public enum JobKind
{
    /// <summary>A shard's replica goes from one node to another.</summary>
    Move,

    /// <summary>Another of a shard's voters becomes its primary.</summary>
    Handover,
}

public enum JobState
{
    /// <summary>Others go first.</summary>
    Waiting,
    Running,

    /// <summary>Nothing more is done, and nothing taken back, until it is resumed.</summary>
    Paused,

    /// <summary>What was done is taken back.</summary>
    Cancelling,
    Done,
    Cancelled,
    Failed,
}

/// <summary>What a job is at.</summary>
public enum JobStep
{
    Waiting,

    /// <summary>The target gets what the shard holds, and then what is written meanwhile.</summary>
    Copying,

    /// <summary>It has all, and the two compare what they hold.</summary>
    Verifying,

    /// <summary>Its word is to count, and if the source is the primary, it is to be that.</summary>
    Switching,

    /// <summary>The source is to lose its replica.</summary>
    Dropping,
}
