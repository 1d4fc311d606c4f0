using System.Net;
using Microsoft.Extensions.Logging;
using VecSQL.Core.Errors;
using VecSQL.Engine;
using VecSQL.Engine.Access;
using VecSQL.Engine.Sessions;
using VecSQL.Wire.Authentication;
using VecSQL.Wire.Messages;
using VecSQL.Wire.Transport;

namespace VecSQL.Wire.Sessions;

/// <summary>From a client's first byte to its session: encryption, startup, authentication.</summary>
/// <remarks>
/// Source: PostgreSQL manual, "Frontend/Backend Protocol", "Start-up" and "SSL Session Encryption".
/// Memory: no message of a client that has not been let in is longer than 10,000 bytes, and all takes no longer than
/// <see cref="WireOptions.StartupTimeout"/>.
/// </remarks>
internal sealed class ConnectionStart(
    Database database, ClientStream client, ClientChannel channel, WireOptions options, ILogger log)
{
    private const byte TlsHandshake = 0x16; // a record of TLS that begins one; no length of a startup packet does

    private readonly DoorSecurity _security = options.Security();

    /// <summary>The session that the client asked for and may have, after all has been told to it; null where it wanted none.</summary>
    public async ValueTask<ISqlSession?> RunAsync(string? clientAddress)
    {
        // Not linked to the connection's end: a client may ask to cancel and close at once, and what it sent still counts.
        using CancellationTokenSource patience = new(options.StartupTimeout);
        if (_security.Tls is { } tls && await client.PeekAsync(patience.Token).ConfigureAwait(false) == TlsHandshake)
            await channel.EncryptAsync(tls, needsProtocol: true, patience.Token).ConfigureAwait(false);
        while (await channel.Frames.NextStartupAsync(patience.Token).ConfigureAwait(false))
        {
            StartupMessage message = StartupMessage.Read(channel.Frames.Body.Span);
            switch (message.Kind)
            {
                case StartupKind.TlsRequest when _security.Tls is { } identity && channel.Encryption is null:
                    await BeginTlsAsync(identity, patience.Token).ConfigureAwait(false);
                    continue;
                case StartupKind.TlsRequest or StartupKind.GssRequest:
                    channel.Reply.Byte((byte)'N');
                    await channel.Reply.FlushAsync(patience.Token).ConfigureAwait(false);
                    continue;
                case StartupKind.Cancel:
                    await database.CancelAsync(message.BackendId, message.SecretKey, patience.Token).ConfigureAwait(false);
                    return null;
                default:
                    return await OpenAsync(message, clientAddress, patience.Token).ConfigureAwait(false);
            }
        }
        return null;
    }

    private async ValueTask BeginTlsAsync(TlsIdentity identity, CancellationToken cancellation)
    {
        // Somebody between may have put it there, for the server to take it as the client's own words (CVE-2021-23214).
        if (channel.Frames.HasBytes)
            throw new ProtocolException("received unencrypted data after SSL request");
        channel.Reply.Byte((byte)'S');
        await channel.Reply.FlushAsync(cancellation).ConfigureAwait(false);
        await channel.EncryptAsync(identity, needsProtocol: false, cancellation).ConfigureAwait(false);
    }

    private async ValueTask<ISqlSession> OpenAsync(StartupMessage message, string? clientAddress, CancellationToken cancellation)
    {
        if (message.MinorVersion > 0 || message.UnknownProtocolOptions.Count > 0)
            channel.Reply.NegotiateProtocolVersion(message.UnknownProtocolOptions);
        string? user = Option(message, "user");
        if (string.IsNullOrEmpty(user))
        {
            throw new SqlException(SqlState.InvalidAuthorizationSpecification,
                "no PostgreSQL user name specified in startup packet");
        }
        if (Option(message, "replication") is { } replication && replication is not ("false" or "off" or "no" or "0"))
            throw new SqlException(SqlState.FeatureNotSupported, "replication connections are not supported");
        string databaseName = Option(message, "database") is { Length: > 0 } named ? named : user;
        IPAddress address = IPEndPoint.TryParse(clientAddress ?? "", out IPEndPoint? from) ? from.Address : IPAddress.None;
        await new Authenticator(database, _security, channel, log).RunAsync(address, user, databaseName, cancellation).ConfigureAwait(false);
        IEnumerable<KeyValuePair<string, string>> settings = message.Options
            .Where(option => option.Key is not ("user" or "database" or "replication" or "options"));
        if (Option(message, "options") is { } switches)
            settings = CommandLineOptions.Read(switches).Concat(settings); // named settings win over switches
        return database.OpenSession(new SessionOptions(user, databaseName, [.. settings])
        {
            Client = from,
            HoldsToRoles = _security.Rules.AreGiven,
            Encryption = channel.Encryption,
        });
    }

    private static string? Option(StartupMessage message, string name) =>
        message.Options.Where(option => option.Key == name).Select(option => option.Value).LastOrDefault();
}
