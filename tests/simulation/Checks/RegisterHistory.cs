using VecSQL.Catalog.Placement;
using VecSQL.Simulation.Tests.Nodes;

namespace VecSQL.Simulation.Tests.Checks;

/// <summary>What clients saw of a shard's registers, against the order in which its log has the writes.</summary>
/// <remarks>
/// Values are unique, so that a read says which write it saw. The log orders a register's writes; that order explains the history if no call that
/// began after another's end saw an earlier version, or wrote one.
/// </remarks>
internal sealed class RegisterHistory(ShardId shard, List<Operation> operations, List<RegisterWrite> writes)
{
    /// <param name="mayLose">Whether acknowledged writes may be lost.</param>
    /// <param name="checksReads">Whether no read may see a write that is lost.</param>
    /// <returns>Acknowledged writes that the log does not have.</returns>
    public long Check(bool mayLose, bool checksReads, Action<string> fail)
    {
        Dictionary<long, int> versions = [];
        int[] counts = new int[Cluster.KeyCount];
        foreach (RegisterWrite write in writes)
        {
            if (!versions.TryAdd(write.Value, ++counts[write.Key]))
                fail($"shard {shard}: the write of {write.Value} is in the log twice");
        }
        long lost = 0;
        foreach (Operation operation in operations)
        {
            bool isThere = versions.ContainsKey(operation.Value);
            if (operation.IsWrite && operation.IsRefused && isThere)
                fail($"shard {shard}: the write of {operation.Value} was refused, and is there");
            if (operation.CountsOnMode && operation.IsWrite && operation.IsAcknowledged && !isThere)
                lost++;
            if (!mayLose && operation.CountsOnMode && operation.IsWrite && operation.IsAcknowledged && !isThere)
                fail($"shard {shard}: the write of {operation.Value} to register {operation.Key} was acknowledged at {operation.End} µs and is lost");
            if (checksReads && !operation.IsWrite && operation.IsAcknowledged && operation.Value != 0 && !isThere)
                fail($"shard {shard}: a read at {operation.End} µs saw {operation.Value}, which was never committed");
        }
        if (checksReads)
        {
            for (int key = 0; key < Cluster.KeyCount; key++)
                CheckOrder(key, versions, fail);
        }
        return lost;
    }

    private void CheckOrder(int key, Dictionary<long, int> versions, Action<string> fail)
    {
        List<Operation> byStart = [.. operations.Where(operation => operation.Key == key && !operation.IsRefused && !operation.IsStale
            && (operation.IsAcknowledged || (operation.IsWrite && versions.ContainsKey(operation.Value)))).OrderBy(operation => operation.Start)];
        List<Operation> byEnd = [.. byStart.Where(operation => operation.IsAcknowledged).OrderBy(operation => operation.End)];
        int ended = 0, newest = 0;
        Operation? source = null;
        foreach (Operation operation in byStart)
        {
            for (; ended < byEnd.Count && byEnd[ended].End < operation.Start; ended++)
            {
                if (VersionOf(byEnd[ended]) >= newest)
                    (newest, source) = (VersionOf(byEnd[ended]), byEnd[ended]);
            }
            int version = VersionOf(operation);
            if (version < newest || (operation.IsWrite && version == newest))
            {
                fail($"shard {shard}, register {key}: {(operation.IsWrite ? "a write" : "a read")} from {operation.Start} to {operation.End} µs is of version " +
                    $"{version} ({operation.Value}), after version {newest} ({source?.Value}) was {(source?.IsWrite == true ? "written" : "read")} at {source?.End} µs");
                return;
            }
        }

        int VersionOf(Operation operation) => operation.Value == 0 ? 0 : versions.GetValueOrDefault(operation.Value);
    }
}
