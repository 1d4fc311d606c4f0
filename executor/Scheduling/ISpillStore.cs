using VecSQL.Columnar.Batches;

namespace VecSQL.Executor.Scheduling;

/// <summary>Where operators put rows that do not fit in memory, for the length of one statement.</summary>
/// <remarks>Threads: any. Disposing it removes everything that was put there.</remarks>
internal interface ISpillStore : IDisposable
{
    ISpillFile Create();
}

/// <summary>A sequence of batches outside memory: written to the end first, then read any number of times.</summary>
/// <remarks>Threads: one at a time while writing; readers are independent of each other.</remarks>
internal interface ISpillFile : IDisposable
{
    long SizeBytes { get; }

    void Write(ColumnBatch batch);

    /// <summary>Reads the batches in the order they were written; nothing may be written any more.</summary>
    IBatchReader Read();
}

/// <summary>Hands out batches until none are left.</summary>
internal interface IBatchReader : IDisposable
{
    ColumnBatch? Next();
}
