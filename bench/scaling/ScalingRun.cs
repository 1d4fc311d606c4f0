using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;
using VecSQL.Kit;

namespace VecSQL.Bench.Scaling;

/// <summary>A cluster of so many nodes with the table, and the questions that are put to it.</summary>
internal sealed class ScalingRun(ClusterProcesses cluster, ScalingOptions options) : IAsyncDisposable
{
    private const int Shards = 4;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);

    private readonly List<CpuShare> _shares = [];

    private IReadOnlyList<ServerProcess> Nodes => cluster.Nodes;

    private EtcdServer Etcd => cluster.Etcd;

    private bool IsAlone => Nodes.Count == 1;

    internal static async Task<ScalingRun> StartAsync(int count, ScalingOptions options)
    {
        ScalingRun run = new(await ClusterProcesses.StartAsync(count), options);
        await run.WaitAsync($"SELECT count(*) = {count} FROM vecsql.nodes WHERE state <> 'unknown'");
        await run.LoadAsync("docs", Shards);
        if (run.IsAlone)
            await run.LoadAsync("whole", 1);
        await run.WaitAsync("SELECT min(replicas) = max(replicas) FROM vecsql.nodes");
        await run.DoAsync("CHECKPOINT");
        // What runs is compiled to its end while processors are free.
        await run.RunClientsAsync(run.Lookup, WarmUp, 0);
        await run.RunClientsAsync(turn => run.Neighbours("docs", turn), WarmUp, 0);
        foreach (ServerProcess node in run.Nodes)
            run._shares.Add(new CpuShare(node.ProcessId, options.Share));
        return run;
    }

    internal async Task RunAsync()
    {
        Console.WriteLine($"{Nodes.Count} {(IsAlone ? "node" : "nodes")}");
        await IdleAsync();
        Measured lookups = await MeasureAsync("by primary key", Lookup);
        Measured exact = await MeasureAsync("neighbours, exact", turn => Neighbours("docs", turn));
        if (IsAlone)
            Compare(exact, await MeasureAsync("the same in one shard", turn => Neighbours("whole", turn)));
        await DoAsync("CREATE INDEX ON docs USING hnsw (v vector_l2_ops)");
        if (IsAlone)
            await DoAsync("CREATE INDEX ON whole USING hnsw (v vector_l2_ops)");
        Measured indexed = await MeasureAsync("neighbours, by index", turn => Neighbours("docs", turn));
        if (IsAlone)
            Compare(indexed, await MeasureAsync("the same in one shard", turn => Neighbours("whole", turn)));
        foreach ((string name, Measured measured) in new[] { ("by primary key", lookups), ("exact", exact), ("by index", indexed) })
            Predict(name, measured);
        foreach (string mode in new[] { "async", "semi-sync", "quorum", "sync" })
            await WriteAsync(mode);
    }

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        foreach (CpuShare share in _shares)
            share.Dispose();
    }

    /// <summary>What nodes take while nobody asks them anything.</summary>
    private async Task IdleAsync()
    {
        double[] nodes = [.. Nodes.Select(static node => CpuClock.Of(node.ProcessId))];
        double etcd = CpuClock.Of(Etcd.ProcessId);
        await Task.Delay(options.Duration);
        double seconds = options.Duration.TotalSeconds;
        string used = string.Join(" + ", Nodes.Select((node, i) => Text((CpuClock.Of(node.ProcessId) - nodes[i]) / seconds)));
        Console.WriteLine($"  {"nothing",-24} ms of processor a second: {used} nodes, {Text((CpuClock.Of(Etcd.ProcessId) - etcd) / seconds)} etcd");
    }

    private async Task WriteAsync(string mode)
    {
        string table = $"w_{mode.Replace("-", "", StringComparison.Ordinal)}";
        try
        {
            await DoAsync($"CREATE TABLE {table} (id bigint PRIMARY KEY, x int) WITH (shards = {Shards}, replication = '{mode}')");
        }
        catch (PostgresException refused) when (refused.SqlState is "22023" or "42601" or "0A000" or "42704")
        {
            Console.WriteLine($"  {"rows, " + mode,-24} {refused.MessageText}");
            return;
        }
        await WaitAsync("SELECT min(replicas) = max(replicas) FROM vecsql.nodes");
        int last = 0;
        await MeasureAsync($"rows, {mode}", _ => $"INSERT INTO {table} VALUES ({Interlocked.Increment(ref last)}, 1)");
    }

    /// <summary>Gives statements from all clients at once, each as soon as its last is answered.</summary>
    private async Task<Measured> MeasureAsync(string name, Func<int, string> statement)
    {
        await RunClientsAsync(statement, TimeSpan.FromSeconds(2), 1 << 20); // to warm up
        double[] nodes = [.. Nodes.Select(static node => CpuClock.Of(node.ProcessId))];
        double etcd = CpuClock.Of(Etcd.ProcessId), own = CpuClock.Own;
        Stopwatch clock = Stopwatch.StartNew();
        double[] times = await RunClientsAsync(statement, options.Duration, 0);
        Measured measured = new(clock.Elapsed.TotalSeconds, times, [.. Nodes.Select((node, i) => CpuClock.Of(node.ProcessId) - nodes[i])],
            CpuClock.Of(Etcd.ProcessId) - etcd, CpuClock.Own - own);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  {name,-24} {measured.PerSecond,9:F1} a second, p50 {measured.Median,8:F2} ms, p99 {measured.Slow,8:F2} ms; ") +
            $"ms of processor each: {string.Join(" + ", measured.Nodes.Select(used => Text(measured.PerStatement(used))))} nodes, " +
            $"{Text(measured.PerStatement(measured.Etcd))} etcd, {Text(measured.PerStatement(measured.Client))} client");
        return measured;
    }

    private async Task<double[]> RunClientsAsync(Func<int, string> statement, TimeSpan duration, int first)
    {
        List<double>[] times = await Task.WhenAll(Enumerable.Range(0, options.Clients).Select(client => Task.Run(async () =>
        {
            List<double> own = [];
            await using NpgsqlConnection connection = await Nodes[client % Nodes.Count].OpenAsync();
            Stopwatch clock = Stopwatch.StartNew();
            for (int turn = first + client; clock.Elapsed < duration; turn += options.Clients)
            {
                long start = Stopwatch.GetTimestamp();
                await using NpgsqlCommand command = new(statement(turn), connection) { CommandTimeout = 0 };
                await command.ExecuteNonQueryAsync();
                own.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            return own;
        })));
        return [.. times.SelectMany(static own => own).Order()];
    }

    private static void Compare(Measured divided, Measured whole) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"  {Shards} shards against one: {divided.Median - whole.Median:+0.00;-0.00} ms p50 ({divided.Median / whole.Median:F2} times), ") + string.Create(
        CultureInfo.InvariantCulture, $"{divided.Slow - whole.Slow:+0.00;-0.00} ms p99 ({divided.Slow / whole.Slow:F2} times)"));

    /// <summary>What processors' time says of machines that have more of it.</summary>
    private void Predict(string name, Measured measured)
    {
        double perQuery = measured.PerStatement(measured.Nodes.Sum());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {name}: {perQuery:F2} ms of the nodes' processors each: {1000 / perQuery:F0} a second for each processor that they have together, ") +
            string.Create(CultureInfo.InvariantCulture, $"{Nodes.Count * 8000 / perQuery:F0} where {Nodes.Count} have 8 each"));
    }

    private async Task LoadAsync(string table, int shards)
    {
        const int Batch = 20_000;
        await DoAsync($"CREATE TABLE {table} (id int PRIMARY KEY, v vector({options.Dimensions}) NOT NULL) WITH (shards = {shards})");
        await using NpgsqlConnection connection = await Nodes[0].OpenAsync();
        for (int first = 0; first < options.Rows; first += Batch)
        {
            await using TextWriter copy = await connection.BeginTextImportAsync($"COPY {table} FROM STDIN");
            for (int id = first; id < Math.Min(first + Batch, options.Rows); id++)
                await copy.WriteLineAsync($"{id}\t{Vector(id)}");
        }
    }

    private string Lookup(int turn) => $"SELECT id FROM docs WHERE id = {turn * 7919L % options.Rows}";

    private string Neighbours(string table, int turn) => $"SELECT id FROM {table} ORDER BY v <-> '{Vector(options.Rows + turn)}' LIMIT 10";

    private string Vector(int seed)
    {
        Random random = new(seed);
        StringBuilder text = new("[");
        for (int i = 0; i < options.Dimensions; i++)
            text.Append(i == 0 ? "" : ",").Append(random.Next(1000));
        return text.Append(']').ToString();
    }

    private Task DoAsync(string sql) => Nodes[0].AskAsync(sql);

    private Task WaitAsync(string query) => Nodes[0].UntilAsync(query, "True", Timeout.InfiniteTimeSpan);

    private static string Text(double milliseconds) => milliseconds.ToString("F3", CultureInfo.InvariantCulture);
}
