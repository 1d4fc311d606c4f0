using System.IO.Pipelines;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace VecSQL.Flight.Grpc;

/// <summary>Finds out by a connection's first byte whether it begins TLS, and makes the handshake.</summary>
internal sealed class TlsDoor(
    ConnectionDelegate next, Func<SslServerAuthenticationOptions?> options, TimeSpan patience, ILogger log)
{
    private const byte HandshakeRecord = 0x16; // no HTTP/2 connection begins with it

    public async Task ServeAsync(ConnectionContext connection)
    {
        try
        {
            using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
            late.CancelAfter(patience);
            if (options() is { } offered && await BeginsTlsAsync(connection.Transport.Input, late.Token).ConfigureAwait(false))
            {
                await ServeEncryptedAsync(connection, offered, late.Token).ConfigureAwait(false);
                return;
            }
        }
        catch (OperationCanceledException)
        {
            return; // it has left, or says nothing
        }
        await next(connection).ConfigureAwait(false);
    }

    private static async ValueTask<bool> BeginsTlsAsync(PipeReader input, CancellationToken cancellation)
    {
        ReadResult read = await input.ReadAsync(cancellation).ConfigureAwait(false);
        bool begins = !read.Buffer.IsEmpty && read.Buffer.FirstSpan[0] == HandshakeRecord;
        input.AdvanceTo(read.Buffer.Start);
        return begins;
    }

    private async Task ServeEncryptedAsync(
        ConnectionContext connection, SslServerAuthenticationOptions offered, CancellationToken cancellation)
    {
        IDuplexPipe plain = connection.Transport;
        SslStream encrypted = new(new TransportStream(plain), leaveInnerStreamOpen: true);
        await using ConfiguredAsyncDisposable closing = encrypted.ConfigureAwait(false);
        try
        {
            await encrypted.AuthenticateAsServerAsync(offered, cancellation).ConfigureAwait(false);
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            Log.HandshakeFailed(log, connection.RemoteEndPoint?.ToString() ?? "unknown", refused.InnerException?.Message ?? refused.Message);
            return;
        }
        TlsPeer peer = new(encrypted.SslProtocol, encrypted.NegotiatedCipherSuite, encrypted.RemoteCertificate as X509Certificate2);
        connection.Features.Set(peer);
        connection.Transport = new EncryptedTransport(encrypted);
        try
        {
            await next(connection).ConfigureAwait(false);
            await connection.Transport.Input.CompleteAsync().ConfigureAwait(false);
            await connection.Transport.Output.CompleteAsync().ConfigureAwait(false);
        }
        finally
        {
            connection.Transport = plain;
        }
    }

    /// <remarks>HTTP/2 above it is served as on a plain connection: there is nothing else to choose from.</remarks>
    private sealed class EncryptedTransport(SslStream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 << 10, leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }
}
