namespace VecSQL.Ml.Models;

/// <summary>One model of a <see cref="ModelLibrary"/>, as it is now.</summary>
/// <param name="Facts">What it said of itself; null unless it is loaded.</param>
/// <param name="TextCount">Texts embedded since it came to be known, cached ones included.</param>
/// <param name="RunCount">Runs that those took.</param>
public sealed record ModelState(string Name, int Version, ModelFacts? Facts, long TextCount, long RunCount)
{
    /// <summary>Texts whose vectors were there: cached, or made for the same text in the same call.</summary>
    public long HitCount { get; init; }

    /// <summary>How long it took to load and try it, the last time; null before the first.</summary>
    public TimeSpan? LoadTime { get; init; }
}
