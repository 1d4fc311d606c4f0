using VecSQL.Bench.Mining;

namespace VecSQL.Bench.Tests.Mining;

/// <summary>What the benchmark holds a node to, over a fiftieth of its rows.</summary>
public sealed class MiningCheckTests
{
    [Fact]
    public async Task What_is_mined_is_exact_for_every_anchor_and_one_seed_gives_one_file()
    {
        SampleRows sample = SampleRows.Make(2000, 96, seed: 3); // so many that an Arrow file has several batches
        StringWriter said = new();
        await using MiningNode node = await MiningNode.StartAsync(sample);
        Assert.True(await new AnswerCheck(node, sample, said).RunAsync(), $"{said}");
        SampleRows other = sample with { Labels = [.. sample.Labels.Reverse()] };
        Assert.False(await new AnswerCheck(node, other, TextWriter.Null).RunAsync());
        Assert.True(await new FileCheck(node, said).RunAsync(), $"{said}");
    }
}
