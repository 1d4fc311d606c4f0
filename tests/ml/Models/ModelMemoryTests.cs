using VecSQL.Kit.Models;
using VecSQL.Ml.Models;

namespace VecSQL.Ml.Tests.Models;

/// <summary>Measures the process, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(ModelMemoryTests), DisableParallelization = true)]
[Collection(nameof(ModelMemoryTests))]
public sealed class ModelMemoryTests
{
    [OnnxFact]
    public void Loading_and_unloading_keeps_no_memory()
    {
        using Rig rig = new(new SampleModel { TokenCount = 4000, Dimensions = 64 });
        ModelSpec spec = Rig.Spec with { Dimensions = 64 };
        for (int i = 0; i < 20; i++)
            rig.Library.Inspect(spec);
        long before = ResidentBytes();
        for (int i = 0; i < 200; i++)
            rig.Library.Inspect(spec);
        long grown = ResidentBytes() - before; // 200 models that are kept would be 300 MB
        Assert.True(grown < 60 << 20, $"200 models later, {grown >> 20} MiB more");
    }

    private static long ResidentBytes()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Environment.WorkingSet;
    }
}
