using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using VecSQL.Engine;
using VecSQL.Wire.Sessions;

namespace VecSQL.Wire;

/// <summary>Serves PostgreSQL clients on a Kestrel endpoint.</summary>
/// <remarks>Memory: Kestrel waits for an idle client without a buffer, and a connection's own buffers are given back after each reply.</remarks>
public sealed class PgConnectionHandler(Database database, WireOptions options, ILogger<PgConnectionHandler> log)
    : ConnectionHandler
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        PgConnection client = new(database, connection.Transport, options, log);
        await using (client.ConfigureAwait(false))
            await client.RunAsync(connection.RemoteEndPoint?.ToString(), connection.ConnectionClosed).ConfigureAwait(false);
    }
}
