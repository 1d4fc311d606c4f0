using System.Numerics;

namespace VecSQL.Ml.Tokenizers.Vocabularies;

/// <summary>Pairs of tokens that become one, and in which order of precedence.</summary>
internal sealed class MergeTable
{
    private readonly (ulong Pair, int Rank, int Merged)[] _slots; // Merged + 1; 0: free; at most half are taken

    internal MergeTable(int count) =>
        _slots = new (ulong, int, int)[BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, count * 2))];

    /// <summary>Adds a pair, or puts it where it was added before.</summary>
    internal void Add(int left, int right, int rank, int merged)
    {
        ulong pair = PairOf(left, right);
        int slot = SlotOf(pair);
        while (_slots[slot].Merged != 0 && _slots[slot].Pair != pair)
            slot = (slot + 1) & (_slots.Length - 1);
        _slots[slot] = (pair, rank, merged + 1);
    }

    internal bool TryFind(int left, int right, out int rank, out int merged)
    {
        ulong pair = PairOf(left, right);
        for (int slot = SlotOf(pair); _slots[slot].Merged != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            if (_slots[slot].Pair != pair)
                continue;
            (_, rank, merged) = _slots[slot];
            merged--;
            return true;
        }
        (rank, merged) = (0, -1);
        return false;
    }

    private static ulong PairOf(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int SlotOf(ulong pair) => (int)((pair * 0x9E3779B97F4A7C15) >> 33) & (_slots.Length - 1);
}
