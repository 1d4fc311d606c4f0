using System.Diagnostics;

namespace VecSQL.Ml.Models;

/// <summary>A model of a library: loaded while it is used, and kept loaded until it is evicted.</summary>
/// <remarks>Threads: any.</remarks>
#pragma warning disable CA1001 // a semaphore whose wait handle nobody asks for has nothing to dispose of
internal sealed class ModelEntry(long number, ModelSpec spec, IModelFiles files, ModelLibraryOptions options)
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _loading = new(1);
    private volatile LoadedModel? _loaded;
    private int _userCount;
    private bool _isEvicted;
    private long _textCount, _hitCount, _runCount;
    private long _loadTicks = -1;

    /// <summary>Tells its texts from other models' in the cache.</summary>
    internal long Number => number;

    internal ModelSpec Spec => spec;

    internal ModelState State
    {
        get
        {
            LoadedModel? loaded = _loaded; // not under the lock: who asks must not wait until it is loaded
            return new ModelState(spec.Name, spec.Version, loaded?.Facts, Interlocked.Read(ref _textCount),
                Interlocked.Read(ref _runCount) + (loaded?.Queue.RunCount ?? 0))
            {
                HitCount = Interlocked.Read(ref _hitCount),
                LoadTime = Interlocked.Read(ref _loadTicks) is >= 0 and var ticks ? TimeSpan.FromTicks(ticks) : null,
            };
        }
    }

    /// <param name="hits">Those of the texts that need no run.</param>
    internal void Count(int texts, int hits)
    {
        Interlocked.Add(ref _textCount, texts);
        Interlocked.Add(ref _hitCount, hits);
    }

    /// <summary>Loads the model unless it is; it stays at least until <see cref="Release"/>.</summary>
    /// <exception cref="ModelException">It cannot be loaded, or is not as the spec says.</exception>
    /// <exception cref="OperationCanceledException">Asked for before it was loaded, by whomever.</exception>
    internal LoadedModel Acquire(CancellationToken cancellation)
    {
        if (TryAcquire() is { } there)
            return there;
        _loading.Wait(cancellation); // others who want it wait until it is loaded, rather than load it too
        try
        {
            if (TryAcquire() is { } loadedMeanwhile)
                return loadedMeanwhile;
            LoadedModel loaded = Load(cancellation);
            lock (_gate)
            {
                _userCount++;
                return _loaded = loaded;
            }
        }
        finally
        {
            _loading.Release();
        }
    }

    internal void Release()
    {
        lock (_gate)
        {
            _userCount--;
            UnloadIfUnused();
        }
    }

    internal void Evict()
    {
        lock (_gate)
        {
            _isEvicted = true;
            UnloadIfUnused();
        }
    }

    private LoadedModel? TryAcquire()
    {
        lock (_gate)
        {
            if (_loaded is not null)
                _userCount++;
            return _loaded;
        }
    }

    private LoadedModel Load(CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        LoadedModel loaded = LoadedModel.Load(spec, files, options, cancellation);
        Interlocked.Exchange(ref _loadTicks, Stopwatch.GetElapsedTime(start).Ticks);
        return loaded;
    }

    private void UnloadIfUnused()
    {
        if (!_isEvicted || _userCount > 0 || _loaded is null)
            return;
        LoadedModel unused = _loaded;
        _loaded = null;
        Interlocked.Add(ref _runCount, unused.Queue.RunCount);
        unused.Dispose();
    }
}
