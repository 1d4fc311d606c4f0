using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;

namespace VecSQL.Bench.Chaos;

/// <summary>Rounds of faults under clients that write and read, and what they tell of the cluster.</summary>
/// <param name="replication">Of the tables; null for the default.</param>
internal sealed partial class ChaosRun(ChaosCluster cluster, Findings findings, Random random, string? replication)
{
    private static readonly TimeSpan CalmMin = TimeSpan.FromSeconds(2), FaultMin = TimeSpan.FromSeconds(3), FaultMax = TimeSpan.FromSeconds(12);
    /// <summary>The replication that may lose what it has acknowledged; then it is counted, and compared with what nodes say of it.</summary>
    private const string Losing = "async";

    private static readonly TimeSpan RecoveryMax = TimeSpan.FromSeconds(60);

    private const int WriterCount = 2, BatchRowsMax = 20;

    private readonly Registers _registers = new();
    /// <summary>Of one row where what was acknowledged may be lost: a transaction over shards has no meaning then.</summary>
    private readonly Events _events = new(replication == Losing ? 1 : BatchRowsMax);
    private readonly Bank _bank = new();
    private readonly Neighbours _neighbours = new(new Random(1));
    private readonly Dictionary<string, GapWatch> _gaps = [];

    /// <param name="faults">One a round.</param>
    public async Task RunAsync(IEnumerable<string> faults, TimeSpan duration)
    {
        await SetUpAsync();
        if (findings.ViolationCount > 0)
            return;
        using CancellationTokenSource stop = new();
        Task[] workers = [.. Workers().Select(worker => worker.RunAsync(stop.Token))];
        Stopwatch clock = Stopwatch.StartNew();
        Faults plan = new(cluster, random);
        int round = 0;
        foreach (string name in faults)
        {
            if (clock.Elapsed > duration)
                break;
            await PauseAsync(CalmMin);
            TakeGaps();
            Fault fault = plan.Make(name);
            TimeSpan held = FaultMin + ((FaultMax - FaultMin) * random.NextDouble());
            findings.Say($"round {++round}: {fault.Name} for {held.TotalSeconds:F1} s");
            await fault.BeginAsync();
            await PauseAsync(held);
            await fault.EndAsync();
            TimeSpan recovery = await RecoverAsync(), equal = recovery + await CompareAsync();
            findings.Say($"  whole again {recovery.TotalSeconds:F1} s after it was healed, all replicas equal {equal.TotalSeconds:F1} s; longest gaps: {TakeGaps()}");
            if (findings.ViolationCount > 0)
                break;
        }
        await stop.CancelAsync();
        await Task.WhenAll(workers);
        if (findings.ViolationCount == 0)
            await (replication == Losing ? CheckLossAsync() : CheckAsync());
        foreach ((string what, long number) in findings.Counts)
            findings.Say($"  {what}: {number:N0}");
        findings.Say($"{round} rounds in {clock.Elapsed.TotalMinutes:F1} minutes, {findings.ViolationCount} violations");
    }

    private async Task SetUpAsync()
    {
        await RecoverAsync();
        if (findings.ViolationCount > 0)
            return;
        await using NpgsqlConnection connection = await cluster.ConnectAsync(0, CancellationToken.None);
        string with = replication is null ? "WITH (shards = 4)" : $"WITH (shards = 4, replication = '{replication}')";
        foreach (string setup in (string[])[.. Registers.Setup(with), .. Events.Setup(with), .. Bank.Setup(with), .. Neighbours.Setup(with)])
            await RetryAsync(connection, setup);
        await _neighbours.LoadAsync(connection);
        await RecoverAsync();
        findings.Say($"{cluster.NodeCount} nodes have the tables");
    }

    private static async Task RetryAsync(NpgsqlConnection connection, string statement)
    {
        while (true)
        {
            try
            {
                await using NpgsqlCommand command = new(statement, connection);
                await command.ExecuteNonQueryAsync();
                return;
            }
            catch (PostgresException failed) when (failed.SqlState == PostgresErrorCodes.SerializationFailure)
            {
                await PauseAsync(TimeSpan.FromMilliseconds(50));
            }
        }
    }

