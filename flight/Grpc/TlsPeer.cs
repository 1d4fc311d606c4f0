using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace VecSQL.Flight.Grpc;

/// <summary>What a connection's encryption came to.</summary>
/// <param name="Certificate">What the client has shown, which has been found good; null for none.</param>
public sealed record TlsPeer(SslProtocols Protocol, TlsCipherSuite Cipher, X509Certificate2? Certificate);
