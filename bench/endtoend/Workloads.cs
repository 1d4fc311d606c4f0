using System.Diagnostics;
using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using VecSQL.Bench.Kit;

namespace VecSQL.Bench.EndToEnd;

/// <summary>What is measured. Every workload makes its own tables, named bench_…</summary>
internal static class Workloads
{
    public static readonly IReadOnlyList<Workload> All =
    [
        new("copy-text", "rows/s", PrepareVectorsAsync, (target, scale, stop) => CopyAsync(target, Rows(500_000, scale), false, stop)),
        new("copy-binary", "rows/s", PrepareVectorsAsync, (target, scale, stop) => CopyAsync(target, Rows(500_000, scale), true, stop)),
        new("knn-exact", "queries/s", PrepareKnnAsync, KnnAsync)
        {
            BytesScanned = scale => (double)Rows(1_000_000, scale) * VectorRows.Dimensions * sizeof(float),
        },
        new("pk-lookup", "queries/s", PrepareKeysAsync, (target, scale, stop) => LookupAsync(target, scale, 1, stop)),
        new("pk-lookup-8", "queries/s", PrepareKeysAsync, (target, scale, stop) => LookupAsync(target, scale, 8, stop)),
        new("insert-16", "rows/s", PrepareInsertsAsync, InsertAsync),
        new("group-by", "queries/s", PrepareEventsAsync, (target, _, stop) =>
            QueryAsync(target, "SELECT kind, count(*), sum(amount), avg(price) FROM bench_events GROUP BY kind", stop)),
        new("group-many", "queries/s", PrepareEventsAsync, (target, _, stop) =>
            QueryAsync(target, "SELECT user_id, count(*), sum(amount) FROM bench_events GROUP BY user_id", stop)),
        new("filter", "queries/s", PrepareEventsAsync, (target, _, stop) =>
            QueryAsync(target, "SELECT count(*), sum(amount) FROM bench_events WHERE price < 10 AND kind = 'kind7'", stop)),
    ];

    private static int Rows(int full, double scale) => Math.Max(1000, (int)(full * scale));

    private static Task PrepareVectorsAsync(Target target, double scale, CancellationToken stop) =>
        target.ExecuteAsync("CREATE EXTENSION IF NOT EXISTS vector", stop);

    private static async Task<double> CopyAsync(Target target, int rows, bool isBinary, CancellationToken stop)
    {
        await target.ExecuteAsync("DROP TABLE IF EXISTS bench_copy; " +
            $"CREATE TABLE bench_copy (id bigint, v vector({VectorRows.Dimensions}))", stop);
        List<byte[]> pieces = VectorRows.Get(rows, isBinary);
        return await Report.RateAsync(rows, () => SendAsync(target, "bench_copy", pieces, isBinary, stop));
    }

    private static async Task SendAsync(
        Target target, string table, List<byte[]> pieces, bool isBinary, CancellationToken stop)
    {
        await using NpgsqlConnection connection = await target.OpenAsync(stop);
        if (isBinary)
        {
            await using NpgsqlRawCopyStream copy = await connection.BeginRawBinaryCopyAsync($"COPY {table} FROM STDIN (FORMAT binary)", stop);
            await WriteAsync(copy, pieces, stop);
            return;
        }
        TextWriter text = await connection.BeginTextImportAsync($"COPY {table} FROM STDIN", stop);
        await using (text.ConfigureAwait(false))
            await WriteAsync(((StreamWriter)text).BaseStream, pieces, stop); // the bytes are made already
    }

    private static async Task WriteAsync(Stream copy, List<byte[]> pieces, CancellationToken stop)
    {
        foreach (byte[] piece in pieces)
            await copy.WriteAsync(piece, stop);
    }

    private static async Task PrepareKnnAsync(Target target, double scale, CancellationToken stop)
    {
        await PrepareVectorsAsync(target, scale, stop);
        await target.ExecuteAsync("DROP TABLE IF EXISTS bench_knn; " +
            $"CREATE TABLE bench_knn (id bigint PRIMARY KEY, v vector({VectorRows.Dimensions}))", stop);
        await SendAsync(target, "bench_knn", VectorRows.Get(Rows(1_000_000, scale), isBinary: true), true, stop);
        await target.ExecuteAsync("VACUUM ANALYZE bench_knn", stop);
    }

