using System.Buffers.Binary;
using System.Diagnostics;
using VecSQL.Bench.Kit;
using VecSQL.Bench.Recall.Curves;
using VecSQL.Bench.Recall.Servers;

namespace VecSQL.Bench.Recall.Measures;

/// <summary>Rows that come into a table which already has its index: by COPY until all is indexed, and by single INSERTs.</summary>
internal static class LoadMeasure
{
    private const int Inserters = 8;
    private static readonly TimeSpan InsertTime = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Bench bench, TextWriter output, CancellationToken cancellation)
    {
        List<string[]> rows = [];
        foreach (ServerIndex server in bench.Servers)
        {
            SqlTable table = server.Table(bench.Data, "load_", []);
            try
            {
                rows.Add([server.Name, .. await MeasureAsync(bench, table, cancellation)]);
            }
            finally
            {
                await table.DropAsync(default);
            }
        }
        output.WriteLine($"COPY into a table with its index, until all is indexed; then single INSERTs from {Inserters} connections:");
        output.WriteLine();
        MarkdownReport.Table(output,
            ["index", "load s", "then build s", "load into index s", "ratio", "rows left in memory", "INSERTs/s", "p99 ms", "new rows found"], rows);
    }

    private static async Task<string[]> MeasureAsync(Bench bench, SqlTable table, CancellationToken cancellation)
    {
        int count = bench.Data.Rows.Count;
        bench.Progress.WriteLine($"loading {table.Target.Name}, then building");
        await table.CreateAsync(cancellation);
        Stopwatch clock = Stopwatch.StartNew();
        await table.CopyAsync(0, count, cancellation);
        double load = clock.Elapsed.TotalSeconds;
        clock.Restart();
        await table.CreateIndexAsync(cancellation);
        await table.WaitIndexedAsync(cancellation);
        double build = clock.Elapsed.TotalSeconds;

        bench.Progress.WriteLine($"loading {table.Target.Name}, into the index");
        await table.CreateAsync(cancellation);
        await table.CreateIndexAsync(cancellation);
        clock.Restart();
        await table.CopyAsync(0, count, cancellation);
        if (await table.WaitIndexedAsync(cancellation) > 0)
            await table.Target.ExecuteAsync("CHECKPOINT", cancellation); // the last rows are in memory yet, where no index reaches
        long left = await table.WaitIndexedAsync(cancellation);
        double both = clock.Elapsed.TotalSeconds;

        bench.Progress.WriteLine($"inserting into {table.Target.Name}");
        (Throughput inserts, int inserted) = Insert(bench, table);
        double found = FoundShare(bench, table, inserted);
        return
        [
            $"{load:F2}", $"{build:F2}", $"{both:F2}", $"{both / (load + build):F2}x", $"{left:N0}",
            $"{inserts.PerSecond:N0}", $"{inserts.SlowMilliseconds:F2}", $"{found:P1}",
        ];
    }

    // The queries' vectors are new to the table: row n is query n, over and over.
    private static (Throughput Speed, int Inserted) Insert(Bench bench, SqlTable table)
    {
        byte[][] vectors = [.. Enumerable.Range(0, bench.Data.Queries.Count).Select(query => WireConnection.BinaryOf(bench.Data.Queries[query]))];
        WireConnection[] connections = [.. Enumerable.Range(0, Inserters).Select(_ => WireConnection.Open(table.Target))];
        int inserted = -1;
        try
        {
            foreach (WireConnection connection in connections)
                connection.Prepare("add", $"INSERT INTO {table.Name} (id, v) VALUES ($1, $2)");
            Throughput speed = ClosedLoop.Run([.. connections.Select(connection => (Action<int>)(_ =>
            {
                int number = Interlocked.Increment(ref inserted);
                byte[] id = new byte[4];
                BinaryPrimitives.WriteInt32BigEndian(id, bench.Data.Rows.Count + number);
                connection.Run(WireConnection.ExecutionOf("add", id, vectors[number % vectors.Length]), null);
            }))], InsertTime);
            return (speed, inserted + 1);
        }
        finally
        {
            Array.ForEach(connections, connection => connection.Dispose());
        }
    }

    /// <summary>Of the inserted vectors the share that a search for it finds as the nearest.</summary>
    private static double FoundShare(Bench bench, SqlTable table, int inserted)
    {
        using WireConnection connection = WireConnection.Open(table.Target);
        connection.Prepare("find", table.SearchFor(1));
        int asked = Math.Min(inserted, bench.Data.Queries.Count), found = 0;
        for (int query = 0; query < asked; query++)
        {
            connection.Run(WireConnection.ExecutionOf("find", WireConnection.BinaryOf(bench.Data.Queries[query])),
                id => found += BinaryPrimitives.ReadInt32BigEndian(id) >= bench.Data.Rows.Count ? 1 : 0);
        }
        return (double)found / asked;
    }
}
