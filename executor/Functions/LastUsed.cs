namespace VecSQL.Executor.Functions;

/// <summary>Remembers what was made of the last bytes: nearly always a constant, such as a pattern.</summary>
/// <remarks>Threads: any; two threads with different bytes make each other's again, and nothing worse.</remarks>
internal sealed class LastUsed<T>(Func<byte[], T> make) where T : class
{
    private Entry? _last;

    private sealed record Entry(byte[] Key, T Value);

    public T Get(ReadOnlySpan<byte> key)
    {
        Entry? last = _last;
        if (last is not null && key.SequenceEqual(last.Key))
            return last.Value;
        byte[] copy = key.ToArray();
        last = new Entry(copy, make(copy));
        _last = last;
        return last.Value;
    }
}
