using System.Diagnostics;
using System.Security.Cryptography;
using Npgsql;
using VecSQL.Kit;

namespace VecSQL.Bench.Mining;

/// <summary>A node of its own that has the sample: docs (id, label, v) and queries (id, doc, v).</summary>
internal sealed class MiningNode : IAsyncDisposable
{
    private const string Processors = "4"; // as many threads as are tried, however many processors there are

    private readonly ServerProcess _server;
    private readonly string _files;
    private NpgsqlConnection _connection = new();

    private MiningNode(ServerProcess server, string files) => (_server, _files) = (server, files);

    internal static async Task<MiningNode> StartAsync(SampleRows sample)
    {
        string files = Directory.CreateTempSubdirectory("vecsql-mining-").FullName;
        MiningNode node = new(await ServerProcess.StartAsync(environment: Environment(files)), files);
        await node.ConnectAsync();
        await node.RunAsync($"CREATE TABLE docs (id int PRIMARY KEY, label int NOT NULL, v vector({sample.Dimensions}) NOT NULL)");
        await node.RunAsync($"CREATE TABLE queries (id int PRIMARY KEY, doc int NOT NULL, v vector({sample.Dimensions}) NOT NULL)");
        foreach (bool areQueries in (bool[])[false, true])
        {
            await using TextWriter copy = await node._connection.BeginTextImportAsync($"COPY {(areQueries ? "queries" : "docs")} FROM STDIN");
            sample.Write(copy, areQueries);
        }
        return node;
    }

    /// <summary>Stops the node and starts it on its data.</summary>
    internal async Task RestartAsync()
    {
        await _connection.DisposeAsync();
        await _server.StopAsync();
        await _server.RestartAsync(Environment(_files));
        await ConnectAsync();
    }

    internal async Task RunAsync(string sql)
    {
        await using NpgsqlCommand command = new(sql, _connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Hands each row of an answer on; says how many seconds it took until the last.</summary>
    internal async Task<double> QueryAsync(string sql, Action<NpgsqlDataReader> row)
    {
        Stopwatch clock = Stopwatch.StartNew();
        await using NpgsqlCommand command = new(sql, _connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            row(reader);
        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>Writes an answer to a file of the node's.</summary>
    /// <returns>The file's SHA-256, and how long it is.</returns>
    internal async Task<(string Sha256, long Bytes)> WriteAsync(string sql, string format)
    {
        await RunAsync($"COPY ({sql}) TO 'file:mined' (FORMAT {format})");
        string path = Path.Combine(_files, "mined");
        await using FileStream file = File.OpenRead(path);
        (string, long) found = (Convert.ToHexStringLower(await SHA256.HashDataAsync(file)), file.Length);
        File.Delete(path);
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_files, recursive: true);
    }

    private async Task ConnectAsync()
    {
        _connection = new NpgsqlConnection(_server.ConnectionString + ";CommandTimeout=0");
        await _connection.OpenAsync();
    }

    private static Dictionary<string, string> Environment(string files) =>
        new() { ["VECSQL_FILE_ROOT"] = files, ["DOTNET_PROCESSOR_COUNT"] = Processors };
}
