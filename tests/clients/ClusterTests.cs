using System.Data;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Npgsql;
using VecSQL.Kit;
using Xunit.Abstractions;

namespace VecSQL.Clients.Tests;

/// <summary>Nodes of a cluster as processes, with an etcd.</summary>
public sealed class ClusterTests(ITestOutputHelper output) : IAsyncLifetime
{
    private ClusterProcesses _cluster = null!;

    public async Task InitializeAsync() => _cluster = await ClusterProcesses.StartAsync();

    public Task DisposeAsync() => _cluster.DisposeAsync().AsTask();

    [EtcdFact]
    public async Task Nodes_see_who_joins_who_is_killed_and_who_stops()
    {
        ServerProcess one = await _cluster.AddAsync("a"), two = await _cluster.AddAsync("b"), three = await _cluster.AddAsync("b");
        foreach (ServerProcess node in _cluster.Nodes)
            await node.UntilAsync("SELECT string_agg(node || name || zone || state, ' ' ORDER BY node) FROM vecsql.nodes", "1n1ahealthy 2n2bhealthy 3n3bhealthy");
        await three.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE is_controller AND memory_bytes > 0 AND disk_bytes > 0", "1");
        Assert.Equal($"127.0.0.1:{two.Port}", await one.AskAsync("SELECT sql_address FROM vecsql.nodes WHERE name = 'n2'"));
        await one.KillAsync();
        await three.UntilAsync("SELECT state FROM vecsql.nodes WHERE name = 'n1'", "unhealthy");
        await three.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE is_controller AND name <> 'n1'", "1");
        Assert.Equal(0, await two.StopAsync());
        await three.UntilAsync("SELECT state FROM vecsql.nodes WHERE name = 'n2'", "unhealthy");
        await three.UntilAsync("SELECT name FROM vecsql.nodes WHERE is_controller", "n3");
        await _cluster.RestartAsync(one);
        await three.UntilAsync("SELECT state FROM vecsql.nodes WHERE name = 'n1'", "healthy");
        Assert.Equal("1", await one.AskAsync("SELECT node FROM vecsql.nodes WHERE name = 'n1'"));
    }

    [EtcdFact]
    public async Task Tables_are_everybodys_and_outlast_any_node_that_is_killed()
    {
        ServerProcess one = await _cluster.AddAsync(), two = await _cluster.AddAsync(), three = await _cluster.AddAsync();
        await three.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE state = 'healthy'", "3");
        await two.DoAsync("CREATE TABLE docs (id int PRIMARY KEY, tenant int, title text, e vector(3)) WITH (shards = 4)");
        await one.DoAsync("INSERT INTO docs SELECT g, g % 10, 't' || g, array[g, g % 7, g % 3]::vector FROM generate_series(1, 1000) g");
        await three.DoAsync("CREATE TABLE whole (id serial PRIMARY KEY, x int); INSERT INTO whole (x) SELECT generate_series(1, 100)");
        await three.UntilAsync("SELECT string_agg(replicas::text, ' ') FROM vecsql.nodes", "5 5 5"); // the first shard began with one
        foreach (ServerProcess node in _cluster.Nodes)
            await SeesAllAsync(node, "1000 500500 100");
        await three.DoAsync("CREATE INDEX ON docs USING hnsw (e vector_l2_ops)");
        Assert.Equal("t77", await three.AskAsync("SELECT title FROM docs WHERE id = 77"));
        Assert.Equal("5 4 6", await two.AskAsync("SELECT string_agg(id::text, ' ') FROM (SELECT id FROM docs ORDER BY e <-> '[5,5,2]' LIMIT 3) d"));

        await two.KillAsync();
        await three.UntilAsync(All, "1000 500500 100");
        await one.DoAsync("UPDATE docs SET title = title || '!' WHERE tenant = 3; INSERT INTO docs SELECT g FROM generate_series(1001, 1100) g");
        await _cluster.RestartAsync(two);
        await two.UntilAsync("SELECT string_agg(state, ' ') FROM vecsql.nodes", "healthy healthy healthy");
        await SeesAllAsync(two, "1100 605550 100");

        await one.KillAsync(); // which served the tables that are whole
        await two.UntilAsync(All, "1100 605550 100");
        await three.DoAsync("INSERT INTO whole (x) VALUES (1); DELETE FROM docs WHERE tenant = 5");
        await two.UntilAsync("SELECT count(*) FROM docs WHERE title LIKE '%!'", "100");

        await two.KillAsync();
        await three.KillAsync();
        await Task.WhenAll(_cluster.RestartAsync(one), _cluster.RestartAsync(two), _cluster.RestartAsync(three));
        foreach (ServerProcess node in _cluster.Nodes)
            await node.UntilAsync(All, "1000 555550 101");
    }

