using System.Globalization;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Printing;

internal sealed partial class SqlWriter
{
    private bool TryWriteClusterWork(Statement statement)
    {
        switch (statement)
        {
            case AlterClusterStatement alter:
                Write(alter);
                return true;
            case MoveShardStatement move:
                Add("ALTER SHARD ").Add(move.Shard.ToString(CultureInfo.InvariantCulture)).Add(" MOVE FROM ").WriteLiteral(move.Source);
                Add(" TO ").WriteLiteral(move.Target);
                return true;
            case RebalanceStatement rebalance:
                Add("REBALANCE");
                if (rebalance.Table is { } table)
                {
                    Add(" TABLE ");
                    Write(table);
                }
                WriteIf(rebalance.IsDryRun, " DRY RUN");
                return true;
            case JobStatement job:
                Add(job.Verb.ToUpperInvariant()).Add(" JOB ").Add(job.Job.ToString(CultureInfo.InvariantCulture));
                return true;
            default:
                return false;
        }
    }

    private void Write(AlterClusterStatement alter)
    {
        Add("ALTER CLUSTER ").Add(alter.Action switch
        {
            ClusterAction.AddNode => "ADD NODE ",
            ClusterAction.DrainNode => "DRAIN NODE ",
            ClusterAction.UndrainNode => "UNDRAIN NODE ",
            ClusterAction.RemoveNode => "REMOVE NODE ",
            ClusterAction.Set => "SET ",
            _ => "RESET ",
        });
        if (alter.Node is { } node)
            Add(SqlPrinter.QuoteLiteral(node));
        if (alter.Setting is { } setting)
            WriteDotted(setting);
        if (alter.Value is { } value)
            Add(" = ").WriteLiteral(value);
        WriteIf(alter.IsForced, " FORCE");
    }
}
