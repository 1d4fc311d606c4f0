using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VecSQL.Cluster.Etcd;

/// <summary>Whom to trust to be etcd, and what to show to it.</summary>
public sealed class EtcdTls
{
    private readonly X509Certificate2Collection _authorities;
    private readonly SslStreamCertificateContext? _shown;

    private EtcdTls(X509Certificate2Collection authorities, SslStreamCertificateContext? shown)
    {
        _authorities = authorities;
        _shown = shown;
    }

    /// <param name="authorityFile">Certificates of authorities (PEM); null for those that the system trusts.</param>
    /// <param name="certificateFile">The client's certificate, and those between it and its authority (PEM); null to show none.</param>
    /// <param name="keyFile">Its key (PEM); null where the certificate's file has it.</param>
    /// <exception cref="CryptographicException">A file holds something else.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static EtcdTls Load(string? authorityFile, string? certificateFile, string? keyFile)
    {
        X509Certificate2Collection authorities = [];
        if (authorityFile is not null)
        {
            authorities.ImportFromPemFile(authorityFile);
            if (authorities.Count == 0)
                throw new CryptographicException($"\"{authorityFile}\" has no certificate in it");
        }
        if (certificateFile is null)
            return new EtcdTls(authorities, null);
        X509Certificate2 own = X509Certificate2.CreateFromPemFile(certificateFile, keyFile);
        X509Certificate2Collection chain = [];
        chain.ImportFromPemFile(certificateFile);
        return new EtcdTls(authorities, SslStreamCertificateContext.Create(own, chain, offline: true));
    }

    internal SslClientAuthenticationOptions ToOptions()
    {
        SslClientAuthenticationOptions options = new() { ClientCertificateContext = _shown };
        if (_authorities.Count > 0)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(_authorities);
        }
        return options;
    }
}
