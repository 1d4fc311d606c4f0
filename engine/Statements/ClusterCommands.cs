using System.Collections.Immutable;
using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Engine.Introspection;
using VecSQL.Engine.Introspection.Families;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>ALTER CLUSTER, ALTER SHARD, REBALANCE, and PAUSE, RESUME, CANCEL JOB: for superusers, and outside of transactions.</summary>
internal static class ClusterCommands
{
    internal const string HowToJoin = "Nodes join by themselves: start one with vecsql start --cluster ADDRESSES --node-name NAME.";

    private static readonly string[] PlanColumns = ["job", "kind", "shard", "from", "to", "bytes"];

    /// <summary>The columns of those that have rows; null for others.</summary>
    internal static ImmutableArray<ResultColumnInfo>? Columns(Statement statement) => statement switch
    {
        RebalanceStatement or MoveShardStatement => TextRows.Columns(PlanColumns),
        _ => null,
    };

    internal static StatementWork? TryOpen(SessionState session, Statement statement, bool isInScript) => statement switch
    {
        RebalanceStatement rebalance => Rows("REBALANCE", async cancellation =>
        {
            IClusterControl control = Control(session, "REBALANCE", isInScript);
            TableEntry? table = rebalance.Table is { } name ? session.Names.GetTable(session.Catalog, name) : null;
            return await RebalanceAsync(session, control, table, rebalance.IsDryRun, cancellation);
        }),
        MoveShardStatement move => Rows("ALTER SHARD", async cancellation =>
        {
            IClusterControl control = Control(session, "ALTER SHARD", isInScript);
            return [await control.MoveAsync(move.Shard, move.Source, move.Target, cancellation)];
        }),
        AlterClusterStatement alter => new CommandWork(async cancellation =>
        {
            await AlterAsync(session, Control(session, "ALTER CLUSTER", isInScript), alter, cancellation);
            return "ALTER CLUSTER";
        }),
        JobStatement job => new CommandWork(async cancellation =>
        {
            string tag = $"{job.Verb.ToUpperInvariant()} JOB";
            await Control(session, tag, isInScript).ChangeJobAsync(job.Job, job.Verb, cancellation);
            return tag;
        }),
        _ => null,
    };

    /// <exception cref="SqlException">25001, 42501, 55000: not within a transaction, not this user, not at this node.</exception>
    internal static IClusterControl Control(SessionState session, string command, bool isInScript)
    {
        session.Transaction.RefuseBlock(command, isInScript);
        if (!session.IsSuperuser)
            throw Roles.Denied($"must be superuser to use {command}");
        return session.Database.Cluster.Control ?? throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "this node is part of no cluster",
            hint: "Nodes that are started with --cluster are.");
    }

    private static async ValueTask AlterAsync(SessionState session, IClusterControl control, AlterClusterStatement alter, CancellationToken cancellation)
    {
        string name = alter.Node ?? "";
        switch (alter.Action)
        {
            case ClusterAction.AddNode:
                Find(session, name);
                break;
            case ClusterAction.DrainNode or ClusterAction.UndrainNode:
                await control.DrainAsync(name, isUndone: alter.Action == ClusterAction.UndrainNode, cancellation);
                break;
            case ClusterAction.RemoveNode:
                foreach (string warning in await control.RemoveAsync(name, alter.IsForced, cancellation))
                    session.Notices.Warn(SqlState.Warning, warning);
                break;
            default:
                await control.SetAsync(alter.Setting ?? "", alter.Value, cancellation);
                break;
        }
    }

    /// <summary>Nodes join by themselves: one that has is told of, and one that has not must be started.</summary>
    private static void Find(SessionState session, string name)
    {
        bool isThere = session.Database.Cluster.Describe().Nodes.Any(node =>
            node.Name == name || node.SqlAddress == name || node.FlightAddress?.EndsWith($"//{name}", StringComparison.Ordinal) == true);
        if (!isThere)
        {
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState, $"node \"{name}\" has not joined the cluster", hint: HowToJoin);
        }
        session.Notices.Notice(SqlState.DuplicateObject, $"node \"{name}\" is part of the cluster already, skipping");
    }

    /// <param name="wanted">Null for all tables.</param>
    internal static async ValueTask<IReadOnlyList<JobDescription>> RebalanceAsync(
        SessionState session, IClusterControl control, TableEntry? wanted, bool isDryRun, CancellationToken cancellation)
    {
        session.Transaction.Storage.BeginStatement();
        Dictionary<long, long> bytes = [];
        HashSet<long>? only = wanted is null ? null : [];
        foreach (StorageFamily.TableShard part in StorageFamily.ShardsOf(session, session.Catalog.Tables.Where(static table => table.Kind == TableKind.Table)))
        {
            bytes[part.Shard.Value] = bytes.GetValueOrDefault(part.Shard.Value) + (part.SizeBytes ?? 0);
            if (wanted?.Oid == part.Table.Oid)
                only?.Add(part.Shard.Value);
        }
        return await control.RebalanceAsync(only, bytes, isDryRun, cancellation);
    }

    /// <summary>ALTER TABLE … SCATTER: what REBALANCE TABLE does.</summary>
    internal static async ValueTask ScatterAsync(SessionState session, QualifiedName table, bool isInScript, CancellationToken cancellation) =>
        await RebalanceAsync(session, Control(session, "ALTER TABLE ... SCATTER", isInScript), session.Names.GetTable(session.Catalog, table), isDryRun: false, cancellation);

    private static RowsWork Rows(string tag, Func<CancellationToken, ValueTask<IReadOnlyList<JobDescription>>> run) =>
        new(TextRows.Columns(PlanColumns), tag, async cancellation => TextRows.Of((await run(cancellation)).Select(Row), PlanColumns.Length));

    private static string?[] Row(JobDescription job) =>
        [job.Id == 0 ? null : Text(job.Id), job.Kind, Text(job.Shard), job.Source, job.Target, job.AllBytes == 0 ? null : Text(job.AllBytes)];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
