using Npgsql;
using VecSQL.Kit;
using VecSQL.Kit.Models;

namespace VecSQL.Clients.Tests;

/// <summary>Kill -9 while a column gets another model: it is the old one until it is the new one, and it becomes that without being told again.</summary>
public sealed class ModelChangeCrashTests
{
    private const int RowCount = 6000;
    private const string Jobs = "SELECT count(*) FROM vecsql.embedding_jobs";

    [OnnxFact]
    public async Task A_change_of_model_goes_on_after_a_crash()
    {
        string folder = Directory.CreateTempSubdirectory("vecsql-models-").FullName;
        Dictionary<string, string> settings = new()
        {
            ["VECSQL_FILE_ROOT"] = folder, ["VECSQL_ONNXRUNTIME"] = NodePackages.OnnxRuntime ?? "", ["VECSQL_MODEL_CACHE"] = "0",
        };
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, "a.onnx"), new SampleModel().Build());
            await File.WriteAllBytesAsync(Path.Combine(folder, "b.onnx"), new SampleModel { Seed = 2 }.Build());
            await File.WriteAllBytesAsync(Path.Combine(folder, "tokenizer.json"), SampleTokenizer.Bert());
            await using ServerProcess server = await ServerProcess.StartAsync(environment: settings);
            await using (NpgsqlConnection connection = await OpenAsync(server))
                await MakeAsync(connection);
            Task change = ChangeAsync(server);
            await using (NpgsqlConnection connection = await OpenAsync(server))
            {
                while (await NumberAsync(connection, Jobs + " WHERE rows_done > 0") == 0)
                    await Task.Yield();
            }
            await server.KillAsync();
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => change);
            await server.RestartAsync(settings);
            await using NpgsqlConnection again = await OpenAsync(server);
            while (await NumberAsync(again, Jobs) > 0)
                Assert.Contains(await MatchAsync(again), (string[])["a", "b"]);
            Assert.Equal("b", await MatchAsync(again));
            Assert.Equal(RowCount, await NumberAsync(again, "SELECT count(e) FROM t"));
            Assert.Equal(77, await NumberAsync(again, "SELECT id FROM t ORDER BY e <=> embed('b', 'the text of number 77') LIMIT 1"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MakeAsync(NpgsqlConnection connection)
    {
        foreach (string sql in (string[])
            [
                "CREATE MODEL a FROM 'file:a.onnx'", "CREATE MODEL b FROM 'file:b.onnx'",
                "CREATE TABLE t (id int PRIMARY KEY, body text, e vector(32) GENERATED ALWAYS AS (embed('a', body)) STORED)",
                $"INSERT INTO t SELECT n, 'the text of number ' || n FROM generate_series(1, {RowCount}) n",
                "CREATE INDEX ON t USING hnsw (e vector_cosine_ops)",
            ])
        {
            await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task ChangeAsync(ServerProcess server)
    {
        await using NpgsqlConnection connection = await OpenAsync(server);
        await using NpgsqlCommand command = new("ALTER TABLE t ALTER COLUMN e SET MODEL 'b'", connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The model by which some of the rows' vectors are.</summary>
    private static async Task<string> MatchAsync(NpgsqlConnection connection)
    {
        await using NpgsqlCommand command = new("SELECT string_agg(DISTINCT CASE WHEN e::real[]::vector <-> embed('a', body)::real[]::vector < 1e-4 THEN 'a' "
            + "WHEN e::real[]::vector <-> embed('b', body)::real[]::vector < 1e-4 THEN 'b' ELSE 'neither' END, ' ') FROM t WHERE id % 300 = 0", connection);
        return (string?)await command.ExecuteScalarAsync() ?? "";
    }

    private static async Task<NpgsqlConnection> OpenAsync(ServerProcess server)
    {
        NpgsqlConnection connection = new(server.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task<long> NumberAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync());
    }
}
