using System.Runtime.CompilerServices;
using VecSQL.Catalog.Metadata;

namespace VecSQL.Simulation.Tests.World;

/// <summary>The metadata store as a process on a node has it: over the network, with requests and answers that may be lost.</summary>
/// <remarks>A watch asks for what comes next and is answered when there is something: what is lost on the way it asks for again, a while later.</remarks>
internal sealed class SimulatedMetadataClient(EventLoop loop, SimulatedNetwork network, SimulatedMetadata server, int place, Func<Action, Action> inProcess)
    : IMetadataStore
{
    private const long Timeout = 700 * EventLoop.Millisecond, WatchSilence = 2 * EventLoop.Second;

    private long _seen;

    public ValueTask<MetadataRange> ReadAsync(string prefix, CancellationToken cancellation) => Ask(() => server.Model.Read(prefix));

    public ValueTask<MetadataOutcome> CommitAsync(MetadataTransaction transaction, CancellationToken cancellation) =>
        Ask(() => server.Commit(transaction));

    public ValueTask<LeaseId> GrantAsync(TimeSpan timeToLive, CancellationToken cancellation) => Ask(() => server.Grant(timeToLive));

    public ValueTask<bool> KeepAliveAsync(LeaseId lease, CancellationToken cancellation) => Ask(() => server.Model.KeepAlive(lease, server.Now));

    public async ValueTask RevokeAsync(LeaseId lease, CancellationToken cancellation) => await Ask(() =>
    {
        server.End(lease);
        return true;
    });

    public async IAsyncEnumerable<MetadataChanges> WatchAsync(
        string prefix, long afterRevision, [EnumeratorCancellation] CancellationToken cancellation)
    {
        long seen = afterRevision;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (MetadataChanges changes in await NextAsync(prefix, seen))
            {
                seen = changes.Revision;
                yield return changes;
            }
        }
    }

    /// <summary>What comes after a revision; nothing where the answer was lost, or there is nothing for long.</summary>
    private Task<IReadOnlyList<MetadataChanges>> NextAsync(string prefix, long seen)
    {
        TaskCompletionSource<IReadOnlyList<MetadataChanges>> answer = new();
        bool isOver = false;
        Send(answer, known: seen, deliver => server.Watch(() =>
        {
            if (isOver || server.IsDown)
                return isOver;
            IReadOnlyList<MetadataChanges> changes = [];
            MetadataCompactedException? compacted = null;
            try
            {
                changes = server.Model.ChangesAfter(prefix, seen, 16);
            }
            catch (MetadataCompactedException error)
            {
                compacted = error;
            }
            if (changes.Count == 0 && compacted is null && server.Model.Revision >= seen)
                return false;
            deliver(changes, compacted);
            return true;
        }));
        loop.After(WatchSilence, inProcess(() =>
        {
            isOver = true;
            answer.TrySetResult([]);
        }));
        return answer.Task;
    }

    private ValueTask<T> Ask<T>(Func<T> serve)
    {
        TaskCompletionSource<T> answer = new();
        Send(answer, _seen, deliver =>
        {
            if (server.IsDown)
                return;
            T result;
            try
            {
                result = serve();
            }
            catch (MetadataLeaseEndedException error)
            {
                deliver(default, error);
                return;
            }
            deliver(result, null);
        });
        loop.After(Timeout, inProcess(() =>
            answer.TrySetException(new MetadataUnavailableException("no answer", isOutcomeUnknown: true))));
        return new ValueTask<T>(answer.Task);
    }

    /// <summary>Asks the server, and takes its answer, unless it is of an older state than was known when it was asked.</summary>
    private void Send<T>(TaskCompletionSource<T> answer, long known, Action<Action<T?, Exception?>> serve) => network.Send(place, 0, () => serve((result, error) =>
    {
        long revision = server.Model.Revision;
        network.Send(0, place, inProcess(() =>
        {
            if (revision < known)
                answer.TrySetException(new MetadataReplacedException($"revision {revision}, and {known} was seen"));
            else if (error is not null)
                answer.TrySetException(error);
            else if (result is not null)
                answer.TrySetResult(result);
            _seen = Math.Max(_seen, revision);
        }));
    }));
}
