using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Shards;

/// <summary>The live transactions of an engine whose commits will be decisions for others: who asks for an outcome before it is there ends them.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class ExpectedDecisions
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Expected> _live = new(StringComparer.Ordinal);

    public void Add(string globalId, Transaction transaction)
    {
        lock (_lock)
            _live[globalId] = new Expected(transaction);
    }

    /// <summary>The transaction is about to commit; false where somebody was told that it does not.</summary>
    public bool TryBegin(string globalId)
    {
        lock (_lock)
            return _live.TryGetValue(globalId, out Expected? expected) && !expected.IsRefused && (expected.IsDeciding = true);
    }

    public void Remove(string globalId)
    {
        lock (_lock)
            _live.Remove(globalId);
    }

    /// <summary>A transaction that has not begun to commit does not any more.</summary>
    /// <returns>The end of one that has begun.</returns>
    public Task Refuse(string globalId)
    {
        lock (_lock)
        {
            if (!_live.TryGetValue(globalId, out Expected? expected))
                return Task.CompletedTask;
            if (expected.IsDeciding)
                return expected.Transaction.Released;
            expected.IsRefused = true;
            return Task.CompletedTask;
        }
    }

    private sealed class Expected(Transaction transaction)
    {
        public Transaction Transaction => transaction;

        public bool IsDeciding { get; set; }

        public bool IsRefused { get; set; }
    }
}
