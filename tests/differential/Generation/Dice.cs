namespace VecSQL.Differential.Tests.Generation;

/// <summary>Chance from a seed: the same seed gives the same throws.</summary>
internal sealed class Dice
{
    private readonly Random _random;

    /// <param name="seed">The run's.</param>
    /// <param name="step">Which statement of it, so that one can be made again without those before it.</param>
    public Dice(int seed, int step) => _random = new Random(unchecked((seed * 1_000_003) + step));

    /// <summary>From 0 to one less than <paramref name="count"/>.</summary>
    public int Below(int count) => _random.Next(count);

    public int Between(int least, int most) => _random.Next(least, most + 1);

    public bool Percent(int percent) => _random.Next(100) < percent;

    public T Pick<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];

    public string Pick(params ReadOnlySpan<string> choices) => choices[_random.Next(choices.Length)];

    /// <summary>Some of them, at least one, in an order of chance.</summary>
    public IReadOnlyList<T> Some<T>(IReadOnlyList<T> choices, int most)
    {
        T[] shuffled = [.. choices];
        _random.Shuffle(shuffled);
        return shuffled[..Between(1, Math.Min(most, shuffled.Length))];
    }

    public byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
