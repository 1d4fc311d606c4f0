using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VecSQL.Engine.Access;

/// <summary>The certificate that a node shows over TLS, its key, and the authority whose client certificates it believes.</summary>
public sealed class TlsIdentity
{
    private readonly SslStreamCertificateContext _shown;
    private readonly SslProtocols _protocols;
    private readonly X509ChainPolicy? _clients;

    private TlsIdentity(
        SslStreamCertificateContext shown, SslProtocols protocols, X509ChainPolicy? clients, ReadOnlyMemory<byte> endPoint)
    {
        (_shown, _protocols, _clients) = (shown, protocols, clients);
        EndPoint = endPoint;
    }

    /// <summary>Whether clients can show certificates.</summary>
    public bool KnowsClients => _clients is not null;

    /// <summary>The hash of the certificate that authentication is bound to (RFC 5929); empty where none is defined.</summary>
    public ReadOnlyMemory<byte> EndPoint { get; }

    /// <param name="certificate">In PEM: the server's own first, then those between it and its authority.</param>
    /// <param name="key">In PEM, not encrypted.</param>
    /// <param name="authorities">In PEM: whose client certificates are good; null for none.</param>
    /// <exception cref="CryptographicException">They cannot be used, or do not fit each other.</exception>
    public static TlsIdentity Read(string certificate, string key, string? authorities, bool onlyTls13)
    {
        using X509Certificate2 own = X509Certificate2.CreateFromPem(certificate, key);
        // A key as it comes from PEM lives in this object only; what TLS takes must hold it by itself.
        X509Certificate2 shown = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), password: null);
        X509Certificate2Collection chain = [];
        chain.ImportFromPem(certificate);
        chain.RemoveAt(0);
        return new TlsIdentity(
            SslStreamCertificateContext.Create(shown, chain, offline: true),
            onlyTls13 ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13,
            authorities is null ? null : Trusting(authorities), EndPointOf(own));
    }

    /// <summary>What a handshake is made with.</summary>
    /// <param name="protocol">The name that the door's protocol has in TLS itself (ALPN).</param>
    public SslServerAuthenticationOptions OptionsFor(SslApplicationProtocol protocol)
    {
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificateContext = _shown,
            EnabledSslProtocols = _protocols,
            ApplicationProtocols = [protocol],
            AllowRenegotiation = false,
            AllowTlsResume = false, // a session taken up again would show no certificate
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            ClientCertificateRequired = KnowsClients,
            // Who shows none is let in here: the rules say who must.
            RemoteCertificateValidationCallback = static (_, certificate, _, errors) =>
                certificate is null || errors == SslPolicyErrors.None,
        };
        if (_clients is not null)
            options.CertificateChainPolicy = _clients;
        return options;
    }

    /// <summary>A certificate's common name; null where it has none, or several.</summary>
    public static string? CommonNameOf(X509Certificate2 certificate)
    {
        string?[] names =
        [
            .. certificate.SubjectName.EnumerateRelativeDistinguishedNames()
                .Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value == "2.5.4.3")
                .Select(part => part.GetSingleElementValue()),
        ];
        return names.Length == 1 && names[0]?.Contains('\0') == false ? names[0] : null;
    }

    private static X509ChainPolicy Trusting(string authorities)
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.ImportFromPem(authorities);
        policy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2")); // for clients
        return policy.CustomTrustStore.Count > 0 ? policy : throw new CryptographicException("there is no certificate of an authority");
    }

    private static byte[] EndPointOf(X509Certificate2 certificate)
    {
        HashAlgorithmName? hash = certificate.SignatureAlgorithm.Value switch
        {
            "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256,
            "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
            "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
            // MD5 and SHA-1 are replaced by SHA-256.
            "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" => HashAlgorithmName.SHA256,
            _ => null, // such as RSA-PSS, whose name does not tell the hash: no binding is offered
        };
        return hash is { } name ? CryptographicOperations.HashData(name, certificate.RawData) : [];
    }
}
