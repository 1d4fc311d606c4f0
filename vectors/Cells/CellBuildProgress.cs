namespace VecSQL.Vectors.Cells;

/// <summary>Where a build is: told by the threads that do it, read by those who wonder.</summary>
/// <remarks>Threads: any.</remarks>
public sealed class CellBuildProgress
{
    private long _rowsDone;
    private volatile CellBuildPhase _phase;

    /// <summary>What is being done.</summary>
    public CellBuildPhase Phase
    {
        get => _phase;
        set
        {
            _phase = value;
            PhaseBegan?.Invoke(value);
        }
    }

    /// <summary>Called by the building thread as each phase begins.</summary>
    public Action<CellBuildPhase>? PhaseBegan { get; init; }

    /// <summary>Rows that have been coded.</summary>
    public long RowsDone => Interlocked.Read(ref _rowsDone);

    internal void AddRows(int count) => Interlocked.Add(ref _rowsDone, count);
}
