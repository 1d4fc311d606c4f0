using System.Numerics;

namespace VecSQL.Ml.Tokenizers.Vocabularies;

/// <summary>Tokens by their texts. Threads: any.</summary>
/// <remarks>Memory: the texts once, and 16 bytes a token or two. The hash grows char by char, so that all beginnings of
/// a word are looked up in one pass.</remarks>
internal sealed class TokenTable
{
    /// <summary>Chars that a token may have; the longest in use have some hundreds.</summary>
    /// <remarks>To find tokens in a text costs up to so much a char.</remarks>
    internal const int LengthLimit = 4096;

    internal const uint HashStart = 2_166_136_261;

    private readonly (int Start, int Length, int Id, uint Hash)[] _entries;
    private readonly int[] _slots; // index + 1 of an entry; at most half are taken
    private readonly char[] _text;

    /// <exception cref="FormatException">A token is too long.</exception>
    internal TokenTable(IReadOnlyDictionary<string, int> tokens)
    {
        _entries = new (int, int, int, uint)[tokens.Count];
        _slots = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, tokens.Count * 2))];
        _text = new char[tokens.Keys.Sum(token => token.Length)];
        int at = 0, index = 0;
        foreach ((string token, int id) in tokens)
        {
            token.CopyTo(_text.AsSpan(at));
            uint hash = HashOf(token);
            _entries[index++] = (at, token.Length, id, hash);
            int slot = SlotOf(hash);
            while (_slots[slot] != 0)
                slot = (slot + 1) & (_slots.Length - 1);
            _slots[slot] = index;
            at += token.Length;
            LengthMax = Math.Max(LengthMax, token.Length);
            IdMax = Math.Max(IdMax, id);
        }
        if (LengthMax > LengthLimit)
            throw new FormatException($"a token of more than {LengthLimit} signs");
    }

    internal int Count => _entries.Length;

    /// <summary>Chars of the longest token.</summary>
    internal int LengthMax { get; }

    internal int IdMax { get; } = -1;

    internal static uint HashNext(uint hash, char letter) => (hash ^ letter) * 16_777_619;

    internal static uint HashOf(ReadOnlySpan<char> text)
    {
        uint hash = HashStart;
        foreach (char letter in text)
            hash = HashNext(hash, letter);
        return hash;
    }

    internal bool TryFind(ReadOnlySpan<char> token, out int id) => TryFind(HashOf(token), default, token, out id);

    /// <summary>The token that is a prefix and what follows it, whose hash is known.</summary>
    internal bool TryFind(uint hash, ReadOnlySpan<char> prefix, ReadOnlySpan<char> rest, out int id)
    {
        for (int slot = SlotOf(hash); _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            ref readonly (int Start, int Length, int Id, uint Hash) entry = ref _entries[_slots[slot] - 1];
            if (entry.Hash != hash || entry.Length != prefix.Length + rest.Length)
                continue;
            ReadOnlySpan<char> token = _text.AsSpan(entry.Start, entry.Length);
            if (token.StartsWith(prefix) && token[prefix.Length..].SequenceEqual(rest))
            {
                id = entry.Id;
                return true;
            }
        }
        id = -1;
        return false;
    }

    private int SlotOf(uint hash) => (int)((hash * 2_654_435_769) >> 8) & (_slots.Length - 1);
}
