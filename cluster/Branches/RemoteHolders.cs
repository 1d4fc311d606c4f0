using System.Collections.Concurrent;
using VecSQL.Cluster.Protocol;
using VecSQL.Core.Errors;
using VecSQL.Flight.Grpc;
using VecSQL.Storage.Locking;

namespace VecSQL.Cluster.Branches;

/// <summary>This node's sessions that hold advisory locks at a shard's primary, each by a stream whose end lets them go.</summary>
/// <remarks>Threads: any; one holder's calls one at a time.</remarks>
internal sealed class RemoteHolders(RemoteShard shard)
{
    private readonly ConcurrentDictionary<AdvisoryHolder, BranchStream> _streams = [];

    /// <summary>The shard keeps what the session will be granted.</summary>
    public async ValueTask KeepAsync(AdvisoryHolder holder)
    {
        if (_streams.ContainsKey(holder))
            return;
        CallRecord keep = new() { Kind = (int)BranchCallKind.KeepAdvisory, Table = shard.Id.Value, Text = holder.Name };
        try
        {
            BranchStream stream = shard.Streams.Take();
            await RunAsync(stream, keep).ConfigureAwait(false);
            _streams[holder] = stream;
        }
        catch (GrpcException lost)
        {
            throw ErrorBytes.Lost(lost);
        }
    }

    public void Return(AdvisoryHolder holder, AdvisoryKey key, bool isShared)
    {
        if (!holder.HoldsAny)
        {
            Leave(holder);
            return;
        }
        if (!_streams.TryGetValue(holder, out BranchStream? stream))
            return;
        try
        {
            RunAsync(stream, AdvisoryFigure.Call(BranchCallKind.ReturnAdvisory, holder, key, isShared, waits: false)).GetAwaiter().GetResult();
        }
        catch (Exception lost) when (lost is GrpcException or SqlException)
        {
            // It has gone with the stream, of whose other locks the session will be told.
        }
    }

    /// <summary>The session holds nothing here.</summary>
    public void Leave(AdvisoryHolder holder)
    {
        if (!_streams.TryRemove(holder, out BranchStream? stream))
            return;
        try
        {
            RunAsync(stream, new CallRecord { Kind = (int)BranchCallKind.Leave }).GetAwaiter().GetResult();
            shard.Streams.Return(stream);
        }
        catch (Exception lost) when (lost is GrpcException or SqlException)
        {
            _ = stream.DisposeAsync().AsTask();
        }
    }

    /// <summary>Tells sessions whose streams have broken, or go to a node that is the primary no more.</summary>
    public void LookAfter()
    {
        foreach ((AdvisoryHolder holder, BranchStream stream) in _streams)
        {
            if (shard.Streams.IsUsable(stream) || !_streams.TryRemove(new(holder, stream)))
                continue;
            _ = stream.DisposeAsync().AsTask();
            holder.Lose();
        }
    }

    private static async Task RunAsync(BranchStream stream, CallRecord call)
    {
        BranchReply? reply = await stream.RunAsync(() => new BranchBatch { Calls = { call } }, CancellationToken.None).ConfigureAwait(false);
        if (reply?.Error is { } error)
            throw ErrorBytes.Read(error, CancellationToken.None);
    }
}
