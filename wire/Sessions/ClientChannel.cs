using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using VecSQL.Engine.Access;
using VecSQL.Wire.Messages;
using VecSQL.Wire.Transport;

namespace VecSQL.Wire.Sessions;

/// <summary>Messages from and to a client, over its socket or over TLS on it.</summary>
internal sealed class ClientChannel(ClientStream socket, int messageBytesMax) : IDisposable
{
    /// <summary>The protocol's name in TLS itself (ALPN).</summary>
    private static readonly SslApplicationProtocol Protocol = new("postgresql");

    private SslStream? _encrypted;

    public FrameReader Frames { get; private set; } = new(socket, messageBytesMax);

    public ReplyWriter Reply { get; private set; } = new(socket);

    /// <summary>Null while the connection is plain.</summary>
    public ConnectionEncryption? Encryption { get; private set; }

    /// <summary>The certificate that the client has shown, which has been found good; null for none.</summary>
    public X509Certificate2? ClientCertificate { get; private set; }

    /// <summary>Goes over to TLS. What came before is forgotten: there must be nothing of it left to read.</summary>
    /// <exception cref="IOException">The client and the node did not come to terms; the message says why.</exception>
    public async ValueTask EncryptAsync(TlsIdentity identity, bool needsProtocol, CancellationToken cancellation)
    {
        SslStream encrypted = new(socket, leaveInnerStreamOpen: true);
        _encrypted = encrypted;
        try
        {
            await encrypted.AuthenticateAsServerAsync(identity.OptionsFor(Protocol), cancellation).ConfigureAwait(false);
        }
        catch (AuthenticationException refused)
        {
            throw new IOException($"TLS handshake: {refused.InnerException?.Message ?? refused.Message}", refused);
        }
        if (needsProtocol && encrypted.NegotiatedApplicationProtocol != Protocol)
            throw new IOException("TLS handshake: a direct start without the protocol's name");
        Frames.Dispose();
        Frames = new FrameReader(encrypted, messageBytesMax);
        Reply = new ReplyWriter(encrypted);
        ClientCertificate = encrypted.RemoteCertificate as X509Certificate2;
        Encryption = ConnectionEncryption.Of(encrypted.SslProtocol, encrypted.NegotiatedCipherSuite, ClientCertificate);
    }

    /// <summary>Sends what is pending, at once or together with replies to others. The client is waited for next.</summary>
    public ValueTask FlushLastAsync(CancellationToken cancellation)
    {
        if (_encrypted is not null || Frames.HasBytes || !socket.TryPutAside(Reply.Pending))
            return Reply.FlushAsync(cancellation);
        Reply.Clear();
        return default;
    }

    public void Dispose()
    {
        Frames.Dispose();
        _encrypted?.Dispose();
    }
}
