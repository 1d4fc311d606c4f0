using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

/// <summary>Parts of statements that run at other nodes, which are processes: errors, cancellation, and nodes that are killed meanwhile.</summary>
public sealed class ClusterFragmentTests(FragmentNodes nodes) : IClassFixture<FragmentNodes>
{
    [EtcdFact]
    public async Task An_error_at_another_node_comes_with_its_own_state_and_the_session_goes_on()
    {
        await using NpgsqlConnection connection = await nodes.OpenAsync();
        foreach ((string query, string state) in new[]
        {
            ("SELECT sum(1 / (id - 77)) FROM docs", "22012"), ("SELECT count(*) FROM docs GROUP BY name::int", "22P02"), ("SELECT sum(1 / (x - 7)) FROM whole", "22012"),
        })
        {
            PostgresException failed = await Assert.ThrowsAsync<PostgresException>(() => connection.AskAsync(query));
            Assert.Equal((query, state), (query, failed.SqlState));
        }
        Assert.Equal("20000", await connection.AskAsync("SELECT count(*) FROM docs"));
    }

    [EtcdFact]
    public async Task EXPLAIN_tells_which_nodes_did_what()
    {
        await using NpgsqlConnection connection = await nodes.OpenAsync();
        Assert.Contains("Shards: 4 of 4", await FragmentNodes.LinesAsync(connection, "EXPLAIN SELECT count(*) FROM docs"));
        Assert.Contains("Shards: 1 of 4", await FragmentNodes.LinesAsync(connection, "EXPLAIN SELECT * FROM docs WHERE id = 5"));
        string told = await FragmentNodes.LinesAsync(connection, "EXPLAIN ANALYZE SELECT id FROM docs ORDER BY id LIMIT 2");
        Assert.Contains("Shards: 4 of 4", told);
        Assert.Matches("Task [0-9]: node n[12], 2 rows, [0-9]+ bytes, [0-9.]+ ms", told);
    }

    [EtcdFact]
    public async Task A_statement_that_is_cancelled_ends_at_the_other_node_too()
    {
        await using NpgsqlConnection connection = await nodes.OpenAsync();
        await using NpgsqlCommand command = new(
            "SELECT count(*) FROM whole a, whole b, whole c, whole d, whole e, whole f WHERE a.x + b.x + c.x + d.x + e.x + f.x = 1", connection);
        Task<object?> running = command.ExecuteScalarAsync();
        await nodes.UntilLockedAsync(true); // its part runs there
        command.Cancel();
        OperationCanceledException cancelled = await Assert.ThrowsAsync<OperationCanceledException>(() => running);
        Assert.Equal("57014", (cancelled.InnerException as PostgresException)?.SqlState);
        await nodes.UntilLockedAsync(false);
        Assert.Equal("40", await connection.AskAsync("SELECT count(*) FROM whole"));
    }

    [EtcdFact]
    public async Task Sessions_that_change_the_same_rows_of_several_shards_wait_for_each_other_and_not_in_a_circle()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async session =>
        {
            await using NpgsqlConnection connection = await nodes.OpenAsync();
            string statement = session % 2 == 0 ? "UPDATE docs SET name = name WHERE id <= 2000" : "SELECT count(*) FROM (SELECT id FROM docs WHERE id <= 2000 FOR UPDATE) locked";
            for (int round = 0; round < 15; round++)
                await connection.AskAsync(statement);
        }));
    }

    [EtcdFact]
    public async Task A_node_that_is_killed_while_it_sends_rows_is_a_reason_to_try_again()
    {
        await using NpgsqlConnection connection = await nodes.OpenAsync();
        string told = await FragmentNodes.LinesAsync(connection, "EXPLAIN ANALYZE SELECT count(*) FROM whole");
        Match served = Regex.Match(told, "Task [0-9]: node n([12])");
        Assert.True(served.Success, told);
        // Forty megabytes, made at that node, that cannot be made much smaller: more than what is sent before somebody asks for it.
        string wide = string.Join(" || ", Enumerable.Range(0, 20).Select(static i => $"md5((a.x * 32000 + b.x * 800 + c.x * 20 + {i})::text)"));
        await connection.AskAsync($"BEGIN; DECLARE c CURSOR FOR SELECT {wide} FROM whole a, whole b, whole c");
        Assert.NotNull(await connection.AskAsync("FETCH 3 FROM c"));
        int node = int.Parse(served.Groups[1].Value, CultureInfo.InvariantCulture);
        await nodes.KillAsync(node);
        PostgresException lost = await Assert.ThrowsAsync<PostgresException>(() => FragmentNodes.LinesAsync(connection, "FETCH ALL FROM c"));
        Assert.Equal("40001", lost.SqlState);
        await connection.AskAsync("ROLLBACK");
        Assert.Equal("20000", await connection.AskAsync("SELECT count(*) FROM docs")); // which is repeated until it can be answered
        await nodes.RestartAsync(node);
    }
}
