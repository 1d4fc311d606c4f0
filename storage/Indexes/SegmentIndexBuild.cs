namespace VecSQL.Storage.Indexes;

/// <summary>A build of an index that is going on, over one or several segments.</summary>
/// <remarks>Threads: any may read it.</remarks>
public sealed class SegmentIndexBuild
{
    private static readonly Func<(string Phase, long RowsDone)> Between = static () => ("initializing", 0);

    private volatile Func<(string Phase, long RowsDone)> _segment = Between;
    private long _rowsBefore;

    internal SegmentIndexBuild(uint tableOid, uint indexOid, long rowCount) =>
        (TableOid, IndexOid, RowCount) = (tableOid, indexOid, rowCount);

    public uint TableOid { get; }

    public uint IndexOid { get; }

    /// <summary>Rows of the segments to index.</summary>
    public long RowCount { get; }

    /// <summary>Rows that are done.</summary>
    public long RowsDone => Math.Min(RowCount, Interlocked.Read(ref _rowsBefore) + _segment().RowsDone);

    /// <summary>What is being done, in pgvector's words where it has some.</summary>
    public string Phase => _segment().Phase;

    /// <summary>A segment's build has begun.</summary>
    /// <param name="segment">Says how far it is, to any thread at any time.</param>
    internal void BeginSegment(Func<(string Phase, long RowsDone)> segment) => _segment = segment;

    internal void EndSegment(int rowCount)
    {
        _segment = Between;
        Interlocked.Add(ref _rowsBefore, rowCount);
    }
}
