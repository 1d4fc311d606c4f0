using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

/// <remarks>Words that PostgreSQL does not have are words here only where they are looked for: everywhere else they are names.</remarks>
internal sealed partial class SqlGrammar
{
    /// <summary>ALTER CLUSTER: ADD NODE, DRAIN NODE, UNDRAIN NODE, REMOVE NODE 'name' [FORCE], SET name = value, RESET name</summary>
    private AlterClusterStatement ParseAlterCluster()
    {
        Expect(Keyword.Cluster);
        if (Accept(Keyword.Set))
        {
            string name = ParseDottedSetting();
            if (!Accept(Keyword.To) && !Accept(TokenKind.Equal))
                throw Unexpected();
            return new AlterClusterStatement(ClusterAction.Set, null) { Setting = name, Value = ParseClusterValue() };
        }
        if (Accept(Keyword.Reset))
            return new AlterClusterStatement(ClusterAction.Reset, null) { Setting = ParseDottedSetting() };
        ClusterAction action = Accept(Keyword.Add) ? ClusterAction.AddNode
            : AcceptWord("drain") ? ClusterAction.DrainNode
            : AcceptWord("undrain") ? ClusterAction.UndrainNode
            : AcceptWord("remove") ? ClusterAction.RemoveNode
            : throw Unexpected();
        ExpectWord("node");
        string node = ExpectString();
        return new AlterClusterStatement(action, node) { IsForced = action == ClusterAction.RemoveNode && Accept(Keyword.Force) };
    }

    private string ParseClusterValue()
    {
        if (Is(TokenKind.String))
            return ExpectString();
        if (Is(TokenKind.Integer))
            return ExpectInteger().ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Accept(Keyword.On) ? "on" : ParseColumnName();
    }

    /// <summary>Of ALTER TABLE: SPLIT AT VALUES (…), SPLIT SHARDS 3, MERGE SHARDS 3, 4, TRAIN SHARDS, SCATTER; null for all else.</summary>
    private AlterAction? ParseShardActionOrNull()
    {
        if (AcceptWord("scatter"))
            return new ScatterAction();
        if (AcceptWord("train"))
        {
            ExpectWord("shards");
            return new TrainShardsAction();
        }
        if (Accept(Keyword.Merge))
        {
            ExpectWord("shards");
            return new MergeShardsAction(ParseList(ExpectInteger));
        }
        if (!AcceptWord("split"))
            return null;
        return AcceptWord("shards") || AcceptWord("shard")
            ? new SplitShardsAction(ParseList(ExpectInteger), []) : new SplitShardsAction([], ParseSplitPoints());
    }

    /// <summary>ALTER SHARD number MOVE FROM 'node' TO 'node'</summary>
    private MoveShardStatement ParseAlterShard()
    {
        ExpectWord("shard");
        int shard = ExpectInteger();
        Expect(Keyword.Move, Keyword.From);
        string source = ExpectString();
        Expect(Keyword.To);
        return new MoveShardStatement(shard, source, ExpectString());
    }

    /// <summary>REBALANCE, PAUSE JOB, RESUME JOB, CANCEL JOB; null for all else.</summary>
    private Statement? ParseClusterWorkOrNull()
    {
        if (AcceptWord("rebalance"))
        {
            QualifiedName? table = Accept(Keyword.Table) ? ParseAnyName() : null;
            bool isDryRun = AcceptWord("dry");
            if (isDryRun)
                ExpectWord("run");
            return new RebalanceStatement(table, isDryRun);
        }
        string? verb = AcceptWord("pause") ? "pause" : AcceptWord("resume") ? "resume" : AcceptWord("cancel") ? "cancel" : null;
        if (verb is null)
            return null;
        ExpectWord("job");
        return new JobStatement(verb, ExpectInteger());
    }
}