    [EtcdFact]
    public async Task Statements_outside_of_blocks_fail_at_no_node_that_is_killed()
    {
        ServerProcess one = await _cluster.AddAsync(), two = await _cluster.AddAsync(), three = await _cluster.AddAsync();
        await three.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE state = 'healthy'", "3");
        await three.DoAsync("CREATE TABLE divided (id int PRIMARY KEY, x int) WITH (shards = 4); CREATE TABLE whole (id int PRIMARY KEY, x int)");
        await three.UntilAsync("SELECT string_agg(replicas::text, ' ') FROM vecsql.nodes", "5 5 5");
        await using NpgsqlConnection connection = new(three.ConnectionString);
        await connection.OpenAsync();
        List<int> acknowledged = [];
        List<string> failed = [];
        int number = 0, unknown = 0;
        foreach (ServerProcess? killed in new[] { null, one, null })
        {
            Task killing = killed?.KillAsync() ?? Task.CompletedTask;
            for (int i = 0; i < 60 || !killing.IsCompleted; i++)
            {
                int id = ++number;
                string table = id % 2 == 0 ? "divided" : "whole";
                foreach ((string sql, bool isPrepared) in new[]
                {
                    ($"INSERT INTO {table} VALUES ({id}, 0)", false), ($"UPDATE {table} SET x = x + 1 WHERE id = {id}", true),
                    ("SELECT count(*) FROM divided, whole WHERE divided.id = whole.id", id % 3 == 0),
                    ($"DELETE FROM {table} WHERE id = {id - 20} RETURNING id", true),
                })
                {
                    long began = Stopwatch.GetTimestamp();
                    try
                    {
                        await using NpgsqlCommand command = new(sql, connection);
                        if (isPrepared)
                            await command.PrepareAsync();
                        await command.ExecuteNonQueryAsync();
                        if (sql[0] == 'I')
                            acknowledged.Add(id);
                    }
                    catch (PostgresException error) when (error.SqlState == "08007")
                    {
                        unknown++; // it was being committed
                    }
                    catch (PostgresException error)
                    {
                        failed.Add($"{sql}: {error.SqlState} {error.MessageText}, after {Stopwatch.GetElapsedTime(began)}");
                    }
                }
            }
        }
        Assert.True(failed.Count == 0, $"{failed.Count} of {number}:\n{string.Join('\n', failed.Take(10))}");
        Assert.InRange(unknown, 0, 4);
        HashSet<int> there = [];
        await using NpgsqlCommand ids = new("SELECT id FROM divided UNION ALL SELECT id FROM whole", connection);
        await using NpgsqlDataReader reader = await ids.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            there.Add(reader.GetInt32(0));
        Assert.All(acknowledged.Where(id => id > number - 20), id => Assert.Contains(id, there));
    }

    [EtcdFact]
    public async Task Advisory_locks_keep_sessions_of_other_nodes_away_until_their_holders_node_is_gone()
    {
        ServerProcess one = await _cluster.AddAsync(), two = await _cluster.AddAsync(), three = await _cluster.AddAsync();
        await three.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE state = 'healthy'", "3");
        await three.UntilAsync("SELECT string_agg(replicas::text, ' ') FROM vecsql.nodes", "1 1 1");
        await using NpgsqlConnection held = new(three.ConnectionString), kept = new(two.ConnectionString);
        await held.OpenAsync();
        await kept.OpenAsync();
        await using (NpgsqlCommand take = new("SELECT pg_advisory_lock(1), pg_advisory_lock(1), pg_advisory_lock_shared(2)", held))
            await take.ExecuteNonQueryAsync();
        foreach (ServerProcess node in _cluster.Nodes)
            Assert.Equal("false true", await node.AskAsync("SELECT pg_try_advisory_lock(1) || ' ' || pg_try_advisory_xact_lock_shared(2)"));
        Task<string?> waiting = one.AskAsync("SELECT pg_advisory_lock(1)::text || 'had'");
        await using (NpgsqlCommand again = new("SELECT pg_advisory_unlock(1)::text || pg_try_advisory_lock(3)", held))
            Assert.Equal("truetrue", await again.ExecuteScalarAsync());
        Assert.False(waiting.IsCompleted);
        await three.KillAsync();
        Assert.Equal("had", await waiting);
        Assert.Equal("true", await one.AskAsync("SELECT pg_try_advisory_lock(3)::text"));

        await _cluster.RestartAsync(three);
        await two.UntilAsync("SELECT string_agg(state, ' ') FROM vecsql.nodes", "healthy healthy healthy");
        await using (NpgsqlCommand take = new("SELECT pg_advisory_lock(4)", kept))
            await take.ExecuteNonQueryAsync();
        await one.KillAsync(); // which kept the locks
        await three.UntilAsync("SELECT pg_try_advisory_lock(4)::text", "true");
        await using NpgsqlCommand any = new("SELECT 1", kept);
        NpgsqlException ended = await Assert.ThrowsAnyAsync<NpgsqlException>(any.ExecuteScalarAsync);
        Assert.True(ended is PostgresException { SqlState: "57P01" } || ended.InnerException is IOException, ended.ToString()); // or closed before it could be read why
        Assert.Equal(ConnectionState.Closed, kept.State);
    }

