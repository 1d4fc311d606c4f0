using VecSQL.Core.Errors;

namespace VecSQL.Storage.Shards;

/// <summary>Ends circles of transactions that wait for each other over several shards; those at one shard are found there as they close.</summary>
/// <remarks>
/// Looks:   each second at the waits of this node's shards; where one has lasted since the last look, at those of all shards, which are asked at once.
/// Certain: is a circle of waits that were there at two looks: all of them have lasted from the end of the first to the beginning of the second.
/// Victim:  the one of a circle whose name is the greatest, which the node sees to at whose shard it waits: so all nodes agree on one.
/// Threads: any; one look at a time.
/// </remarks>
/// <param name="here">The shards of this node.</param>
/// <param name="all">All shards that tables lie in.</param>
public sealed class DeadlockDetector(Func<IEnumerable<StorageEngine>> here, Func<IEnumerable<IShard>> all, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private HashSet<WaitEdge> _before = [], _ownBefore = [];

    /// <summary>Looks until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(Interval, time, cancellation).ConfigureAwait(false);
            await LookAsync(cancellation).ConfigureAwait(false);
        }
    }

    internal async ValueTask LookAsync(CancellationToken cancellation)
    {
        HashSet<WaitEdge> now = [], own = [.. here().SelectMany(static engine => engine.ListWaits())];
        if (own.Overlaps(_ownBefore)) // most waits are over sooner
        {
            foreach (IReadOnlyList<WaitEdge> waits in await Task.WhenAll(all().Select(shard => ListAsync(shard, cancellation))).ConfigureAwait(false))
                now.UnionWith(waits);
        }
        _ownBefore = own;
        ILookup<string, WaitEdge> lasting = now.Where(_before.Contains).ToLookup(static edge => edge.Waiter, StringComparer.Ordinal);
        _before = now;
        if (lasting.Count == 0)
            return;
        foreach (StorageEngine engine in here())
        {
            foreach (WaitEdge wait in engine.ListWaits())
            {
                List<WaitEdge> circle = [wait];
                if (lasting[wait.Waiter].Contains(wait) && Closes(lasting, wait.Waiter, circle, []))
                    engine.TryEndWait(wait.Wait, Deadlock(circle));
            }
        }
    }

    private static async Task<IReadOnlyList<WaitEdge>> ListAsync(IShard shard, CancellationToken cancellation)
    {
        try
        {
            return await shard.ListWaitsAsync(cancellation).ConfigureAwait(false);
        }
        catch (SqlException)
        {
            return []; // it cannot be asked now: a circle over it is found when it can
        }
    }

    /// <summary>Whether the path goes on to where it began by transactions whose names are not greater than that one's.</summary>
    private static bool Closes(ILookup<string, WaitEdge> waits, string first, List<WaitEdge> path, HashSet<string> seen)
    {
        string last = path[^1].Blocker;
        if (last == first)
            return true;
        if (string.CompareOrdinal(last, first) > 0 || !seen.Add(last))
            return false;
        foreach (WaitEdge next in waits[last])
        {
            path.Add(next);
            if (Closes(waits, first, path, seen))
                return true;
            path.RemoveAt(path.Count - 1);
        }
        return false;
    }

    private static SqlException Deadlock(List<WaitEdge> circle) => new(SqlState.DeadlockDetected, "deadlock detected", hint: "See server log for query details.")
    {
        Detail = string.Join('\n', circle.Select(static wait => $"Transaction {wait.Waiter} waits for transaction {wait.Blocker}.")),
    };
}
