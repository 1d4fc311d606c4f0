using System.Runtime.CompilerServices;

namespace VecSQL.Catalog.Metadata;

/// <summary>A store of metadata in this process: the model behind a lock.</summary>
/// <remarks>
/// Order:   a step is in the journal before it is seen by anybody.
/// Threads: any. Watches go on at other threads than those that commit.
/// </remarks>
public sealed class LocalMetadataStore : IMetadataStore, IDisposable
{
    /// <summary>Revisions that a watch takes at once, so that one that is far behind holds up nobody.</summary>
    private const int WatchRevisionsMax = 256;

    /// <summary>The most that a timer can be set to.</summary>
    private static readonly TimeSpan TimerMax = TimeSpan.FromDays(1), AfterFailure = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly MetadataModel _model;
    private readonly IMetadataJournal? _journal;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ITimer _timer;
    private TaskCompletionSource _changed = Signal();
    private bool _isDisposed;

    /// <param name="model">Of which this is the only user from now on; its time counts from now.</param>
    /// <param name="journal">Makes steps durable; null for a store that forgets.</param>
    public LocalMetadataStore(MetadataModel model, IMetadataJournal? journal, TimeProvider time)
    {
        _model = model;
        _journal = journal;
        _time = time;
        _start = time.GetTimestamp();
        _timer = time.CreateTimer(static store => ((LocalMetadataStore)store!).EndOverdue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_lock)
            SetTimer();
    }

    public ValueTask<MetadataRange> ReadAsync(string prefix, CancellationToken cancellation) =>
        ValueTask.FromResult(Do(() => _model.Read(prefix), cancellation));

    public ValueTask<MetadataOutcome> CommitAsync(MetadataTransaction transaction, CancellationToken cancellation) => ValueTask.FromResult(Do(() =>
    {
        (MetadataOutcome outcome, MetadataStep? step) = _model.Decide(transaction);
        Take(step);
        return outcome;
    }, cancellation));

    public ValueTask<LeaseId> GrantAsync(TimeSpan timeToLive, CancellationToken cancellation) => ValueTask.FromResult(Do(() =>
    {
        MetadataStep step = _model.Grant(timeToLive);
        Take(step);
        return step.Granted;
    }, cancellation));

    public ValueTask<bool> KeepAliveAsync(LeaseId lease, CancellationToken cancellation) =>
        ValueTask.FromResult(Do(() => _model.KeepAlive(lease, Now), cancellation));

    public ValueTask RevokeAsync(LeaseId lease, CancellationToken cancellation)
    {
        Do(() =>
        {
            Take(_model.End(lease));
            return true;
        }, cancellation);
        return ValueTask.CompletedTask;
    }

    public async IAsyncEnumerable<MetadataChanges> WatchAsync(
        string prefix, long afterRevision, [EnumeratorCancellation] CancellationToken cancellation)
    {
        long seen = afterRevision;
        while (true)
        {
            IReadOnlyList<MetadataChanges> found;
            Task changed;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                long now = _model.Revision;
                found = _model.ChangesAfter(prefix, seen, WatchRevisionsMax);
                changed = _changed.Task;
                seen = found.Count == WatchRevisionsMax ? found[^1].Revision : Math.Max(seen, now);
            }
            foreach (MetadataChanges changes in found)
            {
                cancellation.ThrowIfCancellationRequested();
                yield return changes;
            }
            if (found.Count == 0)
                await changed.WaitAsync(cancellation);
        }
    }

    /// <summary>Forgets what changed in revisions up to this one.</summary>
    public void Compact(long revision)
    {
        lock (_lock)
            _model.Compact(revision);
    }

    public void Dispose()
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            changed = _changed;
            _timer.Dispose();
            _journal?.Dispose();
        }
        changed.TrySetResult();
    }

    private TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>Runs under the lock, after what time has ended has gone, and then tells the watches.</summary>
    private T Do<T>(Func<T> act, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        TaskCompletionSource? changed = null;
        try
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                long before = _model.Revision;
                try
                {
                    TakeOverdue();
                    return act();
                }
                finally
                {
                    if (_model.Revision != before)
                        (changed, _changed) = (_changed, Signal());
                    SetTimer();
                }
            }
        }
        finally
        {
            changed?.TrySetResult();
        }
    }

    private void Take(MetadataStep? step)
    {
        if (step is null)
            return;
        _journal?.Append(_model, step);
        _model.Apply(step, Now);
    }

    private void TakeOverdue()
    {
        while (_model.FindOverdue(Now) is { } lease)
            Take(_model.End(lease));
    }

    private void EndOverdue()
    {
        try
        {
            Do(() => true, default);
        }
        catch (MetadataUnavailableException)
        {
            // The disk fails: whoever asks next is told, and the leases end when it can be written down.
        }
        catch (ObjectDisposedException)
        {
            // The timer was on its way.
        }
    }

    private void SetTimer()
    {
        TimeSpan wait = Timeout.InfiniteTimeSpan;
        if (_model.NextEnd is { } end)
        {
            wait = end - Now;
            if (wait <= TimeSpan.Zero)
                wait = AfterFailure; // it could not be written down just now
            else if (wait > TimerMax)
                wait = TimerMax;
        }
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Makes the steps of a <see cref="LocalMetadataStore"/> durable.</summary>
public interface IMetadataJournal : IDisposable
{
    /// <summary>Returns when the step is on disk.</summary>
    /// <param name="before">The state that the step was decided on.</param>
    /// <exception cref="MetadataUnavailableException">It is not, or that is unknown.</exception>
    void Append(MetadataModel before, MetadataStep step);
}
