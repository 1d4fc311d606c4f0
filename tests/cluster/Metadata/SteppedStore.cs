using System.Runtime.CompilerServices;
using VecSQL.Catalog.Metadata;

namespace VecSQL.Cluster.Tests.Metadata;

/// <summary>The model as a store whose failures the test says. All is done on the caller's thread, and so are what waits for changes.</summary>
internal sealed class SteppedStore(TimeProvider time) : IMetadataStore
{
    private readonly long _start = time.GetTimestamp();
    private readonly List<TaskCompletionSource> _waiting = [];

    public MetadataModel Model { get; private set; } = new();

    /// <summary>No call is answered.</summary>
    public bool IsDown { get; set; }

    /// <summary>So many of the next commits are done and not answered.</summary>
    public int LostAnswers { get; set; }

    /// <summary>So many of the next commits are not done, which the caller is not told.</summary>
    public int LostRequests { get; set; }

    /// <summary>Watches end with an error, as a store may do that does not go on by itself.</summary>
    public bool BreaksWatches { get; set; }

    /// <summary>Who watches is told of nothing for now.</summary>
    public bool HoldsBackChanges { get; set; }

    /// <summary>Calls so far.</summary>
    public int CommitCount { get; private set; }

    public ValueTask<MetadataRange> ReadAsync(string prefix, CancellationToken cancellation)
    {
        Up(cancellation);
        return ValueTask.FromResult(Model.Read(prefix));
    }

    public ValueTask<MetadataOutcome> CommitAsync(MetadataTransaction transaction, CancellationToken cancellation)
    {
        CommitCount++;
        Up(cancellation);
        if (LostRequests > 0)
        {
            LostRequests--;
            throw new MetadataUnavailableException("lost", isOutcomeUnknown: true);
        }
        (MetadataOutcome outcome, MetadataStep? step) = Model.Decide(transaction);
        Apply(step);
        if (LostAnswers > 0)
        {
            LostAnswers--;
            throw new MetadataUnavailableException("lost", isOutcomeUnknown: true);
        }
        return ValueTask.FromResult(outcome);
    }

    public ValueTask<LeaseId> GrantAsync(TimeSpan timeToLive, CancellationToken cancellation)
    {
        Up(cancellation);
        MetadataStep step = Model.Grant(timeToLive);
        Apply(step);
        return ValueTask.FromResult(step.Granted);
    }

    public ValueTask<bool> KeepAliveAsync(LeaseId lease, CancellationToken cancellation)
    {
        Up(cancellation);
        return ValueTask.FromResult(Model.KeepAlive(lease, Now));
    }

    public ValueTask RevokeAsync(LeaseId lease, CancellationToken cancellation)
    {
        Up(cancellation);
        Apply(Model.End(lease));
        return ValueTask.CompletedTask;
    }

    public async IAsyncEnumerable<MetadataChanges> WatchAsync(string prefix, long afterRevision, [EnumeratorCancellation] CancellationToken cancellation)
    {
        long seen = afterRevision;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (BreaksWatches)
                throw new MetadataUnavailableException("broken", isOutcomeUnknown: false);
            IReadOnlyList<MetadataChanges> found = IsDown || HoldsBackChanges ? [] : Model.ChangesAfter(prefix, seen, int.MaxValue);
            foreach (MetadataChanges changes in found)
            {
                seen = changes.Revision;
                yield return changes;
            }
            if (found.Count > 0)
                continue;
            TaskCompletionSource changed = new();
            _waiting.Add(changed);
            await changed.Task.WaitAsync(cancellation);
        }
    }

    public void Commit(params MetadataPut[] puts) => Apply(Model.Decide(new MetadataTransaction { Puts = puts }).Step);

    public void Put(string key, string value) => Apply(Model.Decide(new MetadataTransaction
    {
        Puts = [new MetadataPut(key, System.Text.Encoding.UTF8.GetBytes(value))],
    }).Step);

    public void Delete(params string[] keys) => Apply(Model.Decide(new MetadataTransaction { Deletes = keys }).Step);

    /// <summary>Ends what time has ended, and tells the watches.</summary>
    public void Tick()
    {
        while (Model.FindOverdue(Now) is { } lease)
            Apply(Model.End(lease));
        Wake();
    }

    /// <summary>An older state comes back.</summary>
    public void Restore(MetadataState state) => Model = new MetadataModel(state, Now);

    /// <summary>Those who watch look again.</summary>
    public void Wake()
    {
        TaskCompletionSource[] waiting = [.. _waiting];
        _waiting.Clear();
        foreach (TaskCompletionSource changed in waiting)
            changed.TrySetResult();
    }

    private TimeSpan Now => time.GetElapsedTime(_start);

    private void Apply(MetadataStep? step)
    {
        if (step is null)
            return;
        Model.Apply(step, Now);
        Wake();
    }

    private void Up(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (IsDown)
            throw new MetadataUnavailableException("down", isOutcomeUnknown: false);
    }
}
