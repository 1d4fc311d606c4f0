using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Branches;
using VecSQL.Cluster.Metadata;
using VecSQL.Cluster.Nodes;
using VecSQL.Core.Errors;
using VecSQL.Flight.Grpc;
using VecSQL.Storage.Log;

namespace VecSQL.Cluster.Transport;

/// <summary>The cluster's timestamps on any node: asks the controller for them, for all who want some at once.</summary>
/// <remarks>
/// Batches: one call is under way at a time. Who comes meanwhile waits for the next, not for this one: a timestamp is above all that was given before
///          it was asked for.
/// Order:   none is at or below one that was given here before; where the controller gives such, it is asked again.
/// Cost:    a round trip to the controller, and up to one more of waiting.
/// Threads: any.
/// </remarks>
/// <param name="controller">Who gives timestamps now; none where nobody knows.</param>
/// <param name="take">Takes so many of it.</param>
/// <param name="isCutOff">Whether this node is none of the cluster's now: then nobody is asked, since clients do better at another.</param>
public sealed class ClusterTimestamps(
    Func<NodeId> controller, Func<NodeId, int, CancellationToken, ValueTask<long>> take, Func<bool> isCutOff, TimeSpan patience, TimeProvider time, Random random)
    : ITimestampSource
{
    private const int BatchMax = 1 << 20;

    /// <summary>A controller that does not answer by then is asked again, or the next; that must be found by the end of the patience.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(5), WaitMax = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly Queue<Request> _waiting = new();
    private readonly Backoff _backoff = new(WaitMin, WaitMax, random);
    private bool _isCalling;
    private long _last;

    /// <summary>Those that a node gets: of itself where it is the controller, else by a call.</summary>
    public static ClusterTimestamps Of(ClusterNode node, NodeClient client, TimeProvider time, Random random) => new(() => node.View.Controller,
        async (controller, count, cancellation) => controller == node.Id
            ? await node.TakeTimestampsAsync(count) ?? throw new GrpcException(GrpcStatusCode.Unavailable, "this node cannot give timestamps now")
            : await client.TakeTimestampsAsync(controller, count, CallTimeout, cancellation),
        () => node.IsCutOff, Patience, time, random);

    public ValueTask<long> NextAsync(long after, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, BatchMax);
        Request request = new(after, count);
        lock (_gate)
        {
            _waiting.Enqueue(request);
            if (!_isCalling)
            {
                _isCalling = true;
                _ = CallAllAsync();
            }
        }
        return new ValueTask<long>(request.Task);
    }

    private async Task CallAllAsync()
    {
        while (TakeBatch() is { Count: > 0 } batch)
        {
            try
            {
                long first = await CallAsync(batch.Max(request => request.After), batch.Sum(request => request.Count));
                foreach (Request request in batch)
                {
                    request.SetResult(first);
                    first += request.Count;
                }
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                foreach (Request request in batch)
                    request.SetException(failure);
            }
        }
    }

    private List<Request> TakeBatch()
    {
        List<Request> batch = [];
        lock (_gate)
        {
            int count = 0;
            while (_waiting.TryPeek(out Request? next) && count + next.Count <= BatchMax)
            {
                count += next.Count;
                batch.Add(_waiting.Dequeue());
            }
            _isCalling = batch.Count > 0;
        }
        return batch;
    }

    /// <summary>Asks until somebody gives some that are above all others.</summary>
    private async ValueTask<long> CallAsync(long after, int count)
    {
        long began = time.GetTimestamp();
        string reason = "there is no controller";
        while (time.GetElapsedTime(began) is var waited && waited < patience)
        {
            if (isCutOff())
                throw ErrorBytes.CutOff();
            NodeId asked = controller();
            if (!asked.IsNone)
            {
                try
                {
                    using CancellationTokenSource late = new(patience - waited, time);
                    long first = await take(asked, count, late.Token);
                    if (first > Math.Max(after, _last))
                    {
                        _last = first + count - 1;
                        _backoff.Reset();
                        return first;
                    }
                    reason = $"node {asked} has given timestamp {first}, and {Math.Max(after, _last)} is known";
                }
                catch (Exception failure) when (failure is GrpcException or OperationCanceledException)
                {
                    reason = failure.Message;
                }
            }
            await Task.Delay(_backoff.Next(), time, CancellationToken.None);
        }
        throw new SqlException(SqlState.CannotConnectNow, "no timestamp can be had from the cluster's controller",
            hint: "The cluster may be finding another controller: try again.") { Detail = reason, IsPassing = true };
    }

    private sealed class Request(long after, int count) : TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long After => after;

        public int Count => count;
    }
}
