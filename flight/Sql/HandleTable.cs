using System.Collections.Concurrent;
using System.Security.Cryptography;
using Google.Protobuf;
using VecSQL.Core.Errors;
using VecSQL.Flight.Grpc;

namespace VecSQL.Flight.Sql;

/// <summary>What clients have handles of.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class HandleTable
{
    public const int IdBytes = 16;

    /// <summary>Handles of all clients together. Each keeps a session, or a snapshot of a table.</summary>
    internal const int HandlesMax = 100_000;

    private readonly ConcurrentDictionary<ByteString, FlightHandle> _handles = new();
    private int _count;

    /// <summary>Keeps something, and with it its session.</summary>
    /// <returns>The bytes that name it.</returns>
    /// <exception cref="SqlException">53400: clients have too many, and close none.</exception>
    public ByteString Add(FlightHandle handle)
    {
        if (Interlocked.Increment(ref _count) > HandlesMax)
        {
            Interlocked.Decrement(ref _count);
            throw new SqlException(SqlState.ConfigurationLimitExceeded, "too many tickets, prepared statements and transactions are open",
                hint: "Read the rows that were asked for, or cancel them; close prepared statements and transactions.");
        }
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
        Interlocked.Decrement(ref _count);
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
        // All are looked at before one is closed, which its session is used for.
        foreach (ByteString id in _handles.Where(static pair => pair.Value.IsExpired).Select(static pair => pair.Key).ToArray())
            await CloseAsync(id).ConfigureAwait(false);
    }

    public async ValueTask CloseAllAsync()
    {
        foreach (ByteString id in _handles.Keys)
            await CloseAsync(id).ConfigureAwait(false);
    }
}
