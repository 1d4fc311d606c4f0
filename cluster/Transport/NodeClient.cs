using System.Net.Security;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Protocol;
using VecSQL.Flight.Grpc;

namespace VecSQL.Cluster.Transport;

/// <summary>Calls of a node to others: finds their addresses, keeps a connection to each, and proves who it is.</summary>
/// <remarks>Threads: any.</remarks>
/// <param name="addressOf">Where a node is now; null where that is not known.</param>
/// <param name="tls">Whom to trust to be a node, and what to show to it, where addresses begin with https; null for what the machine trusts.</param>
public sealed class NodeClient(NodeCredentials credentials, Func<NodeId, Uri?> addressOf, Func<SslClientAuthenticationOptions>? tls, TimeProvider time) : IDisposable
{
    /// <summary>A node that says nothing for so long is asked whether it is there, and is as good as gone when it does not answer for as long again.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, (Uri Address, GrpcChannel Channel)> _channels = [];
    private bool _isDisposed;

    /// <summary>Begins a call.</summary>
    /// <exception cref="GrpcException">UNAVAILABLE: nobody knows where the node is.</exception>
    public GrpcClientCall Begin(NodeId target, string method, TimeSpan? timeout, CancellationToken cancellation) =>
        ChannelTo(target).Begin(method, credentials.For(target), timeout, cancellation);

    /// <summary>A call of one message each way.</summary>
    /// <exception cref="GrpcException">It ended with another status than OK.</exception>
    public ValueTask<TResponse> CallAsync<TRequest, TResponse>(
        NodeId target, string method, TRequest request, GrpcMarshaller<TRequest> asks, GrpcMarshaller<TResponse> answers, TimeSpan timeout,
        CancellationToken cancellation) =>
        ChannelTo(target).CallAsync(method, request, asks, answers, credentials.For(target), timeout, cancellation);

    /// <summary>Takes timestamps that follow one another from a node that is the controller.</summary>
    /// <returns>The first.</returns>
    /// <exception cref="GrpcException">UNAVAILABLE: it is not, or cannot give any now.</exception>
    public async ValueTask<long> TakeTimestampsAsync(NodeId controller, int count, TimeSpan timeout, CancellationToken cancellation)
    {
        TimestampReply reply = await CallAsync(controller, NodeService.TakeTimestamps, new TimestampRequest { Count = count },
            NodeService.TimestampRequests, NodeService.TimestampReplies, timeout, cancellation);
        return reply.First > 0 ? reply.First : throw new GrpcException(GrpcStatusCode.Internal, $"timestamp {reply.First} is none");
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach ((Uri _, GrpcChannel channel) in _channels.Values)
                channel.Dispose();
            _channels.Clear();
        }
    }

    private GrpcChannel ChannelTo(NodeId target)
    {
        Uri address = addressOf(target) ?? throw new GrpcException(GrpcStatusCode.Unavailable, $"nobody knows where node {target} is");
        lock (_gate)
        {
            if (_isDisposed)
                throw new GrpcException(GrpcStatusCode.Unavailable, "this node is stopping");
            if (_channels.TryGetValue(target, out (Uri Address, GrpcChannel Channel) known))
            {
                if (known.Address == address)
                    return known.Channel;
                known.Channel.Dispose(); // it has moved
            }
            GrpcChannel channel = new(address, new GrpcChannelOptions
            {
                Limits = new GrpcLimits { KeepAliveDelay = SilenceMax, KeepAliveTimeout = SilenceMax },
                ConnectPatience = 2 * SilenceMax,
                Tls = tls?.Invoke(),
                Time = time,
            });
            _channels[target] = (address, channel);
            return channel;
        }
    }
}
