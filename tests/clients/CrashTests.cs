using System.Data;
using System.Collections.Concurrent;
using Npgsql;
using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

/// <summary>Kill -9 at random moments under load: what was acknowledged is there whole, what was not is whole or absent.</summary>
/// <remarks>VECSQL_CRASH_ROUNDS sets how many kills (default 3); VECSQL_CRASH_SEED repeats a run's moments.</remarks>
public sealed class CrashTests
{
    private const int Writers = 4, Accounts = 10, AccountStart = 1000, CopyRows = 200;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_else_is_there_in_part()
    {
        int rounds = int.TryParse(Environment.GetEnvironmentVariable("VECSQL_CRASH_ROUNDS"), out int given) ? given : 3;
        int seed = int.TryParse(Environment.GetEnvironmentVariable("VECSQL_CRASH_SEED"), out int chosen) ? chosen : 1;
        Random random = new(seed);
        await using ServerProcess server = await ServerProcess.StartAsync();
        await ExecuteAsync(server, Schema);
        Acknowledged known = new();
        for (int round = 0; round < rounds; round++)
        {
            using CancellationTokenSource stop = new();
            Task[] load = Load(server, known, round, seed, stop.Token);
            // How far the load gets before the kill is the random moment; it is counted in commits, not in time.
            await known.WaitForCommitsAsync(random.Next(1, 400));
            await server.KillAsync();
            await stop.CancelAsync();
            await Task.WhenAll(load);
            await server.RestartAsync();
            await CheckAsync(server, known, $"seed {seed}, round {round}");
        }
    }

    private static string Schema =>
        $"""
         CREATE TABLE accounts (id int PRIMARY KEY, balance int NOT NULL CHECK (balance >= 0));
         INSERT INTO accounts SELECT g, {AccountStart} FROM generate_series(1, {Accounts}) g;
         CREATE TABLE counters (writer int PRIMARY KEY, written bigint NOT NULL, deleted bigint NOT NULL);
         INSERT INTO counters SELECT g, 0, 0 FROM generate_series(0, {Writers - 1}) g;
         CREATE TABLE entries (writer int, number bigint, note text NOT NULL, v vector(8), PRIMARY KEY (writer, number));
         CREATE TABLE bulk (batch bigint, item int, v vector(8), PRIMARY KEY (batch, item))
         """;

    private static Task[] Load(ServerProcess server, Acknowledged known, int round, int seed, CancellationToken stop) =>
    [
        .. Enumerable.Range(0, Writers).Select(writer => UntilKilledAsync(server,
            connection => WriteEntryAsync(connection, writer, known), stop)),
        .. Enumerable.Range(0, 2).Select(teller => UntilKilledAsync(server,
            Transfer(new Random((seed * 1000) + (round * 10) + teller), known), stop)),
        UntilKilledAsync(server, connection => CopyBatchAsync(connection, known), stop),
        UntilKilledAsync(server, connection => ExecuteAsync(connection, known.NextMaintenance()), stop),
    ];

