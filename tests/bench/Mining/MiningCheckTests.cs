using VecSQL.Bench.Mining;

namespace VecSQL.Bench.Tests.Mining;

/// <summary>What the benchmark holds a node to, over a hundredth of its rows.</summary>
public sealed class MiningCheckTests
{
    [Fact]
    public async Task What_is_mined_is_exact_for_every_anchor_and_one_seed_gives_one_file()
    {
        SampleRows sample = SampleRows.Make(1000, 24, seed: 3);
        StringWriter said = new();
        await using MiningNode node = await MiningNode.StartAsync(sample);
        Assert.True(await new AnswerCheck(node, sample, said).RunAsync(), $"{said}");
        SampleRows other = sample with { Labels = [.. sample.Labels.Reverse()] };
        Assert.False(await new AnswerCheck(node, other, TextWriter.Null).RunAsync());
        Assert.True(await new FileCheck(node, said).RunAsync(), $"{said}");
    }
}
