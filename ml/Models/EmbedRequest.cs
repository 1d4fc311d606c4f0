namespace VecSQL.Ml.Models;

/// <summary>Texts that one caller waits for.</summary>
/// <remarks>Threads: all but <see cref="Texts"/> under the queue's lock.</remarks>
internal sealed class EmbedRequest(ReadOnlyMemory<int>[] texts, Memory<float> vectors, int dimensions, CancellationToken cancellation)
{
    private readonly int[] _order = OrderByLength(texts);

    /// <summary>Whoever waits for it does so no longer.</summary>
    internal CancellationToken Cancellation => cancellation;

    /// <summary>Each text's tokens.</summary>
    internal ReadOnlyMemory<int>[] Texts => texts;

    /// <summary>Texts that are in a run or behind one.</summary>
    internal int TakenCount { get; private set; }

    /// <summary>Texts whose vectors are there.</summary>
    internal int DoneCount { get; set; }

    internal bool HasRest => TakenCount < texts.Length;

    internal bool IsDone => DoneCount == texts.Length || Problem is not null;

    /// <summary>Why there will be no more vectors.</summary>
    internal Exception? Problem { get; set; }

    /// <summary>Tokens of the longest text that is left.</summary>
    internal int NextLength => texts[_order[TakenCount]].Length;

    /// <summary>Takes the longest text that is left.</summary>
    internal int Take() => _order[TakenCount++];

    /// <summary>Gives up what is left.</summary>
    internal void TakeRest() => TakenCount = texts.Length;

    internal Span<float> VectorOf(int text) => vectors.Span.Slice(text * dimensions, dimensions);

    private static int[] OrderByLength(ReadOnlyMemory<int>[] texts)
    {
        int[] order = new int[texts.Length], keys = new int[texts.Length];
        for (int i = 0; i < texts.Length; i++)
            (order[i], keys[i]) = (i, -texts[i].Length);
        Array.Sort(keys, order);
        return order;
    }
}
