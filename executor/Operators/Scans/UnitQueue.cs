using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>The parts of a table that are still to be read, shared by those who read it.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class UnitQueue(IReadOnlyList<ScanUnit> units)
{
    private int _next = -1;

    internal int Count => units.Count;

    internal ScanUnit? Take()
    {
        int next = Interlocked.Increment(ref _next);
        return next < units.Count ? units[next] : null;
    }
}
