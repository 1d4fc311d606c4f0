using VecSQL.Columnar.Columns;
using VecSQL.Core.Memory;

namespace VecSQL.Executor.Expressions;

/// <summary>The memory that expressions take for values of variable length while they are computed.</summary>
/// <remarks>
/// Rows whose values grow large are computed a few at a time: beyond <see cref="SliceBytes"/> a computation that can be
/// repeated ends with <see cref="ValuesTooLargeException"/> and is begun again over fewer rows. What must be there at once
/// is reserved from the query's budget.
/// Threads: one at a time.
/// </remarks>
public sealed class ValueMemory(MemoryBudget budget) : IValueGrowth, IDisposable
{
    private const long SliceBytes = 16 << 20;

    private long _held;

    /// <summary>Whether a computation may be ended to be repeated over fewer rows.</summary>
    internal bool MayStop { get; set; }

    /// <summary>Whether twice the rows would take a slice's memory.</summary>
    internal bool IsHalfSlice => _held > SliceBytes / 2;

    public void Grow(long fromBytes, long toBytes, int rowCount)
    {
        if (MayStop && rowCount > 0 && toBytes > SliceBytes)
            throw new ValuesTooLargeException();
        budget.Reserve(toBytes - fromBytes);
        _held += toBytes - fromBytes;
    }

    /// <summary>What was computed is not needed any more, or is counted by who keeps it.</summary>
    internal void Clear()
    {
        if (_held > 0)
            budget.Release(_held);
        _held = 0;
    }

    public void Dispose() => Clear();
}

/// <summary>The values of a batch's rows are too large to be computed together.</summary>
internal sealed class ValuesTooLargeException : Exception;
