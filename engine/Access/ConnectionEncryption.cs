using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace VecSQL.Engine.Access;

/// <summary>How a session's connection is encrypted: its row of pg_stat_ssl.</summary>
/// <param name="Version">TLSv1.3 …</param>
/// <param name="ClientSerial">The client certificate's serial number; null where it has shown none, as are the names.</param>
public sealed record ConnectionEncryption(
    string Version, string Cipher, int Bits, string? ClientName, string? ClientSerial, string? IssuerName)
{
    /// <summary>What a handshake came to.</summary>
    /// <param name="certificate">The client's; null where it has shown none.</param>
    public static ConnectionEncryption Of(SslProtocols protocol, TlsCipherSuite suite, X509Certificate2? certificate)
    {
        string cipher = suite.ToString();
        int bits = cipher.Contains("AES_128", StringComparison.Ordinal) ? 128 : 256;
        string? serial = certificate is null
            ? null
            : new System.Numerics.BigInteger(certificate.SerialNumberBytes.Span, isUnsigned: true, isBigEndian: true).ToString();
        return new ConnectionEncryption(
            protocol == SslProtocols.Tls13 ? "TLSv1.3" : "TLSv1.2", cipher, bits, certificate?.Subject, serial, certificate?.Issuer);
    }
}
