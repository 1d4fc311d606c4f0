namespace VecSQL.Executor.Expressions;

/// <summary>What functions do to tables in shards, and to the nodes that they lie on.</summary>
/// <remarks>All of it fails with SQL's errors. Nodes are named as Citus names them, by their address, or by their name with any port.</remarks>
public interface IShardFunctions
{
    /// <summary>create_distributed_table: divides a table that is whole.</summary>
    /// <param name="column">The shard key; null for a table that stays whole.</param>
    /// <param name="togetherWith">The table whose division it is to have; default for as it comes.</param>
    /// <param name="shards">Null for as many as that table has, or the default.</param>
    void Distribute(uint table, string? column, string method, string togetherWith, int? shards, CancellationToken cancellation);

    /// <summary>alter_distributed_table: divides it anew; what is null stays as it is.</summary>
    /// <param name="cascades">Whether the tables that are divided with it follow, which must be said where there are some.</param>
    void Redistribute(uint table, string? column, int? shards, string? togetherWith, bool? cascades, CancellationToken cancellation);

    /// <summary>undistribute_table: makes it whole.</summary>
    void Undistribute(uint table, CancellationToken cancellation);

    /// <summary>citus_add_node: finds a node that has joined.</summary>
    /// <returns>Its number.</returns>
    int AddNode(string name, int port);

    void RemoveNode(string name, int port, CancellationToken cancellation);

    /// <summary>citus_drain_node: returns when it has no replica.</summary>
    void DrainNode(string name, int port, CancellationToken cancellation);

    /// <summary>citus_move_shard_placement: returns when the replica has moved.</summary>
    void Move(long shard, (string Name, int Port) source, (string Name, int Port) target, CancellationToken cancellation);

    /// <summary>citus_rebalance_start.</summary>
    /// <param name="table">Null for all.</param>
    /// <returns>The first job's number; null where nothing is to be done.</returns>
    long? StartRebalance(uint? table, CancellationToken cancellation);

    void StopRebalance(CancellationToken cancellation);

    /// <summary>Returns when no job of a rebalance is left.</summary>
    void WaitForRebalance(CancellationToken cancellation);
}
