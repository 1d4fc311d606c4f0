using VecSQL.Vectors.Cells;

namespace VecSQL.Storage.Indexes;

/// <summary>A build of a vector index that is going on, over one or several segments.</summary>
/// <remarks>Threads: any may read it.</remarks>
public sealed class VectorIndexBuild
{
    private volatile CellBuildProgress _segment = new();
    private long _rowsBefore;

    internal VectorIndexBuild(uint tableOid, uint indexOid, long rowCount) =>
        (TableOid, IndexOid, RowCount) = (tableOid, indexOid, rowCount);

    public uint TableOid { get; }

    public uint IndexOid { get; }

    /// <summary>Rows of the segments to index.</summary>
    public long RowCount { get; }

    /// <summary>Rows that are done.</summary>
    public long RowsDone => Math.Min(RowCount, Interlocked.Read(ref _rowsBefore) + _segment.RowsDone);

    /// <summary>What is being done, in pgvector's words where it has some.</summary>
    public string Phase => _segment.Phase switch
    {
        CellBuildPhase.Initializing => "initializing",
        CellBuildPhase.Training => "performing k-means",
        CellBuildPhase.Assigning => "assigning tuples",
        CellBuildPhase.Coding => "loading tuples",
        CellBuildPhase.Measuring => "measuring recall",
        _ => "publishing",
    };

    internal CellBuildProgress BeginSegment() => _segment = new CellBuildProgress();

    internal void EndSegment(int rowCount)
    {
        _segment = new CellBuildProgress();
        Interlocked.Add(ref _rowsBefore, rowCount);
    }
}