    private IEnumerable<Worker> Workers()
    {
        yield return new NeighbourReader(_neighbours, cluster, findings, Gaps("neighbours"), Seeded());
        for (int i = 0; i < WriterCount; i++)
        {
            yield return new EventWriter(_events, cluster, findings, Gaps("event batches"), Seeded());
            if (replication == Losing)
                continue;
            yield return new RegisterWriter(_registers, i, WriterCount, cluster, findings, Gaps("register writes"), Seeded());
            yield return new RegisterReader(_registers, cluster, findings, Gaps("register reads"), Seeded());
            yield return new Teller(_bank, cluster, findings, Gaps("transfers"), Seeded());
        }
        if (replication != Losing)
            yield return new Auditor(cluster, findings, Gaps("sums"), Seeded());
    }

    private Random Seeded() => new(random.Next());

    private GapWatch Gaps(string kind)
    {
        if (!_gaps.TryGetValue(kind, out GapWatch? gaps))
            _gaps.Add(kind, gaps = new GapWatch());
        return gaps;
    }

    private string TakeGaps() => string.Join(", ", _gaps.Select(static gaps => $"{gaps.Key} {gaps.Value.Take().TotalSeconds:F1} s"));

    private static Task PauseAsync(TimeSpan time) => Task.Delay(time);

    /// <summary>Waits until every node sees every node, and all tables.</summary>
    /// <returns>How long it took.</returns>
    private async Task<TimeSpan> RecoverAsync()
    {
        Stopwatch clock = Stopwatch.StartNew();
        using CancellationTokenSource late = new(RecoveryMax);
        for (int node = 0; node < cluster.NodeCount; node++)
        {
            string last = "";
            while ((last = await StateAsync(node)) != "whole")
            {
                if (late.IsCancellationRequested)
                {
                    findings.Violation($"n{node + 1} is not whole {RecoveryMax.TotalSeconds:F0} s after all was healed: {last}");
                    return clock.Elapsed;
                }
                await PauseAsync(TimeSpan.FromMilliseconds(50));
            }
        }
        return clock.Elapsed;
    }

    /// <summary>Has all replicas compared, and waits until each was found to hold what its primary holds, at an entry that is not older than this call.</summary>
    /// <returns>How long it took.</returns>
    private async Task<TimeSpan> CompareAsync()
    {
        Stopwatch clock = Stopwatch.StartNew();
        if (findings.ViolationCount > 0)
            return clock.Elapsed;
        await AskAgainAsync("ALTER CLUSTER SET replica_check_interval = '500ms'");
        Dictionary<long, long> wanted = []; // an entry for each shard
        List<string> differing = [];
        do
        {
            differing.Clear();
            for (int node = 0; node < cluster.NodeCount; node++)
            {
                try
                {
                    await using NpgsqlConnection connection = await cluster.ConnectAsync(node, CancellationToken.None);
                    const string Known = "SELECT shard, name, last_entry, coalesce(verified_entry, 0) FROM vecsql.replicas WHERE last_entry IS NOT NULL AND role <> 'primary'";
                    await ReadAsync(connection, Known, row =>
                    {
                        wanted.TryAdd(row.GetInt64(0), row.GetInt64(2));
                        if (row.GetInt64(3) < wanted[row.GetInt64(0)])
                            differing.Add($"shard {row.GetInt64(0)} at {row.GetString(1)}: {row.GetInt64(3)} of {wanted[row.GetInt64(0)]}");
                    });
                }
                catch (Exception failed) when (failed is NpgsqlException or IOException or TimeoutException)
                {
                    differing.Add(failed.Message);
                }
            }
            if (clock.Elapsed > RecoveryMax)
            {
                findings.Violation($"replicas are not known to be equal {RecoveryMax.TotalSeconds:F0} s after all was whole: {string.Join(", ", differing)}");
                break;
            }
            await PauseAsync(TimeSpan.FromMilliseconds(50));
        }
        while (differing.Count > 0 || wanted.Count == 0);
        TimeSpan took = clock.Elapsed;
        await AskAgainAsync("ALTER CLUSTER RESET replica_check_interval");
        return took;
    }

