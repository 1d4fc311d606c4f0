namespace VecSQL.Cluster.Branches;

/// <summary>What a shard is asked for beside its branches; the numbers go over the wire.</summary>
internal enum ShardCallKind
{
    ListPrepared = 1,
    CommitPrepared = 2,
    RollbackPrepared = 3,
    Resolve = 4,
    ForgetDecisions = 5,
    NewestCommit = 6,
    Size = 7,
    Checkpoint = 8,
    Compact = 9,
    BuildIndex = 10,
    RebuildIndex = 11,
    IndexStatus = 12,
    WaitForSnapshots = 13,
    TakeSequenceValues = 14,
    SetSequenceValue = 15,
    SequencePosition = 16,
    ListAdvisory = 17,
    ListWaits = 18,
}
