using System.Diagnostics;
using Npgsql;
using VecSQL.Kit;
using VecSQL.Kit.Models;

namespace VecSQL.Bench.Models;

/// <summary>INSERT … SELECT through a stored generated column, on a node of its own.</summary>
internal sealed class InsertPeer : IAsyncDisposable
{
    private readonly ServerProcess _server;
    private readonly NpgsqlConnection _connection;

    private InsertPeer(ServerProcess server) =>
        (_server, _connection) = (server, new NpgsqlConnection(server.ConnectionString + ";CommandTimeout=0"));

    public int ProcessId => _server.ProcessId;

    /// <param name="folder">Has model.onnx and tokenizer.json.</param>
    public static async Task<InsertPeer> StartAsync(string folder, string[] texts, int dimensions, int tokensMax, int threads)
    {
        InsertPeer peer = new(await ServerProcess.StartAsync(environment: new Dictionary<string, string>
        {
            ["VECSQL_FILE_ROOT"] = folder,
            ["VECSQL_ONNXRUNTIME"] = NodePackages.OnnxRuntime ?? "",
            ["VECSQL_MODEL_CACHE"] = "0",
        }));
        await peer._connection.OpenAsync();
        await peer.RunAsync($"CREATE MODEL bench FROM 'file:model.onnx' WITH (max_tokens = {tokensMax}, threads = {threads})");
        await peer.RunAsync("CREATE TABLE texts (id int PRIMARY KEY, body text NOT NULL)");
        await using (NpgsqlBinaryImporter rows = await peer._connection.BeginBinaryImportAsync("COPY texts FROM STDIN (FORMAT binary)"))
        {
            for (int id = 0; id < texts.Length; id++)
                await rows.WriteRowAsync(CancellationToken.None, id, texts[id]);
            await rows.CompleteAsync();
        }
        await peer.RunAsync("CREATE TABLE docs (id int PRIMARY KEY, body text NOT NULL, "
            + $"embedding vector({dimensions}) GENERATED ALWAYS AS (embed('bench', body)) STORED)");
        await peer.RunAsync("SELECT embed('bench', body) FROM texts LIMIT 8");
        return peer;
    }

    /// <summary>Inserts texts in one statement; the table is empty before.</summary>
    public async Task<(double Seconds, float[] Vectors)> InsertAsync(int from, int to)
    {
        await RunAsync("TRUNCATE docs");
        Stopwatch clock = Stopwatch.StartNew();
        await RunAsync($"INSERT INTO docs (id, body) SELECT id, body FROM texts WHERE id >= {from} AND id < {to}");
        double seconds = clock.Elapsed.TotalSeconds;
        List<float> vectors = [];
        await using NpgsqlCommand query = new("SELECT embedding::real[] FROM docs ORDER BY id", _connection);
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            vectors.AddRange(reader.GetFieldValue<float[]>(0));
        return (seconds, [.. vectors]);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    private async Task RunAsync(string sql)
    {
        await using NpgsqlCommand command = new(sql, _connection);
        await command.ExecuteNonQueryAsync();
    }
}
