namespace VecSQL.Parser.Syntax;

/// <summary>ALTER CLUSTER action.</summary>
/// <param name="Node">A node's name; of ADD also its address. Null for SET and RESET.</param>
public sealed record AlterClusterStatement(ClusterAction Action, string? Node) : Statement
{
    /// <summary>REMOVE NODE 'n2' FORCE.</summary>
    public bool IsForced { get; init; }

    /// <summary>Of SET and RESET.</summary>
    public string? Setting { get; init; }

    /// <summary>Of SET, as text.</summary>
    public string? Value { get; init; }
}

public enum ClusterAction
{
    AddNode,
    DrainNode,
    UndrainNode,
    RemoveNode,
    Set,
    Reset,
}

/// <summary>ALTER SHARD 17 MOVE FROM 'n1' TO 'n4'.</summary>
public sealed record MoveShardStatement(int Shard, string Source, string Target) : Statement;

/// <summary>REBALANCE [TABLE name] [DRY RUN].</summary>
/// <param name="Table">Null for all.</param>
public sealed record RebalanceStatement(QualifiedName? Table, bool IsDryRun) : Statement;

/// <summary>PAUSE, RESUME or CANCEL JOB number.</summary>
/// <param name="Verb">In lower case.</param>
public sealed record JobStatement(string Verb, int Job) : Statement;
