namespace VecSQL.Ml.Tokenizers;

/// <summary>Tokens of texts, one text behind the other. Used again.</summary>
internal sealed class TokenList
{
    private int[] _ids = new int[1024];

    internal int Count { get; private set; }

    internal ReadOnlySpan<int> Span => _ids.AsSpan(0, Count);

    internal void Clear() => Count = 0;

    internal void Add(int id)
    {
        if (Count == _ids.Length)
            Array.Resize(ref _ids, Count * 2);
        _ids[Count++] = id;
    }

    internal void Add(ReadOnlySpan<int> ids)
    {
        foreach (int id in ids)
            Add(id);
    }

    internal void Truncate(int count) => Count = count;

    /// <summary>Drops what stands between two places.</summary>
    internal void Remove(int from, int to)
    {
        _ids.AsSpan(to, Count - to).CopyTo(_ids.AsSpan(from));
        Count -= to - from;
    }
}
