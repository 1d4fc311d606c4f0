namespace VecSQL.Bench.Recall.Curves;

/// <summary>An index that is measured: built once, then asked with rising effort by some workers at once.</summary>
internal interface IContestant : IAsyncDisposable
{
    string Name { get; }

    /// <summary>thread or connection.</summary>
    string WorkerWord { get; }

    /// <summary>How many workers to measure with.</summary>
    IReadOnlyList<int> WorkerCounts { get; }

    /// <summary>By rising recall, in words.</summary>
    IReadOnlyList<string> Efforts { get; }

    /// <summary>Loads the rows and builds the index, to the end.</summary>
    Task<IReadOnlyList<BuildFigure>> BuildAsync(CancellationToken cancellation);

    IWorker OpenWorker();
}

/// <summary>One thing that building took: a time, or a size.</summary>
internal sealed record BuildFigure(string What, string Value);

/// <summary>Asks an index's queries. Threads: one at a time.</summary>
internal interface IWorker : IDisposable
{
    /// <param name="effort">A number of the contestant's efforts.</param>
    void SetEffort(int effort);

    /// <summary>Asks a query and gives the numbers of the rows found; valid until the next call.</summary>
    ReadOnlySpan<int> Ask(int query);
}
