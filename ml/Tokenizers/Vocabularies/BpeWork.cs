namespace VecSQL.Ml.Tokenizers.Vocabularies;

/// <summary>One thread's room for merging, and the pieces that it merged lately.</summary>
internal sealed class BpeWork
{
    private const int RememberedMax = 1 << 14, RememberedCharsMax = 64;

    private readonly Dictionary<string, int[]> _remembered = [];
    private readonly Dictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly PriorityQueue<(int At, int Merged), (int Rank, int At)> _queue = new();
    private (int Id, int Before, int Next)[] _signs = new (int, int, int)[256]; // Id -1: merged into the one before
    private int _count;

    internal BpeWork() => _lookup = _remembered.GetAlternateLookup<ReadOnlySpan<char>>();

    internal bool TryRecall(ReadOnlySpan<char> piece, TokenList target)
    {
        if (piece.Length > RememberedCharsMax || !_lookup.TryGetValue(piece, out int[]? ids))
            return false;
        target.Add(ids);
        return true;
    }

    internal void Remember(ReadOnlySpan<char> piece, ReadOnlySpan<int> ids)
    {
        if (piece.Length > RememberedCharsMax)
            return;
        if (_remembered.Count == RememberedMax)
            _remembered.Clear();
        _lookup[piece] = ids.ToArray();
    }

    internal void Begin(int signsMax)
    {
        _count = 0;
        if (_signs.Length < signsMax)
            _signs = new (int, int, int)[signsMax];
    }

    internal void Add(int id)
    {
        if (_count == _signs.Length)
            Array.Resize(ref _signs, _count * 2);
        _signs[_count] = (id, _count - 1, _count + 1);
        _count++;
    }

    internal void Merge(MergeTable merges)
    {
        for (int at = 0; at + 1 < _count; at++)
            Enqueue(merges, at, at + 1);
        while (_queue.TryDequeue(out (int At, int Merged) top, out _))
        {
            ref (int Id, int Before, int Next) left = ref _signs[top.At];
            if (left.Id < 0 || left.Next >= _count)
                continue;
            ref (int Id, int Before, int Next) right = ref _signs[left.Next];
            // What was put in the queue may have been merged otherwise since.
            if (!merges.TryFind(left.Id, right.Id, out _, out int merged) || merged != top.Merged)
                continue;
            right.Id = -1;
            left.Id = merged;
            left.Next = right.Next;
            if (left.Next < _count)
                _signs[left.Next].Before = top.At;
            if (left.Before >= 0)
                Enqueue(merges, left.Before, top.At);
            if (left.Next < _count)
                Enqueue(merges, top.At, left.Next);
        }
    }

    internal void CopyTo(TokenList target)
    {
        for (int at = 0; at < _count; at++)
        {
            if (_signs[at].Id >= 0)
                target.Add(_signs[at].Id);
        }
    }

    private void Enqueue(MergeTable merges, int at, int next)
    {
        if (merges.TryFind(_signs[at].Id, _signs[next].Id, out int rank, out int merged))
            _queue.Enqueue((at, merged), (rank, at));
    }
}
