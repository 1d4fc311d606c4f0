namespace VecSQL.Cluster.Replication;

/// <summary>Ways to get the protocol wrong. The simulator must find each; nothing else can set one.</summary>
internal enum PlantedBug
{
    None,

    /// <summary>A fence is answered and not kept.</summary>
    SkipFence,

    /// <summary>A replica answers for entries that are not on its disk.</summary>
    AckBeforeFlush,

    /// <summary>The controller promotes with one answer less than it takes.</summary>
    PromoteWithTooFew,

    /// <summary>A replica takes any previous entry of the right sequence for the right one.</summary>
    ForgetTermCheck,

    /// <summary>Entries of earlier terms are committed by counting.</summary>
    CommitOlderTerms,

    /// <summary>A primary serves reads when its lease may have run out.</summary>
    ReadAfterLease,

    /// <summary>Learners count as voters.</summary>
    CountLearners,

    /// <summary>Replicas apply what they have, committed or not.</summary>
    ApplyBeforeCommit,

    /// <summary>The timestamp oracle gives out timestamps above its mark in the metadata store.</summary>
    ForgetOracleMark,

    /// <summary>A node goes on as the primary of a term that it began before it was started again.</summary>
    ResumeTerm,

    /// <summary>A primary serves reads before an entry of its term is committed.</summary>
    ReadBeforeNoOp,

    /// <summary>The one with the longest log is promoted, whatever the terms in it.</summary>
    PromoteLongest,

    /// <summary>A replica answers for all that is on its disk, whether it is known to be the primary's or not.</summary>
    AckUnmatched,

    /// <summary>What is to be on more disks than its shard's mode asks for is acknowledged when it is committed.</summary>
    AckBeforeAll,

    /// <summary>A change of the replicas does not wait for the one before.</summary>
    ForgetPreviousReplicas,

    /// <summary>A node that starts takes the metadata store for the last, though its directory remembers more.</summary>
    TrustOlderMetadata,

    /// <summary>A primary makes way for a replica that lacks entries.</summary>
    HandOverEarly,

    /// <summary>Of all the entries that a failover has lost a replica counts one.</summary>
    CountOneLost,

    /// <summary>A node deletes what it has of a shard when it hears of a state without its replica, whatever the state is by then.</summary>
    DropOnOldState,

    /// <summary>A replica serves a strong read when it knows what it is to have applied, and has not.</summary>
    ReadBeforeApplied,

    /// <summary>A replica takes a moment for closed before it has applied all that was committed by then.</summary>
    CloseBeforeApplied,

    /// <summary>A primary closes a moment with entries that are committed, though more are applied that were acknowledged early.</summary>
    CloseCommitted,
}
