using System.Buffers.Binary;
using System.Globalization;
using Npgsql;
using VecSQL.Bench.Kit;
using VecSQL.Bench.Recall.Curves;
using VecSQL.Bench.Recall.Data;
using VecSQL.Bench.Recall.Servers;

namespace VecSQL.Bench.Recall.Measures;

/// <summary>Many queries through one statement against one at a time: exactly, and by the index.</summary>
internal static class BatchMeasure
{
    private const int BatchSize = 64;

    public static async Task RunAsync(Bench bench, TextWriter output, CancellationToken cancellation)
    {
        List<string[]> rows = [];
        foreach (ServerIndex server in bench.Servers)
        {
            SqlTable table = server.Table(bench.Data, "", []);
            try
            {
                await table.PrepareAsync(bench.Keep, cancellation);
                uint vectorOid = await VectorOidAsync(server.Target, cancellation);
                using WireConnection connection = WireConnection.Open(server.Target);
                foreach (bool isExact in new[] { true, false })
                {
                    connection.Execute((server.IsVecSql, isExact) switch
                    {
                        (true, true) => "SET vecsql.exact = on",
                        (true, false) => "SET vecsql.exact = off",
                        (false, true) => "SET enable_indexscan = off",
                        (false, false) => "SET enable_indexscan = on",
                    });
                    rows.Add([server.Name, .. Measure(bench, table, connection, vectorOid, isExact)]);
                }
            }
            finally
            {
                if (!bench.Keep)
                    await table.DropAsync(default);
            }
        }
        output.WriteLine($"{BatchSize} queries in one statement against one at a time, one connection:");
        output.WriteLine();
        MarkdownReport.Table(output, ["index", "search", "recall of batches", "queries/s one at a time", "queries/s in batches", "ratio"], rows);
    }

    private static string[] Measure(Bench bench, SqlTable table, WireConnection connection, uint vectorOid, bool isExact)
    {
        string suffix = isExact ? "_exact" : "";
        connection.Prepare("one" + suffix, table.SearchFor(bench.Wanted));
        connection.Prepare("many" + suffix,
            $"SELECT q.i, n.id FROM unnest($1::vector[]) WITH ORDINALITY AS q (e, i), LATERAL (SELECT id FROM {table.Name} " +
            $"ORDER BY {table.Name}.v {table.Operator} q.e LIMIT {bench.Wanted}) n");
        VectorSet queries = bench.Data.Queries;
        byte[][] single = [.. Enumerable.Range(0, queries.Count).Select(query =>
            WireConnection.ExecutionOf("one" + suffix, WireConnection.BinaryOf(queries[query])))];
        int batches = Math.Max(1, queries.Count / BatchSize);
        byte[][] many = [.. Enumerable.Range(0, batches).Select(batch =>
            WireConnection.ExecutionOf("many" + suffix, ArrayOf(queries, batch * BatchSize, vectorOid)))];
        double recall = RecallOf(bench, connection, many[0]);
        List<double> one = [], all = [];
        for (int round = 0; round < bench.Rounds; round++)
        {
            one.Add(ClosedLoop.Run([i => connection.Run(single[i % single.Length], null)], bench.RoundTime).PerSecond);
            all.Add(ClosedLoop.Run([i => connection.Run(many[i % many.Length], null)], bench.RoundTime).PerSecond * Math.Min(BatchSize, queries.Count));
        }
        double oneRate = Statistics.Median(one), allRate = Statistics.Median(all);
        return [isExact ? "exact" : "index", $"{recall:F4}", $"{oneRate:N1}", $"{allRate:N1}", $"{allRate / oneRate:F2}x"];
    }

    // The queries' numbers come first in each row, counted from 1 in each batch.
    private static double RecallOf(Bench bench, WireConnection connection, byte[] batch)
    {
        List<int>[] found = [.. Enumerable.Range(0, Math.Min(BatchSize, bench.Data.Queries.Count)).Select(_ => new List<int>())];
        connection.RunRows(batch, row =>
        {
            int query = (int)BinaryPrimitives.ReadInt64BigEndian(row[4..]);
            found[query - 1].Add(BinaryPrimitives.ReadInt32BigEndian(row[16..]));
        });
        return found.Select((rows, query) => bench.Truth.RecallOf(query, [.. rows])).Average();
    }

    /// <summary>vector[] in binary: dimensions, flags, the element's type, length and first number, then elements.</summary>
    private static byte[] ArrayOf(VectorSet queries, int first, uint vectorOid)
    {
        int count = Math.Min(BatchSize, queries.Count - first);
        MemoryStream bytes = new();
        foreach (int number in new[] { 1, 0, (int)vectorOid, count, 1 })
            Write(number);
        for (int i = 0; i < count; i++)
        {
            byte[] vector = WireConnection.BinaryOf(queries[first + i]);
            Write(vector.Length);
            bytes.Write(vector);
        }
        return bytes.ToArray();

        void Write(int number)
        {
            Span<byte> four = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(four, number);
            bytes.Write(four);
        }
    }

    private static async Task<uint> VectorOidAsync(Target target, CancellationToken cancellation)
    {
        await using NpgsqlConnection connection = await target.OpenAsync(cancellation);
        await using NpgsqlCommand command = new("SELECT 'vector'::regtype::oid::int8", connection);
        return Convert.ToUInt32(await command.ExecuteScalarAsync(cancellation), CultureInfo.InvariantCulture);
    }
}