    [EtcdFact]
    public async Task A_circle_of_sessions_at_different_nodes_over_different_shards_ends_by_one_of_them()
    {
        ServerProcess one = await _cluster.AddAsync(), two = await _cluster.AddAsync();
        await two.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE state = 'healthy'", "2");
        await one.DoAsync("CREATE TABLE whole (id int PRIMARY KEY, x int)");
        await one.DoAsync("CREATE TABLE divided (id int PRIMARY KEY, x int) WITH (shards = 4)"); // none of which is where whole tables are
        await one.DoAsync("INSERT INTO whole VALUES (1, 0); INSERT INTO divided VALUES (1, 0)");
        await two.UntilAsync("SELECT count(*) FROM whole, divided", "1");
        await using NpgsqlConnection first = new(one.ConnectionString), second = new(two.ConnectionString);
        (NpgsqlConnection Connection, string Own, string Other)[] sessions = [(first, "whole", "divided"), (second, "divided", "whole")];
        foreach ((NpgsqlConnection connection, string own, _) in sessions)
        {
            await connection.OpenAsync();
            await RunAsync(connection, $"BEGIN; UPDATE {own} SET x = x + 1");
        }
        Task[] crossed = [.. sessions.Select(session => RunAsync(session.Connection, $"UPDATE {session.Other} SET x = x + 1"))];
        PostgresException deadlock = await Assert.ThrowsAsync<PostgresException>(() => Task.WhenAll(crossed));
        Assert.Equal("40P01", deadlock.SqlState);
        int victim = Array.FindIndex(crossed, static task => task.IsFaulted);
        Assert.True(crossed[1 - victim].IsCompletedSuccessfully);
        await RunAsync(sessions[victim].Connection, "ROLLBACK");
        await RunAsync(sessions[1 - victim].Connection, "COMMIT");
        Assert.Equal("1 1", await one.AskAsync("SELECT whole.x || ' ' || divided.x FROM whole, divided"));

        static async Task RunAsync(NpgsqlConnection connection, string script)
        {
            await using NpgsqlCommand command = new(script, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    [EtcdFact]
    public async Task What_a_session_notifies_those_of_other_nodes_hear_once_it_is_committed()
    {
        ServerProcess one = await _cluster.AddAsync(), two = await _cluster.AddAsync();
        await two.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE state = 'healthy'", "2");
        await using NpgsqlConnection listening = new(two.ConnectionString), sending = new(one.ConnectionString);
        await listening.OpenAsync();
        await sending.OpenAsync();
        List<string> heard = [];
        listening.Notification += (_, told) => heard.Add($"{told.Channel} {told.Payload} {told.PID == sending.ProcessID}");
        await using (NpgsqlCommand listen = new("LISTEN a; LISTEN b", listening))
            await listen.ExecuteNonQueryAsync();
        foreach (string sql in new[] { "BEGIN; NOTIFY a, 'gone'; ROLLBACK", "BEGIN; NOTIFY a, '1'; SELECT pg_notify('b', '2'); NOTIFY c; COMMIT", "NOTIFY a, '3'" })
        {
            await using NpgsqlCommand notify = new(sql, sending);
            await notify.ExecuteNonQueryAsync();
        }
        using CancellationTokenSource late = new(NodeQueries.Patience);
        while (heard.Count < 3)
            await listening.WaitAsync(late.Token);
        Assert.Equal(["a 1 True", "b 2 True", "a 3 True"], heard);
    }

    private const string All = "SELECT (SELECT count(*) || ' ' || sum(id) FROM docs) || ' ' || (SELECT count(*) FROM whole)";

    private static Task SeesAllAsync(ServerProcess node, string answer) => node.UntilAsync(All, answer);

    [EtcdFact]
    public async Task A_node_that_stops_has_others_take_over_first()
    {
        ServerProcess one = await _cluster.AddAsync(), two = await _cluster.AddAsync(), three = await _cluster.AddAsync();
        await two.DoAsync("CREATE TABLE w (id int PRIMARY KEY)");
        await three.UntilAsync("SELECT string_agg(replicas::text, ' ') FROM vecsql.nodes", "1 1 1");
        Assert.Equal("n1", await three.AskAsync("SELECT name FROM vecsql.nodes WHERE primaries = 1"));
        await using RowWriter writer = await RowWriter.StartAsync(three);
        await writer.UntilAsync(20);
        Assert.Equal(0, await one.StopAsync());
        await three.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE primaries = 1 AND name <> 'n1'", "1");
        await writer.UntilAsync(writer.Written + 20);
        await _cluster.RestartAsync(one);
        await writer.EndAsync();
        output.WriteLine($"{writer.Written} writes, {writer.Refused} were to be tried again, the longest was done after {writer.Longest.TotalMilliseconds:F0} ms");
        await one.UntilAsync($"SELECT count(*) FROM w WHERE id <= {writer.Written}", writer.Written.ToString());
    }

    [EtcdFact]
    public async Task Replicas_move_to_a_node_that_joins_and_off_one_that_is_drained_while_clients_write()
    {
        ServerProcess one = await _cluster.AddAsync(), two = await _cluster.AddAsync(), three = await _cluster.AddAsync();
        await three.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE state <> 'unknown'", "3");
        await two.DoAsync("CREATE TABLE w (id int PRIMARY KEY, x text) WITH (shards = 4)");
        await two.DoAsync("INSERT INTO w SELECT -g, repeat('x', 100) FROM generate_series(1, 5000) g");
        await three.UntilAsync("SELECT string_agg(replicas::text, ' ') FROM vecsql.nodes", "5 5 5");
        await using RowWriter writer = await RowWriter.StartAsync(three);
        await writer.UntilAsync(10);

        ServerProcess four = await _cluster.AddAsync();
        await four.UntilAsync("SELECT count(*) FROM vecsql.nodes", "4");
        await four.AskAsync("REBALANCE");
        await two.UntilAsync("SELECT count(*) FILTER (WHERE state = 'done') > 2 AND count(*) FILTER (WHERE ended IS NULL) = 0 FROM vecsql.jobs", "True");
        await two.UntilAsync("SELECT replicas FROM vecsql.nodes WHERE name = 'n4'", "3");
        Assert.Equal("0", await one.AskAsync("SELECT count(*) FROM vecsql.replicas r WHERE role = 'learner'"));

        await two.AskAsync("ALTER CLUSTER DRAIN NODE 'n1'");
        PostgresException refused = await Assert.ThrowsAsync<PostgresException>(() => two.AskAsync("ALTER CLUSTER REMOVE NODE 'n9'"));
        Assert.Equal("42704", refused.SqlState);
        await two.UntilAsync("SELECT replicas + primaries FROM vecsql.nodes WHERE name = 'n1'", "0");
        using (CancellationTokenSource late = new(TimeSpan.FromSeconds(60)))
        {
            while (Directory.GetDirectories(Path.Combine(one.DataDirectory, "shards")).Length > 0)
                await Task.Delay(100, late.Token); // files go a while after the replica
        }
        await two.AskAsync("ALTER CLUSTER REMOVE NODE 'n1'");
        await three.UntilAsync("SELECT string_agg(replicas::text, ' ') FROM vecsql.nodes", "5 5 5");
        await writer.UntilAsync(writer.Written + 10);
        await writer.EndAsync();
        output.WriteLine($"{writer.Written} writes, {writer.Refused} were to be tried again, the longest was done after {writer.Longest.TotalMilliseconds:F0} ms");
        await four.UntilAsync($"SELECT count(*) FROM w WHERE id <= {writer.Written}", (5000 + writer.Written).ToString());
    }

    [EtcdFact]
    public async Task Shards_are_divided_put_together_and_spread_over_nodes_that_join_while_clients_write()
    {
        ServerProcess one = await _cluster.AddAsync();
        await one.DoAsync("CREATE TABLE w (id int PRIMARY KEY, x text) WITH (shard_method = 'range', replicas = 1) SPLIT AT VALUES ((0))");
        await one.DoAsync("INSERT INTO w SELECT -g, repeat('x', 100) FROM generate_series(1, 5000) g");
        await using RowWriter writer = await RowWriter.StartAsync(one);
        await writer.UntilAsync(10);
        await one.DoAsync("ALTER TABLE w SPLIT AT VALUES ((-2500), (10), (20))");
        Assert.Equal(1, await CountGroupsAsync()); // the division before is forgotten
        ServerProcess two = await _cluster.AddAsync(), three = await _cluster.AddAsync();
        await one.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE state = 'healthy'", "3");
        await two.UntilAsync("SELECT string_agg(start_key, ' ' ORDER BY shard) FROM vecsql.shards WHERE table_name = 'w'", "(0) (-2500) (10) (20)");
        await three.AskAsync("ALTER TABLE w SCATTER");
        await two.UntilAsync(
            "SELECT count(DISTINCT node) || ' ' || count(*) FROM vecsql.replicas r JOIN vecsql.shards s USING (shard) WHERE table_name = 'w' AND role = 'primary'", "3 5");
        await two.UntilAsync("SELECT count(*) FILTER (WHERE ended IS NULL) FROM vecsql.jobs", "0");
        await writer.UntilAsync(writer.Written + 10);
        await two.DoAsync("DO $$ BEGIN EXECUTE (SELECT 'ALTER TABLE w MERGE SHARDS ' || string_agg(shard::text, ', ') FROM vecsql.shards WHERE table_name = 'w' "
            + "AND (start_key IS NULL OR start_key IN ('(-2500)', '(0)'))); END $$");
        await three.UntilAsync("SELECT string_agg(start_key, ' ' ORDER BY start_key) FROM vecsql.shards WHERE table_name = 'w'", "(10) (20)");
        await writer.UntilAsync(writer.Written + 10);
        await writer.EndAsync();
        output.WriteLine($"{writer.Written} writes, {writer.Refused} were to be tried again, the longest was done after {writer.Longest.TotalMilliseconds:F0} ms");
        await two.UntilAsync($"SELECT count(*) || ' ' || count(DISTINCT id) FROM w WHERE id <= {writer.Written}", $"{5000 + writer.Written} {5000 + writer.Written}");
    }

    [EtcdFact]
    public async Task Citus_functions_move_a_shard_and_drain_a_node_and_return_when_it_is_done()
    {
        ServerProcess one = await _cluster.AddAsync(), two = await _cluster.AddAsync();
        await one.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE state = 'healthy'", "2");
        await one.DoAsync("CREATE TABLE w (id int PRIMARY KEY) WITH (replicas = 1)");
        await one.DoAsync("SELECT create_distributed_table('w', 'id', shard_count => 2)");
        await one.DoAsync("INSERT INTO w SELECT generate_series(1, 1000)");
        Assert.Equal("n1 {n1} n2 {n2}", await one.AskAsync("SELECT string_agg(leader || ' ' || nodes::text, ' ' ORDER BY leader) FROM vecsql.shards WHERE table_name = 'w'"));
        Assert.Equal("2", await one.AskAsync($"SELECT citus_add_node('127.0.0.1', {two.Port})"));
        PostgresException unknown = await Assert.ThrowsAsync<PostgresException>(() => one.AskAsync("SELECT citus_add_node('127.0.0.1', 1)"));
        Assert.Equal("55000: node 127.0.0.1:1 has not joined the cluster", $"{unknown.SqlState}: {unknown.MessageText}");

        string? shard = await one.AskAsync("SELECT shard FROM vecsql.replicas JOIN vecsql.shards USING (shard) WHERE table_name = 'w' AND name = 'n1'");
        Assert.Equal("", await two.AskAsync($"SELECT citus_move_shard_placement({shard}, '127.0.0.1', {one.Port}, '127.0.0.1', {two.Port})::text"));
        Assert.Equal("n2", await two.AskAsync($"SELECT string_agg(name, ' ') FROM vecsql.replicas WHERE shard = {shard}"));
        await two.KillAsync(); // which has all of the table, and is needed for what has two replicas
        await one.UntilAsync("SELECT count(*) || ' ' || count(leader) || ' ' || count(rows) FROM vecsql.shards WHERE table_name = 'w'", "2 0 0");
        await _cluster.RestartAsync(two);
        await one.UntilAsync("SELECT count(*) || ' ' || count(leader) || ' ' || sum(rows) FROM vecsql.shards WHERE table_name = 'w'", "2 2 1000");
        await one.AskAsync("SELECT rebalance_table_shards('w')");
        Assert.Equal("0", await one.AskAsync("SELECT count(*) FROM vecsql.jobs WHERE ended IS NULL"));
        await one.AskAsync($"SELECT citus_drain_node('127.0.0.1', {two.Port})");
        Assert.Equal("0", await one.AskAsync("SELECT replicas FROM vecsql.nodes WHERE name = 'n2'"));
        Assert.Equal("1000", await one.AskAsync("SELECT count(*) FROM w"));
    }

    /// <summary>How many groups of shards etcd has that say how they are replicated.</summary>
    private async Task<int> CountGroupsAsync()
    {
        using HttpClient etcd = new() { BaseAddress = _cluster.Etcd.Address };
        using StringContent all = new("""{"key":"L3ZlY3NxbC8=","range_end":"L3ZlY3NxbDA=","keys_only":true}"""); // what begins with /vecsql/
        using HttpResponseMessage answer = await etcd.PostAsync("/v3/kv/range", all);
        using JsonDocument read = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return read.RootElement.GetProperty("kvs").EnumerateArray().Count(
            static entry => Encoding.UTF8.GetString(entry.GetProperty("key").GetBytesFromBase64()).Contains("/groups/", StringComparison.Ordinal));
    }

    [EtcdFact]
    public async Task A_search_of_nearest_rows_needs_only_the_nodes_that_have_their_cells()
    {
        ServerProcess one = await _cluster.AddAsync(), two = await _cluster.AddAsync(), three = await _cluster.AddAsync();
        await one.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE state = 'healthy'", "3");
        await one.DoAsync("CREATE TABLE docs (id int, v vector(2)) WITH (shards = 3, shard_method = 'vector', replicas = 1)");
        await one.UntilAsync("SELECT count(DISTINCT node) FROM vecsql.replicas JOIN vecsql.shards USING (shard) WHERE table_name = 'docs'", "3");
        await two.DoAsync("INSERT INTO docs SELECT i, array[1000 * (i % 3) + i % 7, i % 5]::vector FROM generate_series(1, 300) i");
        await three.DoAsync("ALTER TABLE docs TRAIN SHARDS");
        await one.DoAsync("ALTER TABLE docs TRAIN SHARDS");
        Assert.Equal(1, await CountGroupsAsync());
        Dictionary<string, int> centres = [];
        for (int x = 0; x <= 2000; x += 1000)
        {
            string plan = await one.AskAsync($"SET vecsql.shard_probes = 1; EXPLAIN (ANALYZE, FORMAT JSON) {Nearest(x)}") ?? "";
            Assert.Contains("\"Shards\": \"1 of 3\"", plan);
            centres.Add(plan.Contains("node n2", StringComparison.Ordinal) ? "n2" : plan.Contains("node n3", StringComparison.Ordinal) ? "n3" : "n1", x);
        }
        await two.KillAsync();
        await one.UntilAsync("SELECT state FROM vecsql.nodes WHERE name = 'n2'", "unhealthy");
        foreach (ServerProcess node in new[] { one, three })
        {
            await using NpgsqlConnection connection = await node.OpenAsync();
            await connection.AskAsync("SET vecsql.shard_probes = 1; SET statement_timeout = 5000");
            foreach (string there in new[] { "n1", "n3" })
            {
                await node.RepeatAsync(there, async () => await connection.AskAsync($"SELECT count(*) FROM ({Nearest(centres[there])}) d") is "3" ? null : "others");
            }
            await connection.AskAsync("SET vecsql.shard_probes = 0");
            PostgresException missed = await Assert.ThrowsAsync<PostgresException>(() => connection.AskAsync(Nearest(0)));
            Assert.Contains(missed.SqlState, new[] { "40001", "57P03", "57014" });
        }

        static string Nearest(int x) => $"SELECT id FROM docs ORDER BY v <-> '[{x},0]' LIMIT 3";
    }

    [EtcdFact]
    public async Task Tables_have_as_many_replicas_as_they_say_and_others_when_they_say_something_else()
    {
        ServerProcess one = await _cluster.AddAloneAsync();
        await one.DoAsync("CREATE TABLE brought (id int PRIMARY KEY) WITH (replicas = 1, replication = async)");
        await one.DoAsync("INSERT INTO brought SELECT generate_series(1, 100)");
        Assert.Equal(0, await one.StopAsync());
        await _cluster.RestartAsync(one);
        ServerProcess two = await _cluster.AddAsync(), three = await _cluster.AddAsync();
        await three.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE state <> 'unknown'", "3");
        await three.UntilAsync(Replicas("brought"), "async 1");
        await two.DoAsync("CREATE TABLE w (id int PRIMARY KEY, x text) WITH (shards = 2, replicas = 1, replication = async)");
        await three.DoAsync("CREATE TABLE many (id int PRIMARY KEY) WITH (shards = 2, replicas = 5, replication = 'semi-sync')");
        await three.UntilAsync(Replicas("w"), "async 2");
        await three.UntilAsync(Replicas("many"), "semi-sync 6");
        await using RowWriter writer = await RowWriter.StartAsync(three);
        await writer.UntilAsync(10);
        await one.DoAsync("ALTER TABLE w SET (replicas = 3, replication = sync); ALTER TABLE brought RESET (replicas, replication)");
        await two.UntilAsync(Replicas("w"), "sync 6");
        await writer.UntilAsync(writer.Written + 10);
        await one.DoAsync("ALTER TABLE w SET (replicas = 2, replication = 'semi-sync')");
        await two.UntilAsync(Replicas("w"), "semi-sync 4");
        await writer.UntilAsync(writer.Written + 10);
        await writer.EndAsync();
        await two.UntilAsync($"SELECT count(*) FROM w WHERE id <= {writer.Written}", writer.Written.ToString());
        await two.UntilAsync("SELECT count(*) FROM brought JOIN vecsql.shards s ON table_name = 'brought' AND shard = 0", "100");
        ServerProcess four = await _cluster.AddAsync(), five = await _cluster.AddAsync();
        await five.UntilAsync(Replicas("many"), "semi-sync 10");
        Assert.Equal("semi-sync", await four.AskAsync("SELECT DISTINCT replication FROM vecsql.shards WHERE table_name = 'many'"));

        static string Replicas(string table) =>
            "SELECT string_agg(DISTINCT r.replication, ' ') || ' ' || count(*) FILTER (WHERE role <> 'learner') FROM vecsql.replicas r JOIN vecsql.shards s USING (shard) " +
            $"WHERE s.table_name = '{table}'";
    }

    [EtcdFact]
    public async Task Commits_wait_for_as_many_replicas_as_their_session_says()
    {
        for (int i = 1; i <= 3; i++)
            await _cluster.AddAsync();
        ServerProcess one = _cluster.Nodes[0];
        await one.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE state = 'healthy'", "3");
        await one.DoAsync("CREATE TABLE w (id int PRIMARY KEY) WITH (shards = 4); CREATE TABLE everywhere (id int PRIMARY KEY) WITH (replication = sync)");
        await one.UntilAsync("SELECT string_agg(replicas::text, ' ') FROM vecsql.nodes", "6 6 6");
        await one.DoAsync("INSERT INTO w SELECT generate_series(1, 100)");
        string? primary = await one.AskAsync("SELECT node FROM vecsql.replicas JOIN vecsql.shards USING (shard) WHERE role = 'primary' AND table_name = 'everywhere'");
        int away = primary == "3" ? 1 : 2; // another's replica
        ServerProcess three = _cluster.Nodes[away], two = _cluster.Nodes[3 - away];
        await three.KillAsync();
        await one.UntilAsync($"SELECT count(*) FROM w, vecsql.nodes WHERE name = 'n{away + 1}' AND state = 'unhealthy'", "100");
        await two.DoAsync("INSERT INTO w SELECT generate_series(101, 200)");
        await two.DoAsync("SET LOCAL vecsql.write_acks = async; INSERT INTO everywhere VALUES (1)"); // in one shard
        Task raised = two.AskAsync("SET vecsql.write_acks = sync; INSERT INTO w VALUES (201)");
        Task asked = one.AskAsync("BEGIN; SET LOCAL vecsql.write_acks = async; INSERT INTO everywhere VALUES (2); INSERT INTO w VALUES (203); COMMIT"); // in two
        await one.UntilAsync("SELECT count(*) FROM w WHERE id = 201", "1"); // it has committed, and been told nobody
        await one.DoAsync("INSERT INTO w VALUES (202)");
        Task divided = one.AskAsync("SET vecsql.write_acks = sync; INSERT INTO w SELECT generate_series(300, 399)");
        Assert.False(raised.IsCompleted || divided.IsCompleted || asked.IsCompleted);
        await _cluster.RestartAsync(three);
        await Task.WhenAll(raised, divided, asked);
        await three.UntilAsync("SELECT (SELECT count(*) FROM w) || ' ' || (SELECT count(*) FROM everywhere)", "303 2");
    }

    [EtcdFact]
    public async Task Queries_that_need_not_see_what_is_newest_are_served_without_primaries()
    {
        _cluster.Shared["VECSQL_LOG_LEVEL"] = "warning";
        for (int i = 1; i <= 3; i++)
            await _cluster.AddAsync();
        ServerProcess one = _cluster.Nodes[0];
        await one.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE state = 'healthy'", "3");
        await one.DoAsync("CREATE TABLE sums (id int PRIMARY KEY, x int) WITH (shards = 4); CREATE TABLE whole (id int PRIMARY KEY)");
        await one.UntilAsync("SELECT string_agg(replicas::text, ' ') FROM vecsql.nodes", "5 5 5");
        await one.DoAsync("INSERT INTO sums SELECT g, 100 FROM generate_series(1, 40) g; INSERT INTO whole VALUES (1)");
        const string Sum = "SELECT sum(x) || ' ' || count(*) FROM sums";
        foreach (ServerProcess node in _cluster.Nodes)
        {
            await node.UntilAsync(Sum, "4000 40");
            Assert.Equal("1", await AskAsync(node, "vecsql.read_replica=nearest", "SELECT id FROM whole WHERE id = 1"));
            Assert.Equal("100", await AskAsync(node, "vecsql.read_replica=any", "SELECT x FROM sums WHERE id = 7"));
        }

        // Transfers between shards go on, and whoever reads at a moment sees all of each.
        using CancellationTokenSource ended = new();
        Task<int>[] readers = [.. _cluster.Nodes.SelectMany(node => (string[])["bounded", "eventual"], (node, consistency) => ReadAsync(node, consistency, ended.Token))];
        for (int i = 0; i < 100; i++)
            await one.DoAsync($"UPDATE sums SET x = x + CASE id WHEN {1 + (i % 20)} THEN 7 ELSE -7 END WHERE id IN ({1 + (i % 20)}, {40 - (i % 20)})");
        await ended.CancelAsync();
        Assert.All(await Task.WhenAll(readers), static count => Assert.NotEqual(0, count));

        // Without the others a node says what it has.
        await _cluster.Nodes[1].KillAsync();
        await _cluster.Nodes[2].KillAsync();
        Assert.Equal("4000 40", await AskAsync(one, "vecsql.consistency=eventual", Sum));
        Assert.Equal("1", await AskAsync(one, "vecsql.consistency=eventual", "SELECT id FROM whole"));

        static async Task<string?> AskAsync(ServerProcess node, string setting, string query)
        {
            await using NpgsqlConnection connection = new($"{node.ConnectionString};Options=-c {setting}");
            await connection.OpenAsync();
            return await connection.AskAsync(query);
        }

        static async Task<int> ReadAsync(ServerProcess node, string consistency, CancellationToken ended)
        {
            await using NpgsqlConnection connection = new($"{node.ConnectionString};Options=-c vecsql.consistency={consistency}");
            await connection.OpenAsync(CancellationToken.None);
            int count = 0;
            while (!ended.IsCancellationRequested)
            {
                await using NpgsqlCommand read = new("SELECT sum(x) || ' ' || count(*) FROM sums", connection);
                object? sum = await read.ExecuteScalarAsync(CancellationToken.None);
                if (count > 0 || sum is "4000 40") // at first it may be of before there were rows
                    Assert.Equal("4000 40", sum);
                count += sum is "4000 40" ? 1 : 0;
            }
            return count;
        }
    }

    [EtcdFact]
    public async Task A_node_that_was_alone_brings_its_tables_as_the_first_of_a_cluster_and_no_other_does()
    {
        ServerProcess one = await _cluster.AddAloneAsync(), other = await _cluster.AddAloneAsync();
        await one.DoAsync("CREATE TABLE docs (id int PRIMARY KEY, e vector(3)) WITH (shards = 3); CREATE TABLE whole (id serial PRIMARY KEY, x text)");
        await one.DoAsync("INSERT INTO docs SELECT g, array[g, g % 7, g % 3]::vector FROM generate_series(1, 500) g; INSERT INTO whole (x) VALUES ('a'), ('b')");
        await one.DoAsync("CREATE INDEX ON docs USING hnsw (e vector_l2_ops); CREATE VIEW near AS SELECT id FROM docs ORDER BY e <-> '[5,5,2]' LIMIT 3");
        await other.DoAsync("CREATE TABLE strange (i int)");
        await one.KillAsync(); // the log has what no segment has
        Assert.Equal(0, await other.StopAsync());

        await _cluster.RestartAsync(one);
        ServerProcess two = await _cluster.AddAsync(), three = await _cluster.AddAsync();
        const string all = "SELECT (SELECT count(*) || ' ' || sum(id) FROM docs) || ' ' || (SELECT string_agg(id || x, ' ' ORDER BY id) FROM whole)";
        await three.UntilAsync(all, "500 125250 1a 2b");
        await two.DoAsync("INSERT INTO whole (x) VALUES ('c'); DELETE FROM docs WHERE id > 490");
        await three.UntilAsync("SELECT string_agg(replicas::text, ' ') FROM vecsql.nodes", "4 4 4");
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _cluster.RestartAsync(other));
        Assert.Contains("has tables of its own, and the cluster has others", refused.Message);
        await other.RestartAsync(); // alone, as before
        Assert.Equal("0", await other.AskAsync("SELECT count(*) FROM strange"));

        await one.KillAsync();
        await two.UntilAsync("SELECT count(*) || ' ' || sum(id) FROM docs", "490 120295");
        Assert.Equal("5 4 6", await three.AskAsync("SELECT string_agg(id::text, ' ') FROM near"));
        Assert.Equal("a b c", await two.AskAsync("SELECT string_agg(x, ' ' ORDER BY id) FROM whole"));
        await _cluster.RestartAsync(one);
        await one.UntilAsync("SELECT count(*) || ' ' || sum(id) FROM docs", "490 120295");
    }

    [EtcdFact]
    public async Task A_node_that_may_not_join_or_stay_says_why_and_ends()
    {
        ServerProcess one = await _cluster.AddAsync();
        Dictionary<string, string> elsewhere = ClusterProcesses.Settings(_cluster.Etcd, "n1");
        InvalidOperationException taken = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(environment: elsewhere));
        Assert.Contains("a live node is called \"n1\"", taken.Message);
        Assert.Equal(0, await one.StopAsync());
        elsewhere["VECSQL_CLUSTER_NAME"] = "other";
        InvalidOperationException strange = await Assert.ThrowsAsync<InvalidOperationException>(() => one.RestartAsync(elsewhere));
        Assert.Contains("there is no such cluster", strange.Message);
    }
}
