using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Protocol;
using VecSQL.Storage.Shards;

namespace VecSQL.Cluster.Branches;

/// <summary>The advisory locks that a stream keeps for a session of its other side: they go with the stream.</summary>
/// <remarks>Threads: the stream's.</remarks>
internal sealed class KeptLocks(IShardDirectory shards, ServedHolders holders)
{
    private ServedHolder? _kept;

    public static bool IsFor(BranchCallKind kind) => kind is BranchCallKind.KeepAdvisory or BranchCallKind.ReturnAdvisory;

    public void Run(CallRecord call)
    {
        if ((BranchCallKind)call.Kind == BranchCallKind.ReturnAdvisory)
        {
            (_kept ?? throw new InvalidDataException("a lock that is not kept")).Return(AdvisoryFigure.KeyIn(call), call.Flag);
            return;
        }
        End();
        ShardId id = new(call.Table);
        IShard shard = shards.Find(id) ?? throw BranchService.NotHere(id);
        _kept = holders.Enter(id, shard, call.Text);
        _kept.Keep();
    }

    public void End()
    {
        if (_kept is not { } kept)
            return;
        _kept = null;
        kept.ReturnAll();
        holders.Leave(kept);
    }
}