    private async Task AskAgainAsync(string statement)
    {
        await using NpgsqlConnection connection = await cluster.ConnectAsync(0, CancellationToken.None);
        await RetryAsync(connection, statement);
    }

    private async Task<string> StateAsync(int node)
    {
        try
        {
            await using NpgsqlConnection connection = await cluster.ConnectAsync(node, CancellationToken.None);
            await using NpgsqlCommand healthy = new("SELECT count(*) FROM vecsql.nodes WHERE state = 'healthy'", connection);
            long count = (long)(await healthy.ExecuteScalarAsync())!;
            if (count != cluster.NodeCount)
                return $"{count} nodes are healthy";
            await using NpgsqlCommand tables = new(
                "SELECT string_agg(relname, ' ') FROM pg_class WHERE relname IN ('accounts', 'events', 'places', 'registers')", connection);
            foreach (string table in (await tables.ExecuteScalarAsync() as string ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                await using NpgsqlCommand rows = new($"SELECT count(*) FROM {table}", connection);
                await rows.ExecuteScalarAsync();
            }
            return "whole";
        }
        catch (Exception failed) when (failed is NpgsqlException or IOException or TimeoutException)
        {
            return failed.Message;
        }
    }

    private async Task CheckAsync()
    {
        foreach (string wrong in _registers.Check())
            findings.Violation(wrong);
        for (int node = 0; node < cluster.NodeCount; node++)
        {
            await using NpgsqlConnection connection = await cluster.ConnectAsync(node, CancellationToken.None);
            Dictionary<long, long> batches = [];
            await ReadAsync(connection, "SELECT batch, count(*) FROM events GROUP BY batch", row => batches.Add(row.GetInt64(0), row.GetInt64(1)));
            Dictionary<int, long> balances = [];
            await ReadAsync(connection, "SELECT id, balance FROM accounts", row => balances.Add(row.GetInt32(0), row.GetInt64(1)));
            Dictionary<long, (int, int, long)> transfers = [];
            await ReadAsync(connection, "SELECT id, source, target, amount FROM transfers",
                row => transfers.Add(row.GetInt64(0), (row.GetInt32(1), row.GetInt32(2), row.GetInt64(3))));
            foreach (string wrong in _events.Check(batches).Concat(_bank.Check(balances, transfers)))
                findings.Violation($"at n{node + 1}: {wrong}");
        }
    }

    /// <summary>Compares how many batches are lost with what nodes have said of it.</summary>
    private async Task CheckLossAsync()
    {
        long said = Enumerable.Range(0, cluster.NodeCount).SelectMany(node => LossLine().Matches(cluster.Node(node).Logged))
            .Sum(static line => long.Parse(line.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
        for (int node = 0; node < cluster.NodeCount; node++)
        {
            await using NpgsqlConnection connection = await cluster.ConnectAsync(node, CancellationToken.None);
            Dictionary<long, long> batches = [];
            await ReadAsync(connection, "SELECT batch, count(*) FROM events GROUP BY batch", row => batches.Add(row.GetInt64(0), row.GetInt64(1)));
            int lost = _events.CountLost(batches);
            findings.Say($"n{node + 1} lacks {lost} acknowledged batches; nodes have said that {said} log entries are lost");
            if (lost > said)
                findings.Violation($"of {lost} batches that are lost nodes say {said}");
        }
    }

    [GeneratedRegex(@"shard \d+ has lost (\d+) log entries")]
    private static partial Regex LossLine();

    private static async Task ReadAsync(NpgsqlConnection connection, string sql, Action<NpgsqlDataReader> row)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            row(reader);
    }
}
