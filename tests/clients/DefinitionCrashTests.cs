using System.Data;
using Npgsql;
using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

/// <summary>Kill -9 while tables are made, changed, emptied and dropped: definitions and rows come back as one commit left them.</summary>
/// <remarks>VECSQL_CRASH_ROUNDS sets how many kills (default 3); VECSQL_CRASH_SEED repeats a run's moments.</remarks>
public sealed class DefinitionCrashTests
{
    private const int Builders = 3;

    [Fact]
    public async Task Definitions_and_rows_of_a_transaction_survive_together_or_not_at_all()
    {
        int rounds = int.TryParse(Environment.GetEnvironmentVariable("VECSQL_CRASH_ROUNDS"), out int given) ? given : 3;
        int seed = int.TryParse(Environment.GetEnvironmentVariable("VECSQL_CRASH_SEED"), out int chosen) ? chosen : 1;
        Random random = new(seed);
        await using ServerProcess server = await ServerProcess.StartAsync();
        Builder[] builders = [.. Enumerable.Range(0, Builders).Select(number => new Builder(number, seed))];
        await using (NpgsqlConnection connection = await OpenAsync(server))
            await ExecuteAsync(connection, "CREATE TABLE steps (builder int PRIMARY KEY, step int NOT NULL)");
        for (int round = 0; round < rounds; round++)
        {
            using CancellationTokenSource stop = new();
            SemaphoreSlim commits = new(0);
            Task[] load = [.. builders.Select(builder => builder.RunAsync(server, commits, stop.Token)), MaintainAsync(server, stop.Token)];
            for (int wanted = random.Next(1, 60); wanted > 0; wanted--)
                Assert.True(await commits.WaitAsync(TimeSpan.FromMinutes(1)), $"seed {seed}, round {round}: no commits");
            await server.KillAsync();
            await stop.CancelAsync();
            await Task.WhenAll(load);
            await server.RestartAsync();
            await using NpgsqlConnection connection = await OpenAsync(server);
            foreach (Builder builder in builders)
                await builder.CheckAsync(connection, $"seed {seed}, round {round}");
        }
    }

    private static Task MaintainAsync(ServerProcess server, CancellationToken stop) => UntilKilledAsync(server, async connection =>
    {
        await ExecuteAsync(connection, "CHECKPOINT");
        await ExecuteAsync(connection, "VACUUM");
    }, stop);

    private static async Task UntilKilledAsync(ServerProcess server, Func<NpgsqlConnection, Task> work, CancellationToken stop)
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = await OpenAsync(server);
            while (!stop.IsCancellationRequested)
                await work(connection);
        }
        catch (Exception ended) when (ended is NpgsqlException and not PostgresException or IOException
            || (ended is InvalidOperationException && connection is { State: not ConnectionState.Open }))
        {
            // The server was killed; the driver may have noticed before it was asked.
        }
        finally
        {
            if (connection is not null)
                await connection.DisposeAsync();
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(ServerProcess server)
    {
        NpgsqlConnection connection = new(server.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> NumberAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync());
    }

    /// <summary>One connection that takes its table through a circle of definitions, each in a transaction with its step's number.</summary>
    private sealed class Builder(int number, int seed)
    {
        private readonly Random _random = new((seed * 100) + number);
        private int _acknowledged = -1, _attempted = -1;

        private string Table => $"built_{number}";

        public Task RunAsync(ServerProcess server, SemaphoreSlim commits, CancellationToken stop) =>
            UntilKilledAsync(server, async connection =>
            {
                int step = _attempted = _acknowledged + 1;
                await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(stop);
                await ExecuteAsync(connection, Statements(step % 6));
                await ExecuteAsync(connection,
                    $"INSERT INTO steps VALUES ({number}, {step}) ON CONFLICT (builder) DO UPDATE SET step = excluded.step");
                if (_random.Next(8) == 0)
                {
                    await transaction.RollbackAsync(stop);
                    return;
                }
                await transaction.CommitAsync(stop);
                _acknowledged = step;
                commits.Release();
            }, stop);

        /// <summary>The table as each step leaves it: rows, columns, and whether it is there.</summary>
        public async Task CheckAsync(NpgsqlConnection connection, string place)
        {
            int step = (int)await NumberAsync(connection, $"SELECT coalesce((SELECT step FROM steps WHERE builder = {number}), -1)");
            Assert.True(step == _acknowledged || step == _attempted,
                $"{place}: builder {number} is at {step}, was told {_acknowledged}, tried {_attempted}");
            _acknowledged = step;
            (int rows, int columns) = (step < 0 ? 5 : step % 6) switch
            {
                0 => (500, 2),
                1 => (500, 3),
                2 => (700, 3),
                3 => (0, 3),
                4 => (300, 2),
                _ => (0, 0),
            };
            long found = await NumberAsync(connection, $"SELECT count(*) FROM information_schema.columns WHERE table_name = '{Table}'");
            Assert.True(found == columns, $"{place}: {Table} has {found} columns after step {step}");
            if (columns == 0)
                return;
            Assert.True(await NumberAsync(connection, $"SELECT count(*) FROM {Table}") == rows, $"{place}: {Table} after step {step}");
            Assert.Equal(rows, await NumberAsync(connection, $"SELECT count(DISTINCT id) FROM {Table}"));
            if (columns == 3)
                Assert.Equal(rows, await NumberAsync(connection, $"SELECT count(*) FROM {Table} WHERE extra = 7"));
            if (rows > 0)
                await AssertKeyHoldsAsync(connection);
        }

        private async Task AssertKeyHoldsAsync(NpgsqlConnection connection)
        {
            PostgresException refused = await Assert.ThrowsAsync<PostgresException>(() =>
                ExecuteAsync(connection, $"INSERT INTO {Table} (id) VALUES (1)"));
            Assert.Equal("23505", refused.SqlState);
        }

        private string Statements(int step) => step switch
        {
            0 => $"CREATE TABLE {Table} (id int PRIMARY KEY, v vector(8)); {Rows(1, 500)}",
            1 => $"ALTER TABLE {Table} ADD COLUMN extra int NOT NULL DEFAULT 7",
            2 => $"{Rows(501, 700)}; UPDATE {Table} SET v = NULL WHERE id % 3 = 0",
            3 => $"TRUNCATE {Table}",
            4 => $"{Rows(1, 300)}; ALTER TABLE {Table} DROP COLUMN extra; CREATE INDEX ON {Table} (id)",
            _ => $"DROP TABLE {Table}",
        };

        private string Rows(int first, int last) =>
            $"INSERT INTO {Table} (id, v) SELECT g, ('[' || g || ',0,0,0,0,0,0,1]')::vector FROM generate_series({first}, {last}) g";
    }
}
