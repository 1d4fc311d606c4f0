using System.Collections.Concurrent;
using System.Security.Cryptography;
using Google.Protobuf;
using VecSQL.Flight.Grpc;

namespace VecSQL.Flight.Sql;

/// <summary>What clients have handles of.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class HandleTable
{
    public const int IdBytes = 16;

    private readonly ConcurrentDictionary<ByteString, FlightHandle> _handles = new();

    /// <summary>Keeps something, and with it its session.</summary>
    /// <returns>The bytes that name it.</returns>
    public ByteString Add(FlightHandle handle)
    {
        handle.Session.Hold();
        handle.LastUse = handle.Session.Options.Time.GetTimestamp();
        ByteString id = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(IdBytes));
        _handles[id] = handle;
        return id;
    }

    /// <summary>What the bytes name, of the user's own.</summary>
    /// <exception cref="GrpcException">NOT_FOUND: they name nothing, or something of another user's or kind.</exception>
    public T Require<T>(ByteString id, FlightLogin login, string what) where T : FlightHandle => Find<T>(id, login)
        ?? throw new GrpcException(GrpcStatusCode.NotFound, $"there is no such {what}: it was closed, or not used for too long");

    public T? Find<T>(ByteString id, FlightLogin login) where T : FlightHandle
    {
        if (!_handles.TryGetValue(id, out FlightHandle? found) || found is not T handle || handle.Session.Login.User != login.User)
            return null;
        handle.LastUse = handle.Session.Options.Time.GetTimestamp();
        return handle;
    }

    /// <summary>Closes it, if it is still there.</summary>
    public async ValueTask<bool> CloseAsync(ByteString id)
    {
        if (!_handles.TryRemove(id, out FlightHandle? handle))
            return false;
        try
        {
            await handle.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            await handle.Session.ReleaseAsync().ConfigureAwait(false);
        }
        return true;
    }

    public async ValueTask CloseExpiredAsync()
    {
        foreach ((ByteString id, FlightHandle handle) in _handles)
        {
            if (handle.IsExpired)
                await CloseAsync(id).ConfigureAwait(false);
        }
    }

    public async ValueTask CloseAllAsync()
    {
        foreach (ByteString id in _handles.Keys)
            await CloseAsync(id).ConfigureAwait(false);
    }
}
