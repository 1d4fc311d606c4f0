using Microsoft.Extensions.Logging;
using VecSQL.Cluster.Metadata;

namespace VecSQL.Cluster.Etcd;

/// <summary>The members of etcd, in the order in which to ask them.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class EtcdEndpoints
{
    private static readonly TimeSpan AsideMin = TimeSpan.FromMilliseconds(500), AsideMax = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly EtcdEndpoint[] _endpoints;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private int _preferred;

    public EtcdEndpoints(IReadOnlyList<Uri> addresses, TimeProvider time, Random random, ILogger log)
    {
        _time = time;
        _log = log;
        // Who starts with whom is chance, so that not all nodes ask the same member.
        _endpoints = [.. addresses.Select(address => new EtcdEndpoint(address, new Backoff(AsideMin, AsideMax, random)))];
        _preferred = random.Next(_endpoints.Length);
    }

    /// <summary>All of them: the one that answered last, others that are not set aside, and then those that are, by when that ends.</summary>
    public IReadOnlyList<EtcdEndpoint> InOrder()
    {
        lock (_lock)
        {
            long now = _time.GetTimestamp();
            return [.. Enumerable.Range(0, _endpoints.Length).Select(i => _endpoints[(_preferred + i) % _endpoints.Length])
                .OrderBy(endpoint => endpoint.AsideUntil > now ? endpoint.AsideUntil : 0)];
        }
    }

    public void Answered(EtcdEndpoint endpoint)
    {
        lock (_lock)
        {
            _preferred = Array.IndexOf(_endpoints, endpoint);
            if (endpoint.AsideUntil == 0)
                return;
            endpoint.AsideUntil = 0;
            endpoint.Backoff.Reset();
        }
        Log.EndpointAnswers(_log, endpoint.Address);
    }

    /// <summary>Sets an endpoint aside, and ends the watches that are on it, so that they look for another.</summary>
    public void Failed(EtcdEndpoint endpoint, string reason)
    {
        CancellationTokenSource leave;
        TimeSpan time;
        bool isFirst;
        lock (_lock)
        {
            isFirst = endpoint.AsideUntil == 0;
            time = endpoint.Backoff.Next();
            endpoint.AsideUntil = _time.GetTimestamp() + (long)(time.TotalSeconds * _time.TimestampFrequency);
            if (_endpoints[_preferred] == endpoint)
                _preferred = (_preferred + 1) % _endpoints.Length;
            leave = endpoint.Leave;
            endpoint.Leave = new CancellationTokenSource();
        }
        if (isFirst)
            Log.EndpointSetAside(_log, endpoint.Address, time, reason);
        leave.Cancel();
    }

    /// <summary>Is cancelled when the endpoint is set aside the next time.</summary>
    public CancellationToken LeaveToken(EtcdEndpoint endpoint)
    {
        lock (_lock)
            return endpoint.Leave.Token;
    }
}

/// <summary>One member's address; what changes in it is <see cref="EtcdEndpoints"/>' alone.</summary>
internal sealed class EtcdEndpoint(Uri address, Backoff backoff)
{
    public Uri Address => address;

    public Backoff Backoff => backoff;

    /// <summary>A timestamp; 0 for not set aside.</summary>
    public long AsideUntil { get; set; }

    public CancellationTokenSource Leave { get; set; } = new();
}
