using VecSQL.Kit;
using VecSQL.Kit.Models;

namespace VecSQL.Clients.Tests;

/// <summary>Models that are made at one node of a cluster, and used at others.</summary>
public sealed class ClusterModelTests
{
    [EtcdFact(needsModels: true)]
    public async Task A_model_is_copied_to_nodes_that_are_there_and_taken_by_those_that_come_later()
    {
        string folder = Directory.CreateTempSubdirectory("vecsql-models-").FullName;
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, "a.onnx"), new SampleModel().Build());
            await File.WriteAllBytesAsync(Path.Combine(folder, "b.onnx"), new SampleModel { Seed = 2 }.Build());
            await File.WriteAllBytesAsync(Path.Combine(folder, "tokenizer.json"), SampleTokenizer.Bert());
            await using ClusterProcesses cluster = await ClusterProcesses.StartAsync();
            (cluster.Shared["VECSQL_FILE_ROOT"], cluster.Shared["VECSQL_ONNXRUNTIME"]) = (folder, NodePackages.OnnxRuntime ?? "");
            ServerProcess one = await cluster.AddAsync(), two = await cluster.AddAsync(), three = await cluster.AddAsync();
            await one.UntilAsync("SELECT count(*) FROM vecsql.nodes WHERE state = 'healthy'", "3");
            await one.DoAsync("CREATE TABLE t (id int PRIMARY KEY, body text) WITH (shards = 4)");
            await one.DoAsync("INSERT INTO t SELECT n, 'the text of number ' || n FROM generate_series(1, 200) n");
            await two.UntilAsync("SELECT string_agg(replicas::text, ' ') FROM vecsql.nodes", "5 5 5");

            await one.DoAsync("CREATE MODEL a FROM 'file:a.onnx'");
            Assert.All(cluster.Nodes, static node => Assert.Equal(2, Directory.GetFiles(Path.Combine(node.DataDirectory, "models")).Length));
            await one.KillAsync();
            foreach (ServerProcess node in new[] { two, three })
                await node.UntilAsync(Embedded("a"), "0");

            await three.KillAsync();
            await cluster.RestartAsync(one);
            await two.UntilAsync("SELECT string_agg(state, ' ' ORDER BY name) FROM vecsql.nodes", "healthy healthy unhealthy");
            await two.DoAsync("CREATE MODEL b FROM 'file:b.onnx'");
            await cluster.RestartAsync(three);
            await two.KillAsync(); // the only one that made it
            await three.UntilAsync(Embedded("b"), "0");
            await three.UntilAsync("SELECT id FROM t ORDER BY embed('b', body) <=> embed('b', 'the text of number 77') LIMIT 1", "77"); // at both nodes
            Assert.Equal(3, Directory.GetFiles(Path.Combine(three.DataDirectory, "models")).Length); // two models, one tokenizer
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Embedded(string model) => $"SELECT (embed('{model}', 'a text') <=> embed('{model}', 'a text'))::text";
}
