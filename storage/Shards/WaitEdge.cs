namespace VecSQL.Storage.Shards;

/// <summary>A transaction that waits for another at a shard.</summary>
/// <param name="Waiter">The name that it has at all its shards.</param>
/// <param name="Blocker">As <paramref name="Waiter"/>.</param>
/// <param name="Wait">Tells this wait from those that the same two had before.</param>
public readonly record struct WaitEdge(string Waiter, string Blocker, long Wait);
