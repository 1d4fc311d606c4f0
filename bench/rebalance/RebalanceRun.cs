using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;
using VecSQL.Kit;

namespace VecSQL.Bench.Rebalance;

/// <summary>Three nodes with a table, clients at two of them, and a fourth node that joins.</summary>
internal sealed class RebalanceRun(ClusterProcesses cluster, int rows, int dimensions) : IAsyncDisposable
{
    private IReadOnlyList<ServerProcess> Nodes => cluster.Nodes;

    private ServerProcess Node => Nodes[1];

    internal static async Task<RebalanceRun> StartAsync(int rows, int dimensions, int shards, string rate)
    {
        RebalanceRun run = new(await ClusterProcesses.StartAsync(nodes: 3), rows, dimensions);
        await run.WaitAsync("SELECT count(*) = 3 FROM vecsql.nodes WHERE state <> 'unknown'");
        await run.Node.AskAsync($"ALTER CLUSTER SET move_bytes_per_second = '{rate}'");
        await run.Node.AskAsync($"CREATE TABLE docs (id int PRIMARY KEY, tenant int NOT NULL, v vector({dimensions}) NOT NULL) WITH (shards = {shards})");
        Stopwatch clock = Stopwatch.StartNew();
        await run.LoadAsync();
        Console.WriteLine($"{rows:N0} rows of {dimensions} dimensions in {shards} shards on three nodes, loaded in {clock.Elapsed.TotalSeconds:F0} s");
        await run.WaitAsync("SELECT min(replicas) = max(replicas) FROM vecsql.nodes");
        return run;
    }

    internal async Task<bool> RunAsync(TimeSpan before)
    {
        TimedClient[] clients =
        [
            new("nearest neighbours", Nodes[0], turn => $"SELECT id FROM docs WHERE tenant = {turn % 1000} ORDER BY v <-> '{Vector(turn)}' LIMIT 10"),
            new("lookups", Nodes[1], turn => $"SELECT tenant FROM docs WHERE id = {(turn * 7919L) % rows}"),
            new("inserts", Nodes[2], turn => $"INSERT INTO docs VALUES ({rows + turn}, {turn % 1000}, '{Vector(turn)}')"),
            new("updates", Nodes[1], turn => $"UPDATE docs SET tenant = tenant + 1000 WHERE id = {(turn * 104729L) % rows}"),
        ];
        foreach (TimedClient client in clients)
            client.Start();
        await Task.Delay(before / 3); // to warm up
        await MeasureAsync("before", clients, () => Task.Delay(before));
        await MeasureAsync("while the node joins", clients, () => cluster.AddAsync());
        await WaitAsync("SELECT count(*) = 4 FROM vecsql.nodes WHERE state <> 'unknown'");
        long planned = 0;
        Stopwatch clock = Stopwatch.StartNew();
        Phase moving = await MeasureAsync("while replicas move", clients, async () =>
        {
            planned = await SumAsync("REBALANCE", column: 5);
            await WaitAsync("SELECT count(*) = 0 FROM vecsql.jobs WHERE ended IS NULL");
        });
        double seconds = clock.Elapsed.TotalSeconds;
        long moved = await SumAsync("SELECT coalesce(sum(done_bytes), 0)::text FROM vecsql.jobs WHERE kind = 'move' AND state = 'done'", column: 0);
        foreach (TimedClient client in clients)
            await client.DisposeAsync();
        Console.WriteLine($"moved in {seconds:F1} s: {moved >> 20} MiB of {planned >> 20} that had to move, {(planned == 0 ? 0 : (double)moved / planned):F2} times as much");
        Console.WriteLine(await Node.AskAsync("SELECT string_agg(name || ': ' || replicas || ' replicas, ' || primaries || ' primaries', '; ' ORDER BY name) FROM vecsql.nodes"));
        long there = await SumAsync("SELECT count(*)::text FROM docs", column: 0);
        long wanted = rows + clients[2].Done;
        Console.WriteLine($"{there:N0} rows are there, {wanted:N0} were written");
        return moving.Failed == 0 && there >= wanted;
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    private static async Task<Phase> MeasureAsync(string name, TimedClient[] clients, Func<Task> act)
    {
        foreach (TimedClient client in clients)
            client.Take();
        await act();
        Console.WriteLine(name);
        int failed = 0;
        foreach (TimedClient client in clients)
        {
            TimedClient.Figures figures = client.Take();
            failed += figures.Failed;
            Console.WriteLine($"  {client.Name,-20} {figures.Count,7} at {figures.Median,7:F1} ms, p95 {figures.Late,7:F1} ms, longest {figures.Longest,7:F0} ms; " +
                $"{figures.Retried} to be tried again (40001, 57P03, 08), {figures.Failed} failed {figures.Error}");
        }
        return new Phase(failed);
    }

    private async Task LoadAsync()
    {
        const int Batch = 20_000;
        await using NpgsqlConnection connection = await Nodes[0].OpenAsync();
        for (int first = 0; first < rows; first += Batch)
        {
            await using TextWriter copy = await connection.BeginTextImportAsync("COPY docs FROM STDIN");
            for (int id = first; id < Math.Min(first + Batch, rows); id++)
                await copy.WriteLineAsync($"{id}\t{id % 1000}\t{Vector(id)}");
        }
    }

    private string Vector(int seed)
    {
        Random random = new(seed);
        StringBuilder text = new("[");
        for (int i = 0; i < dimensions; i++)
            text.Append(i == 0 ? "" : ",").Append(random.Next(1000).ToString(CultureInfo.InvariantCulture));
        return text.Append(']').ToString();
    }

    private async Task<long> SumAsync(string query, int column)
    {
        await using NpgsqlConnection connection = await Node.OpenAsync();
        await using NpgsqlCommand command = new(query, connection) { CommandTimeout = 0 };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        long sum = 0;
        while (await reader.ReadAsync())
            sum += reader.IsDBNull(column) ? 0 : long.Parse(reader.GetString(column), CultureInfo.InvariantCulture);
        return sum;
    }

    private Task WaitAsync(string query) => Node.UntilAsync(query, "True", Timeout.InfiniteTimeSpan);

    private sealed record Phase(int Failed);
}
