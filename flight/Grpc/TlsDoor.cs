using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace VecSQL.Flight.Grpc;

/// <summary>Finds out by a connection's first byte whether it begins TLS, and makes the handshake.</summary>
internal sealed class TlsDoor(Func<SslServerAuthenticationOptions?> options, TimeSpan patience, TimeProvider time, ILogger log)
{
    private const byte HandshakeRecord = 0x16; // no HTTP/2 connection begins with it

    /// <summary>The connection's bytes, as they are once it is encrypted where the client wants that.</summary>
    /// <returns>Null where the client has left, says nothing, or was refused; the socket is then closed.</returns>
    public async ValueTask<(Stream Transport, TlsPeer? Peer)?> EnterAsync(Socket socket, CancellationToken stopping)
    {
        using CancellationTokenSource late = new(patience, time), given = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stopping);
        Stream? transport = null;
        try
        {
            byte[] first = new byte[1];
            if (await socket.ReceiveAsync(first, SocketFlags.Peek, given.Token).ConfigureAwait(false) == 1)
            {
                Stream plain = new NetworkStream(socket, ownsSocket: true);
                if (first[0] != HandshakeRecord || options() is not { } offered)
                    return (plain, null);
                SslStream encrypted = new(plain, leaveInnerStreamOpen: false);
                transport = encrypted;
                await encrypted.AuthenticateAsServerAsync(offered, given.Token).ConfigureAwait(false);
                transport = null;
                return (encrypted, new TlsPeer(
                    encrypted.SslProtocol, encrypted.NegotiatedCipherSuite, encrypted.RemoteCertificate as X509Certificate2));
            }
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            Log.HandshakeFailed(log, socket.RemoteEndPoint?.ToString() ?? "unknown", refused.InnerException?.Message ?? refused.Message);
        }
        catch (Exception left) when (left is OperationCanceledException or SocketException)
        {
            // It has, or says nothing.
        }
        if (transport is not null)
            await transport.DisposeAsync().ConfigureAwait(false);
        socket.Dispose();
        return null;
    }
}
