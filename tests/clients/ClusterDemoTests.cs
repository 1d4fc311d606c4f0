using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

public sealed class ClusterDemoTests
{
    [EtcdFact]
    public async Task The_demo_of_a_cluster_loses_nothing_and_gives_the_same_answers_without_a_node()
    {
        ProgramResult demo = await Programs.RunAsync("dotnet", [Programs.ServerDll, "cluster", "demo", "--exit"]);
        Assert.True(demo.ExitCode == 0, demo.Output + demo.Error);
        Assert.Matches(@"Killed n[123], the primary of most shards\.\nStarted n[123] again: healthy after ", demo.Output);
        Assert.Matches(@"Queries: [1-9][\d,]* done, .*; the longest that a client waited: \d+\.\d\d s\.\nWrites: [1-9]", demo.Output);
        Assert.Matches(@"Rows: ([\d,]+) acknowledged, [\d,]+ there\. Answers unlike the first: 0\.", demo.Output);
    }

    [Fact]
    public async Task A_cluster_is_refused_unless_it_is_tried_on_purpose()
    {
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(
            environment: new Dictionary<string, string> { ["VECSQL_CLUSTER"] = "http://127.0.0.1:1", ["VECSQL_NODE_NAME"] = "n1" }));
        Assert.Contains("clusters are not finished yet", refused.Message);
    }
}
