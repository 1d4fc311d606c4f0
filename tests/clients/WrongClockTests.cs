using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

/// <summary>Nodes of a cluster whose clocks are minutes apart.</summary>
public sealed class WrongClockTests
{
    private const string Seen = "SELECT count(*) || ' ' || coalesce(sum(id), 0) FROM w";

    [EtcdFact(needsClocks: true)]
    public async Task What_was_acknowledged_is_seen_next_whichever_clock_the_controller_has()
    {
        await using ClusterProcesses cluster = await ClusterProcesses.StartAsync();
        ServerProcess right = await cluster.AddAsync();
        ServerProcess ahead = await AddAsync(cluster, TimeSpan.FromMinutes(2)), behind = await AddAsync(cluster, TimeSpan.FromMinutes(-2));
        await right.UntilAsync("SELECT string_agg(state, ' ' ORDER BY name) FROM vecsql.nodes", "healthy degraded degraded");
        await right.UntilAsync(
            "SELECT count(*) FROM vecsql.nodes WHERE state = 'degraded' AND (name = 'n2' AND reason LIKE 'its clock is 1__._ s ahead of the others''' "
            + "OR name = 'n3' AND reason LIKE 'its clock is 1__._ s behind the others''')",
            "2");
        await right.DoAsync("CREATE TABLE w (id int PRIMARY KEY) WITH (shards = 4)");
        await right.UntilAsync("SELECT string_agg(replicas::text, ' ') FROM vecsql.nodes", "5 5 5");

        int last = 0;
        List<string> controllers = [];
        foreach (ServerProcess? away in new[] { null, right, ahead, behind })
        {
            if (away is not null)
                await away.KillAsync();
            ServerProcess[] there = [.. cluster.Nodes.Where(node => node != away)];
            await there[0].UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE is_controller AND state <> 'unhealthy'", "1");
            controllers.Add(await there[0].AskAsync("SELECT name FROM vecsql.nodes WHERE is_controller") ?? "");
            for (int round = 0; round < 10; round++)
            {
                foreach (ServerProcess writer in there)
                {
                    await writer.DoAsync($"INSERT INTO w SELECT generate_series({last + 1}, {last + 5})"); // over several shards
                    last += 5;
                    foreach (ServerProcess reader in there)
                        await SeesAsync(reader, last);
                }
            }
            if (away is not null)
                await cluster.RestartAsync(away);
            foreach (ServerProcess node in cluster.Nodes)
                await node.UntilAsync(Seen, Answer(last));
        }
        Assert.True(controllers.Distinct().Count() > 1, string.Join(' ', controllers));
    }

    private static async Task<ServerProcess> AddAsync(ClusterProcesses cluster, TimeSpan clock)
    {
        foreach ((string name, string value) in WrongClock.Ahead(clock))
            cluster.Shared[name] = value;
        ServerProcess node = await cluster.AddAsync();
        cluster.Shared.Clear();
        return node;
    }

    /// <summary>An answer at once, or an error that is to be tried again; never an older answer.</summary>
    private static Task SeesAsync(ServerProcess node, int last) => node.RepeatAsync(Seen, async () =>
    {
        Assert.Equal(Answer(last), await node.AskAsync(Seen));
        return null;
    });

    private static string Answer(int last) => $"{last} {(long)last * (last + 1) / 2}";
}
