using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

/// <summary>A node of a cluster whose disk has no room left.</summary>
public sealed class FullDiskTests
{
    [EtcdFact(needsDisks: true)]
    public async Task A_node_whose_disk_is_full_ends_so_that_others_serve_and_comes_back_when_there_is_room()
    {
        await using DiskLab disks = await DiskLab.MakeAsync(1);
        await using ClusterProcesses cluster = await ClusterProcesses.StartAsync();
        ServerProcess one = await cluster.AddAsync(directory: disks.Data(0)), two = await cluster.AddAsync(), three = await cluster.AddAsync();
        await three.DoAsync("CREATE TABLE w (id int PRIMARY KEY)");
        await three.UntilAsync("SELECT string_agg(replicas::text, ' ') FROM vecsql.nodes", "1 1 1");
        Assert.Equal("n1", await three.AskAsync("SELECT name FROM vecsql.nodes WHERE primaries = 1"));
        await two.DoAsync(Rows(1, 100));
        await disks.FillAsync(0);
        await two.DoAsync(Rows(101, 200));
        await one.UntilEndedAsync(NodeQueries.Patience);
        Assert.Contains("No space left on device", one.Errors);
        await two.DoAsync(Rows(201, 300));
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.RestartAsync(one));
        Assert.Contains("No space left on device", refused.Message);
        disks.Free(0);
        await cluster.RestartAsync(one);
        await one.UntilAsync("SELECT count(*) || ' ' || sum(id) FROM w", "300 45150");
    }

    private static string Rows(int first, int last) => $"INSERT INTO w SELECT generate_series({first}, {last})";
}
