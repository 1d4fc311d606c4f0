using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Npgsql;
using VecSQL.Server.Configuration;
using VecSQL.Server.Demo;

namespace VecSQL.Server.Commands;

/// <summary><c>vecsql cluster demo</c>: three nodes and an etcd on this machine, one of which is killed under clients.</summary>
internal static class ClusterCommand
{
    private const int NodeCount = 3, RowsMax = 5000;

    private const string Question = "SELECT member FROM api_docs WHERE kind = 'method' ORDER BY embedding <=> embed('compress a stream of bytes') LIMIT 5";

    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(3), Without = TimeSpan.FromSeconds(10), Patience = TimeSpan.FromMinutes(1);

    public static Command Build()
    {
        Option<bool> exit = new("--exit") { Description = "Stop after the figures." };
        Command demo = new("demo", "Starts etcd and three nodes, loads real text, kills a node under clients and says what they saw of it.") { exit };
        demo.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                return await RunAsync(parsed.GetValue(exit), cancellation);
            }
            catch (SettingException unusable)
            {
                Console.Error.WriteLine($"vecsql: {unusable.Message}");
                return 1;
            }
        });
        return new Command("cluster", "Several nodes as one database.") { demo };
    }

    private static async Task<int> RunAsync(bool exits, CancellationToken stop)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("vecsql-cluster-");
        try
        {
            Console.WriteLine("Starting etcd and three nodes ...");
            await using DemoCluster cluster = await DemoCluster.StartAsync(folder.FullName, NodeCount, stop);
            bool isWhole = await ShowAsync(cluster, stop);
            if (!exits)
            {
                Console.WriteLine("Running; Ctrl+C stops, and removes the data.");
                await Task.Delay(Timeout.InfiniteTimeSpan, stop).ContinueWith(static _ => { }, CancellationToken.None);
            }
            return isWhole ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <returns>Whether all that was acknowledged is there, and all answers were the same.</returns>
    private static async Task<bool> ShowAsync(DemoCluster cluster, CancellationToken stop)
    {
        await LoadAsync(cluster, stop);
        string answer;
        await using (NpgsqlConnection connection = await cluster.ConnectAsync(0, stop))
            answer = await AnswerAsync(connection, stop);
        Console.WriteLine($"\n{Question};\n");
        foreach (string member in answer.Split('\n'))
            Console.WriteLine($"  {member}");
        Console.WriteLine();

        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        int others = 0;
        long number = 0, acknowledged = 0;
        DemoClient[] readers = [.. Enumerable.Range(0, NodeCount).Select(node => new DemoClient(cluster, node, async (connection, end) =>
        {
            if (await AnswerAsync(connection, end) != answer)
                Interlocked.Increment(ref others);
        }))];
        DemoClient[] writers = [.. Enumerable.Range(0, NodeCount).Select(node =>
            Writer(cluster, node, () => Interlocked.Increment(ref number), () => Interlocked.Increment(ref acknowledged)))];
        Task[] running = [.. readers.Concat(writers).Select(client => client.RunAsync(over.Token))];
        Console.WriteLine($"{readers.Length} clients ask that, {writers.Length} insert rows into a table of four shards; each goes to the next node where it is not served.");
        await Task.Delay(Calm, stop);
        await KillAndReturnAsync(cluster, stop);
        await Task.Delay(Calm, stop);
        await over.CancelAsync();
        await Task.WhenAll(running);

        await using NpgsqlConnection last = await cluster.ConnectAsync(0, stop);
        long there = (long)(await new NpgsqlCommand("SELECT count(*) FROM visits", last).ExecuteScalarAsync(stop))!;
        Console.WriteLine();
        Print("Queries", readers);
        Print("Writes", writers);
        Console.WriteLine($"Rows: {acknowledged:N0} acknowledged, {there:N0} there. Answers unlike the first: {others}.");
        return there >= acknowledged && others == 0;
    }

    private static async Task LoadAsync(DemoCluster cluster, CancellationToken stop)
    {
        for (int node = 0; node < NodeCount; node++)
            Console.WriteLine($"  {DemoCluster.NameOf(node)}: psql -h 127.0.0.1 -p {cluster.Ports[node]} -U vecsql vecsql");
        await UntilAsync(cluster, $"SELECT count(*) = {NodeCount} FROM vecsql.nodes WHERE state = 'healthy'", stop);
        await using NpgsqlConnection connection = await cluster.ConnectAsync(0, stop);
        int dimensions = (int)(await new NpgsqlCommand("SELECT vector_dims(embed('x'))", connection).ExecuteScalarAsync(stop))!;
        foreach (string definition in (string[])
        [
            $"""
             CREATE TABLE api_docs (member text PRIMARY KEY, kind text NOT NULL, summary text NOT NULL,
                 embedding vector({dimensions}) GENERATED ALWAYS AS (embed(summary)) STORED) WITH (shards = 4)
             """,
            "CREATE TABLE visits (number bigint PRIMARY KEY, at timestamptz NOT NULL DEFAULT now()) WITH (shards = 4)",
        ])
        {
            await using NpgsqlCommand command = new(definition, connection);
            await command.ExecuteNonQueryAsync(stop);
        }
        IReadOnlyList<string> files = ApiDocs.FindFiles();
        ApiDoc[] docs =
        [
            .. (files.Count == 0 ? ApiDocs.ReadSample() : files.SelectMany(ApiDocs.Read)).DistinctBy(static doc => doc.Member)
                .Where(static doc => doc.Kind == "method").Take(RowsMax),
        ];
        Stopwatch clock = Stopwatch.StartNew();
        await using (TextWriter copy = await connection.BeginTextImportAsync("COPY api_docs (member, kind, summary) FROM STDIN", stop))
        {
            foreach (ApiDoc doc in docs)
                await copy.WriteAsync($"{ApiDoc.Escape(doc.Member)}\t{doc.Kind}\t{ApiDoc.Escape(doc.Summary)}\n");
        }
        Console.WriteLine($"Loaded {docs.Length:N0} summaries into a table of four shards, each on three nodes, in {clock.Elapsed.TotalSeconds:F1} s.");
    }

    /// <summary>Kills the node that serves most shards, waits, and starts it again.</summary>
    private static async Task KillAndReturnAsync(DemoCluster cluster, CancellationToken stop)
    {
        string name;
        await using (NpgsqlConnection connection = await cluster.ConnectAsync(0, stop))
            name = (string)(await new NpgsqlCommand("SELECT name FROM vecsql.nodes ORDER BY primaries DESC, name LIMIT 1", connection).ExecuteScalarAsync(stop))!;
        int killed = int.Parse(name[1..], CultureInfo.InvariantCulture) - 1;
        await cluster.KillAsync(killed);
        Console.WriteLine($"Killed {name}, the primary of most shards.");
        await Task.Delay(Without, stop);
        await cluster.StartNodeAsync(killed, stop);
        Stopwatch clock = Stopwatch.StartNew();
        await UntilAsync(cluster, $"SELECT count(*) = {NodeCount} FROM vecsql.nodes WHERE state = 'healthy'", stop);
        Console.WriteLine($"Started {name} again: healthy after {clock.Elapsed.TotalSeconds:F1} s.");
    }

    private static DemoClient Writer(DemoCluster cluster, int node, Func<long> next, Action acknowledged)
    {
        long number = next();
        return new DemoClient(cluster, node, async (connection, end) =>
        {
            await using NpgsqlCommand command = new("INSERT INTO visits VALUES ($1) ON CONFLICT DO NOTHING", connection) { Parameters = { new() { Value = number } } };
            await command.ExecuteNonQueryAsync(end); // the same row again where nobody knows whether it was written
            acknowledged();
            number = next();
        });
    }

    private static async Task<string> AnswerAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using NpgsqlCommand command = new(Question, connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(stop);
        List<string> members = [];
        while (await reader.ReadAsync(stop))
            members.Add(reader.GetString(0));
        return string.Join('\n', members);
    }

    private static async Task UntilAsync(DemoCluster cluster, string condition, CancellationToken stop)
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(100));
        for (Stopwatch clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await timer.WaitForNextTickAsync(stop))
        {
            try
            {
                await using NpgsqlConnection connection = await cluster.ConnectAsync(0, stop);
                if (await new NpgsqlCommand(condition, connection).ExecuteScalarAsync(stop) is true)
                    return;
            }
            catch (NpgsqlException)
            {
                // Not yet.
            }
        }
        throw new SettingException($"the nodes do not become healthy within {Patience.TotalSeconds:F0} s");
    }

    private static void Print(string what, DemoClient[] clients) => Console.WriteLine(
        $"{what}: {clients.Sum(static client => client.DoneCount):N0} done, {clients.Sum(static client => client.RetryCount):N0} tried again elsewhere; " +
        $"the longest that a client waited: {clients.Max(static client => client.LongestGap).TotalSeconds:F2} s.");
}
