namespace VecSQL.Ml.Tokenizers.Vocabularies;

/// <summary>Finds all tokens that a text starts with.</summary>
/// <remarks>Memory: one hash table of edges, 12 bytes each and half of it free, whatever the number of branches.</remarks>
internal sealed class TokenTrie
{
    private const int Root = 1;

    private (long Edge, int Node)[] _slots = new (long, int)[1 << 12]; // Edge 0: free
    private int[] _ids = new int[1 << 10]; // of each node; -1 where no token ends
    private int _nodeCount = Root + 1;

    internal TokenTrie() => Array.Fill(_ids, -1);

    internal void Add(ReadOnlySpan<char> token, int id)
    {
        int node = Root;
        foreach (char letter in token)
            node = Next(node, letter) is > 0 and int next ? next : AddEdge(node, letter);
        _ids[node] = id;
    }

    /// <summary>Walks on by one char; 0 where no token goes that way. Begins with node 0.</summary>
    internal int Step(int node, char letter) => Next(node == 0 ? Root : node, letter);

    internal int IdAt(int node) => _ids[node];

    private int Next(int node, char letter)
    {
        long edge = ((long)node << 16) | letter;
        for (int slot = SlotOf(edge); _slots[slot].Edge != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            if (_slots[slot].Edge == edge)
                return _slots[slot].Node;
        }
        return 0;
    }

    private int AddEdge(int node, char letter)
    {
        if (_nodeCount * 2 > _slots.Length)
            Grow();
        if (_nodeCount == _ids.Length)
        {
            Array.Resize(ref _ids, _nodeCount * 2);
            Array.Fill(_ids, -1, _nodeCount, _nodeCount);
        }
        Put(_slots, ((long)node << 16) | letter, _nodeCount);
        return _nodeCount++;
    }

    private void Grow()
    {
        var slots = new (long Edge, int Node)[_slots.Length * 2];
        foreach ((long edge, int node) in _slots)
        {
            if (edge != 0)
                Put(slots, edge, node);
        }
        _slots = slots;
    }

    private static void Put((long Edge, int Node)[] slots, long edge, int node)
    {
        int slot = (int)(((ulong)edge * 0x9E3779B97F4A7C15) >> 33) & (slots.Length - 1);
        while (slots[slot].Edge != 0)
            slot = (slot + 1) & (slots.Length - 1);
        slots[slot] = (edge, node);
    }

    private int SlotOf(long edge) => (int)(((ulong)edge * 0x9E3779B97F4A7C15) >> 33) & (_slots.Length - 1);
}
