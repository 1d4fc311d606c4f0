namespace VecSQL.Bench.Tests;

/// <summary>Tests that run alone: memory is counted for the whole process.</summary>
[CollectionDefinition(nameof(OneAtATime), DisableParallelization = true)]
public sealed class OneAtATime;