    private static async Task<double> KnnAsync(Target target, double scale, CancellationToken stop)
    {
        await using NpgsqlConnection connection = await target.OpenAsync(stop);
        await using NpgsqlCommand command = new("SELECT id FROM bench_knn ORDER BY v <-> $1::text::vector LIMIT 10", connection);
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text });
        int query = 0;
        return await LoopAsync(TimeSpan.FromSeconds(3), async () =>
        {
            command.Parameters[0].Value = VectorRows.Query(query++);
            await DrainAsync(command, expectedRows: 10, stop);
        });
    }

    private static Task PrepareKeysAsync(Target target, double scale, CancellationToken stop) => target.ExecuteAsync(
        "DROP TABLE IF EXISTS bench_keys; CREATE TABLE bench_keys (id bigint PRIMARY KEY, name text, price float8); " +
        $"INSERT INTO bench_keys SELECT g, 'name ' || g, g * 0.5 FROM generate_series(1, {Rows(1_000_000, scale)}) g; " +
        "ANALYZE bench_keys", stop);

    private static async Task<double> LookupAsync(Target target, double scale, int connections, CancellationToken stop)
    {
        double[] rates = await Task.WhenAll(Enumerable.Range(0, connections).Select(async seed =>
        {
            await using NpgsqlConnection connection = await target.OpenAsync(stop);
            await using NpgsqlCommand command = new("SELECT name, price FROM bench_keys WHERE id = $1", connection);
            NpgsqlParameter<long> key = new() { NpgsqlDbType = NpgsqlDbType.Bigint };
            command.Parameters.Add(key);
            await command.PrepareAsync(stop);
            Random random = new(seed);
            return await LoopAsync(TimeSpan.FromSeconds(3), async () =>
            {
                key.TypedValue = random.NextInt64(1, Rows(1_000_000, scale) + 1);
                await DrainAsync(command, expectedRows: 1, stop);
            });
        }));
        return rates.Sum();
    }

    private static Task PrepareInsertsAsync(Target target, double scale, CancellationToken stop) => target.ExecuteAsync(
        "DROP TABLE IF EXISTS bench_inserts; CREATE TABLE bench_inserts (id bigint PRIMARY KEY, name text, price float8)", stop);

    private static async Task<double> InsertAsync(Target target, double scale, CancellationToken stop)
    {
        await target.ExecuteAsync("TRUNCATE bench_inserts", stop);
        long next = 0;
        double[] rates = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            await using NpgsqlConnection connection = await target.OpenAsync(stop);
            await using NpgsqlCommand command = new("INSERT INTO bench_inserts VALUES ($1, 'a name', 1.5)", connection);
            NpgsqlParameter<long> key = new() { NpgsqlDbType = NpgsqlDbType.Bigint };
            command.Parameters.Add(key);
            await command.PrepareAsync(stop);
            return await LoopAsync(TimeSpan.FromSeconds(3), async () =>
            {
                key.TypedValue = Interlocked.Increment(ref next);
                await command.ExecuteNonQueryAsync(stop);
            });
        }));
        return rates.Sum();
    }

    private static async Task PrepareEventsAsync(Target target, double scale, CancellationToken stop)
    {
        int rows = Rows(2_000_000, scale);
        await target.ExecuteAsync("CREATE TABLE IF NOT EXISTS bench_events " +
            "(id bigint, user_id int, kind text, amount int, price float8, at timestamp)", stop);
        await using NpgsqlConnection connection = await target.OpenAsync(stop);
        await using (NpgsqlCommand count = new("SELECT count(*) FROM bench_events", connection))
        {
            if (await count.ExecuteScalarAsync(stop) is long found && found == rows)
                return;
        }
        await target.ExecuteAsync("TRUNCATE bench_events", stop);
        await using (NpgsqlBinaryImporter import = await connection.BeginBinaryImportAsync("COPY bench_events FROM STDIN (FORMAT binary)", stop))
        {
            Random random = new(5);
            DateTime start = new(2026, 1, 1);
            for (int id = 0; id < rows; id++)
            {
                await import.StartRowAsync(stop);
                await import.WriteAsync((long)id, NpgsqlDbType.Bigint, stop);
                await import.WriteAsync(random.Next(60_000), NpgsqlDbType.Integer, stop);
                await import.WriteAsync("kind" + random.Next(57).ToString(CultureInfo.InvariantCulture), NpgsqlDbType.Text, stop);
                await import.WriteAsync(random.Next(1000), NpgsqlDbType.Integer, stop);
                await import.WriteAsync(random.NextDouble() * 100, NpgsqlDbType.Double, stop);
                await import.WriteAsync(start.AddSeconds(id), NpgsqlDbType.Timestamp, stop);
            }
            await import.CompleteAsync(stop);
        }
        await target.ExecuteAsync("VACUUM ANALYZE bench_events", stop);
    }

    private static async Task<double> QueryAsync(Target target, string sql, CancellationToken stop)
    {
        await using NpgsqlConnection connection = await target.OpenAsync(stop);
        await using NpgsqlCommand command = new(sql, connection);
        await DrainAsync(command, expectedRows: -1, stop);
        return await LoopAsync(TimeSpan.FromSeconds(2), () => DrainAsync(command, expectedRows: -1, stop));
    }

    private static async Task DrainAsync(NpgsqlCommand command, int expectedRows, CancellationToken stop)
    {
        int rows = 0;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(stop);
        while (await reader.ReadAsync(stop))
            rows++;
        if (expectedRows >= 0 && rows != expectedRows)
            throw new InvalidOperationException($"{rows} rows, expected {expectedRows}");
    }

    /// <summary>Repeats an action for a while and returns how often per second it ran.</summary>
    private static async Task<double> LoopAsync(TimeSpan duration, Func<Task> action)
    {
        await action();
        int count = 0;
        Stopwatch clock = Stopwatch.StartNew();
        while (clock.Elapsed < duration)
        {
            await action();
            count++;
        }
        return count / clock.Elapsed.TotalSeconds;
    }
}
