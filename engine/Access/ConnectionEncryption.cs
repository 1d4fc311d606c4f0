namespace VecSQL.Engine.Access;

/// <summary>How a session's connection is encrypted: its row of pg_stat_ssl.</summary>
/// <param name="Version">TLSv1.3 …</param>
/// <param name="ClientSerial">The client certificate's serial number; null where it has shown none, as are the names.</param>
public sealed record ConnectionEncryption(
    string Version, string Cipher, int Bits, string? ClientName, string? ClientSerial, string? IssuerName);
