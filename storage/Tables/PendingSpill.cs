namespace VecSQL.Storage.Tables;

/// <summary>A large transaction's rows on their way to segments, while the transaction goes on writing.</summary>
/// <remarks>
/// The rows stay in memory, and readable there, until the transaction puts the segments in their place.
/// Threads: the segments are written by another thread; the members are for the transaction's.
/// </remarks>
internal sealed class PendingSpill(OwnRows[][] runs, Func<CancellationToken, SegmentSlot[]> write, bool inBackground)
    : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task<SegmentSlot[]> _written = Task.FromResult<SegmentSlot[]>([]);

    /// <summary>Parts that lie together, each run to become a segment.</summary>
    public OwnRows[][] Runs => runs;

    /// <summary>The ordinal after the last row that is being written.</summary>
    public int EndOrdinal { get; } = runs[^1][^1].FirstOrdinal + runs[^1][^1].Count;

    public void Start() =>
        _written = inBackground ? Task.Run(() => write(_stop.Token), _stop.Token) : Task.FromResult(write(_stop.Token));

    /// <summary>The segments, one for each run, once they are on disk.</summary>
    /// <exception cref="Files.FileFaultException">They could not be written; nothing is left of them.</exception>
    public Task<SegmentSlot[]> WrittenAsync() => _written;

    /// <summary>Gives the spill up; returns the segments that were finished all the same.</summary>
    /// <remarks>Waits for the writer to notice, which it does after each record batch.</remarks>
    public SegmentSlot[] Stop()
    {
        _stop.Cancel();
        Task.WaitAny(_written);
        return _written.IsCompletedSuccessfully ? _written.Result : [];
    }

    public void Dispose() => _stop.Dispose();
}