    /// <summary>Repeats the work on one connection until the server dies or the round ends.</summary>
    private static async Task UntilKilledAsync(
        ServerProcess server, Func<NpgsqlConnection, Task> work, CancellationToken stop)
    {
        await using NpgsqlConnection connection = new(server.ConnectionString);
        try
        {
            await connection.OpenAsync(stop);
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await work(connection);
                }
                catch (PostgresException expected) when (expected.SqlState is "40P01" or "40001" or "23514")
                {
                    // Two transfers may meet head on, or an account run dry: the transaction is gone as a whole.
                }
            }
        }
        catch (Exception ended) when (ended is NpgsqlException or OperationCanceledException or IOException
            || (ended is InvalidOperationException && connection.State != ConnectionState.Open))
        {
            // The server was killed: what this connection had in flight is neither acknowledged nor refused. The driver may
            // have noticed before it was asked, and then says that the connection is not open.
        }
    }

    private static async Task WriteEntryAsync(NpgsqlConnection connection, int writer, Acknowledged known)
    {
        long number = known.Attempt(writer);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(connection, $"INSERT INTO entries VALUES ({writer}, {number}, 'note {number}', '[1,2,3,4,5,6,7,{number}]')");
        bool deletes = number % 7 == 0;
        if (deletes)
            await ExecuteAsync(connection, $"DELETE FROM entries WHERE writer = {writer} AND number = {number - 3}");
        await ExecuteAsync(connection, $"UPDATE entries SET note = note || '!' WHERE writer = {writer} AND number = {number - 1}");
        await ExecuteAsync(connection,
            $"UPDATE counters SET written = {number}, deleted = deleted + {(deletes ? 1 : 0)} WHERE writer = {writer}");
        await transaction.CommitAsync();
        known.Written(writer, number);
    }

    private static Func<NpgsqlConnection, Task> Transfer(Random random, Acknowledged known) => async connection =>
    {
        int from = random.Next(1, Accounts + 1), to = (from % Accounts) + 1, amount = random.Next(1, 100);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(connection, $"UPDATE accounts SET balance = balance - {amount} WHERE id = {from}");
        await ExecuteAsync(connection, $"UPDATE accounts SET balance = balance + {amount} WHERE id = {to}");
        await transaction.CommitAsync();
        known.Committed();
    };

    private static async Task CopyBatchAsync(NpgsqlConnection connection, Acknowledged known)
    {
        long batch = known.NextBatch();
        await using (TextWriter copy = await connection.BeginTextImportAsync("COPY bulk FROM STDIN"))
        {
            for (int item = 0; item < CopyRows; item++)
                await copy.WriteAsync($"{batch}\t{item}\t[{item},0,0,0,0,0,0,1]\n");
        }
        known.Copied(batch);
    }

    private static async Task CheckAsync(ServerProcess server, Acknowledged known, string place)
    {
        await using NpgsqlConnection connection = new(server.ConnectionString);
        await connection.OpenAsync();
        Assert.True(await NumberAsync(connection, "SELECT sum(balance) FROM accounts") == Accounts * AccountStart, $"{place}: money was made or lost");
        for (int writer = 0; writer < Writers; writer++)
        {
            long written = await NumberAsync(connection, $"SELECT written FROM counters WHERE writer = {writer}");
            long deleted = await NumberAsync(connection, $"SELECT deleted FROM counters WHERE writer = {writer}");
            long entries = await NumberAsync(connection, $"SELECT count(*) FROM entries WHERE writer = {writer}");
            long highest = await NumberAsync(connection, $"SELECT coalesce(max(number), 0) FROM entries WHERE writer = {writer}");
            (long acknowledged, long attempted) = known.Of(writer);
            Assert.True(written >= acknowledged, $"{place}: writer {writer} lost {acknowledged - written} acknowledged commits");
            Assert.True(written <= attempted, $"{place}: writer {writer} has {written}, and never tried beyond {attempted}");
            Assert.True(entries == written - deleted && highest == written,
                $"{place}: writer {writer} has {entries} entries up to {highest}, counters say {written} - {deleted}");
            known.Resume(writer, written);
        }
        foreach (long batch in known.CopiedBatches)
        {
            long rows = await NumberAsync(connection, $"SELECT count(*) FROM bulk WHERE batch = {batch}");
            Assert.True(rows == CopyRows, $"{place}: acknowledged batch {batch} has {rows} rows");
        }
        long broken = await NumberAsync(connection,
            $"SELECT count(*) FROM (SELECT batch FROM bulk GROUP BY batch HAVING count(*) <> {CopyRows}) x");
        Assert.True(broken == 0, $"{place}: {broken} batches are there in part");
        Assert.Equal(0, await NumberAsync(connection,
            "SELECT count(*) - count(DISTINCT (writer, number)) FROM entries"));
    }

    private static async Task<long> NumberAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync());
    }

    private static async Task ExecuteAsync(ServerProcess server, string sql)
    {
        await using NpgsqlConnection connection = new(server.ConnectionString);
        await connection.OpenAsync();
        await ExecuteAsync(connection, sql);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>What clients were told, over all rounds.</summary>
    private sealed class Acknowledged
    {
        private readonly long[] _written = new long[Writers], _attempted = new long[Writers];
        private readonly ConcurrentBag<long> _batches = [];
        private TaskCompletionSource _target = new();
        private long _commits, _wanted = long.MaxValue, _batch;
        private int _maintenance;

        public IEnumerable<long> CopiedBatches => _batches;

        public long Attempt(int writer) => Volatile.Read(ref _attempted[writer]) == Volatile.Read(ref _written[writer])
            ? ++_attempted[writer]
            : _attempted[writer]; // the last attempt failed and was rolled back: the same number again

        public void Written(int writer, long number)
        {
            Volatile.Write(ref _written[writer], number);
            Committed();
        }

        /// <summary>After a restart the writer goes on behind what is there.</summary>
        public void Resume(int writer, long written) => _written[writer] = _attempted[writer] = written;

        public (long Acknowledged, long Attempted) Of(int writer) => (_written[writer], _attempted[writer]);

        public long NextBatch() => Interlocked.Increment(ref _batch);

        public void Copied(long batch)
        {
            _batches.Add(batch);
            Committed();
        }

        public string NextMaintenance() => (Interlocked.Increment(ref _maintenance) % 3) switch
        {
            0 => "CHECKPOINT",
            1 => "VACUUM entries",
            _ => "VACUUM bulk",
        };

        public void Committed()
        {
            if (Interlocked.Increment(ref _commits) >= Volatile.Read(ref _wanted))
                _target.TrySetResult();
        }

        public Task WaitForCommitsAsync(int more)
        {
            _target = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _wanted, Interlocked.Read(ref _commits) + more);
            return _target.Task.WaitAsync(TimeSpan.FromMinutes(2));
        }
    }
}
