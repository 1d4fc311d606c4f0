using VecSQL.Catalog.Metadata;

namespace VecSQL.Simulation.Tests.World;

/// <summary>The metadata store as a process on a node has it: over the network, with requests and answers that may be lost.</summary>
internal sealed class SimulatedMetadataClient(EventLoop loop, SimulatedNetwork network, SimulatedMetadata server, int place, Func<Action, Action> inProcess)
    : IMetadataStore
{
    private const long Timeout = 700 * EventLoop.Millisecond;

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

    public IAsyncEnumerable<MetadataChanges> WatchAsync(string prefix, long afterRevision, CancellationToken cancellation) =>
        throw new NotSupportedException("processes of the simulation read again when they hear of a change");

    private ValueTask<T> Ask<T>(Func<T> serve)
    {
        TaskCompletionSource<T> answer = new();
        network.Send(place, 0, () =>
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
                network.Send(0, place, inProcess(() => answer.TrySetException(error)));
                return;
            }
            network.Send(0, place, inProcess(() => answer.TrySetResult(result)));
        });
        loop.After(Timeout, inProcess(() =>
            answer.TrySetException(new MetadataUnavailableException("no answer", isOutcomeUnknown: true))));
        return new ValueTask<T>(answer.Task);
    }
}
