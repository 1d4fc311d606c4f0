using VecSQL.Core.Memory;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage;

/// <summary>Memory and threads that the engines of a process share.</summary>
/// <remarks>Threads: any. Ownership: whoever made it disposes it, after the engines.</remarks>
public sealed class StorageResources(long deltaBytesMax, long columnCacheBytes, long vectorCodeBytes) : IDisposable
{
    private readonly Lock _lock = new();
    private StorageState[] _engines = [];

    /// <summary>Bytes of committed rows in memory, of all engines.</summary>
    public MemoryBudget Delta { get; } = new("the rows in memory", deltaBytesMax);

    internal ColumnCache Columns { get; } = new(columnCacheBytes);

    internal VectorCodeBudget Codes { get; } = new(vectorCodeBytes);

    internal BackgroundThreads Background { get; } = new();

    internal MaintenanceLoops Loops { get; } = new();

    /// <summary>At least 1: an engine that is being opened does not count yet.</summary>
    internal int EngineCount => Math.Max(1, Volatile.Read(ref _engines).Length);

    internal bool IsOverfull => Delta.UsedBytes > Delta.LimitBytes;

    internal void Add(StorageState engine)
    {
        lock (_lock)
            _engines = [.. _engines, engine];
    }

    internal void Remove(StorageState engine)
    {
        lock (_lock)
            _engines = [.. _engines.Where(other => other != engine)];
        Delta.Release(engine.Delta.UsedBytes);
    }

    /// <summary>The engine with the most rows in memory.</summary>
    internal StorageState? Fullest() => Volatile.Read(ref _engines).MaxBy(static engine => engine.Delta.UsedBytes);

    public void Dispose()
    {
        Loops.Dispose();
        Background.Dispose();
    }
}
