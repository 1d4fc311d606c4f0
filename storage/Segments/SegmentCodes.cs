using VecSQL.Vectors.Codes;

namespace VecSQL.Storage.Segments;

/// <summary>Bytes that coded vectors may take together. Threads: any.</summary>
internal sealed class VectorCodeBudget(long bytesMax)
{
    private long _used;

    internal long UsedBytes => Volatile.Read(ref _used);

    internal bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= bytesMax)
            return true;
        Give(bytes);
        return false;
    }

    internal void Give(long bytes) => Interlocked.Add(ref _used, -bytes);
}

/// <summary>
/// Codes of one vector column of a segment, record batch by record batch: made in memory for what is searched again.
/// </summary>
/// <remarks>
/// Memory:  what the budget grants. What has come in stays: a search reads every row, so throwing out one batch for
///          another would only have both coded anew each time. The budget has it back when nothing refers to the segment
///          any more, which only the collector knows: a dropped segment lives on in older views.
/// Threads: any.
/// </remarks>
internal sealed class SegmentCodes(VectorCodeBudget budget, int batchCount)
{
    private readonly VectorCodes?[] _batches = new VectorCodes?[batchCount];
    private readonly bool[] _wasWanted = new bool[batchCount];
    private long _bytes;

    ~SegmentCodes() => budget.Give(_bytes);

    /// <summary>A batch's codes; null when they are wanted for the first time, and where there is no room.</summary>
    /// <param name="rows">The batch's vectors, one after the other.</param>
    internal VectorCodes? Get(int batch, ReadOnlySpan<float> rows, int dimensions)
    {
        if (Volatile.Read(ref _batches[batch]) is { } found)
            return found;
        if (!_wasWanted[batch])
        {
            _wasWanted[batch] = true; // a table that is searched once is not worth coding
            return null;
        }
        int count = rows.Length / dimensions;
        long bytes = VectorCodes.BytesOf(dimensions, count);
        if (!budget.TryTake(bytes))
            return null;
        VectorCodes codes = VectorCodes.Encode(rows, dimensions, dimensions, count);
        if (Interlocked.CompareExchange(ref _batches[batch], codes, null) is { } earlier)
        {
            budget.Give(bytes);
            return earlier;
        }
        Interlocked.Add(ref _bytes, bytes);
        return codes;
    }
}
