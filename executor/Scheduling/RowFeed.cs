using VecSQL.Columnar.Batches;
using VecSQL.Executor.Operators;

namespace VecSQL.Executor.Scheduling;

/// <summary>Rows that go along with a fragment to one shard.</summary>
/// <param name="Number">That the fragment's plan has for them.</param>
/// <param name="Batches">What is known before the fragment begins, perhaps that of other shards as well.</param>
/// <param name="Rest">What comes behind it; null for nothing. Whoever opened it disposes it.</param>
public sealed record RowFeed(int Number, IReadOnlyList<FeedBatch> Batches, Operator? Rest = null)
{
    /// <summary>To be told when nobody reads the rest any more; null where nobody wants to know.</summary>
    public Action? Leave { get; init; }

    internal Operator Open() => new FeedOperator(this);

    private sealed class FeedOperator(RowFeed feed) : Operator
    {
        private int _next;

        public override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            return _next < feed.Batches.Count ? new ValueTask<ColumnBatch?>(feed.Batches[_next++].Rows) : feed.Rest?.NextAsync(cancellation) ?? default;
        }

        public override ValueTask DisposeAsync() => default;
    }
}

/// <summary>Rows that may go to several shards, and become bytes once.</summary>
/// <remarks>Threads: any.</remarks>
public sealed class FeedBatch(ColumnBatch rows)
{
    private readonly Lock _gate = new();
    private ReadOnlyMemory<byte>? _bytes;

    public ColumnBatch Rows => rows;

    /// <param name="encode">The same each time.</param>
    public ReadOnlyMemory<byte> Bytes(Func<ColumnBatch, byte[]> encode)
    {
        lock (_gate)
            return _bytes ??= encode(rows);
    }
}
