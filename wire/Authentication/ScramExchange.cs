using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using VecSQL.Core.Errors;
using VecSQL.Engine.Access;

namespace VecSQL.Wire.Authentication;

/// <summary>The server's side of SCRAM-SHA-256: neither end tells the other anything that would be of use to somebody else.</summary>
/// <remarks>
/// Source: RFC 5802 and 7677; PostgreSQL manual, "SASL Authentication". The user's name in the messages is not looked at: the startup
/// packet's counts. Binding is to the server's certificate (RFC 5929, tls-server-end-point).
/// </remarks>
/// <param name="endPoint">The hash of the server's certificate; empty where the connection is plain.</param>
internal sealed class ScramExchange(ScramVerifier verifier, ReadOnlyMemory<byte> endPoint, string? nonce = null)
{
    public const string Plain = "SCRAM-SHA-256", Bound = "SCRAM-SHA-256-PLUS";

    private const int NonceBytes = 18;

    private const string BindingHeader = "p=tls-server-end-point,,";

    private readonly string _serverNonce = nonce ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes));
    private string _binding = "", _clientFirst = "", _serverFirst = "", _nonce = "";

    /// <summary>What the client may choose from, the best first.</summary>
    public IReadOnlyList<string> Mechanisms => endPoint.IsEmpty ? [Plain] : [Bound, Plain];

    /// <summary>Takes the client's first message and gives the server's.</summary>
    /// <exception cref="SqlException">08P01, 28000, 0A000: the client does not keep to the rules.</exception>
    public string Begin(string mechanism, ReadOnlySpan<byte> message)
    {
        if (!Mechanisms.Contains(mechanism))
            throw new SqlException(SqlState.ProtocolViolation, "client selected an invalid SASL authentication mechanism");
        string text = Text(message);
        int bare = ReadHeader(text, isBound: mechanism == Bound);
        _clientFirst = text[bare..];
        if (_clientFirst.StartsWith("m=", StringComparison.Ordinal))
            throw new SqlException(SqlState.FeatureNotSupported, "client requires an unsupported SCRAM extension");
        string[] parts = _clientFirst.Split(',');
        if (parts.Length < 2 || !parts[0].StartsWith("n=", StringComparison.Ordinal))
            throw Malformed("Expected attribute \"n\".");
        string clientNonce = Value(parts[1], 'r');
        if (clientNonce.Length == 0 || clientNonce.Any(c => c is < '!' or > '~'))
            throw Malformed("Non-printable characters in SCRAM nonce.");
        _nonce = clientNonce + _serverNonce;
        _serverFirst = string.Create(CultureInfo.InvariantCulture,
            $"r={_nonce},s={Convert.ToBase64String(verifier.Salt.Span)},i={verifier.Iterations}");
        return _serverFirst;
    }

    /// <summary>Takes the client's last message and gives the server's; null where the password is wrong.</summary>
    /// <exception cref="SqlException">08P01, 28000: the client does not keep to the rules.</exception>
    public string? Finish(ReadOnlySpan<byte> message)
    {
        string text = Text(message);
        int proofAt = text.LastIndexOf(",p=", StringComparison.Ordinal);
        if (proofAt < 0)
            throw Malformed("Expected attribute \"p\".");
        string[] parts = text[..proofAt].Split(',');
        string binding = Value(parts[0], 'c');
        if (parts.Length < 2)
            throw Malformed("Expected attribute \"r\".");
        bool isSameNonce = CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(Value(parts[1], 'r')), Encoding.UTF8.GetBytes(_nonce));
        if (!isSameNonce)
            throw new SqlException(SqlState.ProtocolViolation, "invalid SCRAM response") { Detail = "Nonce does not match." };
        if (binding != ExpectedBinding())
            throw new SqlException(SqlState.InvalidAuthorizationSpecification, "SCRAM channel binding check failed");
        byte[] proof = new byte[text.Length];
        bool isProof = Convert.TryFromBase64String(text[(proofAt + 3)..], proof, out int count) && count == SHA256.HashSizeInBytes;
        if (!isProof)
            throw Malformed("Malformed proof in client-final-message.");
        byte[] signed = Encoding.UTF8.GetBytes($"{_clientFirst},{_serverFirst},{text[..proofAt]}");
        Span<byte> key = proof.AsSpan(0, count);
        byte[] signature = HMACSHA256.HashData(verifier.StoredKey.Span, signed);
        for (int i = 0; i < key.Length; i++)
            key[i] ^= signature[i];
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(key), verifier.StoredKey.Span)
            ? "v=" + Convert.ToBase64String(HMACSHA256.HashData(verifier.ServerKey.Span, signed))
            : null;
    }

    /// <summary>Reads what stands before the message proper: whether it is bound, and whom the client wants to act for.</summary>
    /// <returns>Where the message proper begins.</returns>
    private int ReadHeader(string text, bool isBound)
    {
        switch (text.Length > 0 ? text[0] : '\0')
        {
            case 'n' or 'y' when isBound:
                throw Malformed("The client selected SCRAM-SHA-256-PLUS, but the SCRAM message does not include channel binding data.");
            case 'y' when !endPoint.IsEmpty:
                throw new SqlException(SqlState.InvalidAuthorizationSpecification, "SCRAM channel binding negotiation error")
                {
                    Detail = "The client supports SCRAM channel binding but thinks the server does not.  "
                        + "However, this server does support channel binding.",
                };
            case 'n' or 'y':
                break;
            case 'p' when !isBound:
                throw Malformed("The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding data.");
            case 'p' when text.StartsWith("p=tls-server-end-point,", StringComparison.Ordinal):
                break;
            case 'p':
                throw new SqlException(SqlState.ProtocolViolation, "unsupported SCRAM channel-binding type");
            default:
                throw Malformed("Unexpected channel-binding flag.");
        }
        int end = text.IndexOf(',');
        if (end >= 0 && end + 1 < text.Length && text[end + 1] == 'a')
        {
            throw new SqlException(
                SqlState.FeatureNotSupported, "client uses authorization identity, but it is not supported");
        }
        bool isWhole = end >= 0 && end + 1 < text.Length && text[end + 1] == ',' && (text[0] == 'p' || end == 1);
        if (!isWhole)
            throw Malformed("Unexpected attribute in client-first-message.");
        _binding = text[..(end + 2)];
        return end + 2;
    }

    private string ExpectedBinding() => _binding == BindingHeader
        ? Convert.ToBase64String([.. Encoding.UTF8.GetBytes(BindingHeader), .. endPoint.Span])
        : Convert.ToBase64String(Encoding.UTF8.GetBytes(_binding));

    private static string Value(string part, char attribute) => part.Length >= 2 && part[0] == attribute && part[1] == '='
        ? part[2..]
        : throw Malformed($"Expected attribute \"{attribute}\".");

    private static string Text(ReadOnlySpan<byte> message) => message.Contains((byte)0)
        ? throw Malformed("Message length does not match input length.")
        : Encoding.UTF8.GetString(message);

    private static SqlException Malformed(string detail) =>
        new(SqlState.ProtocolViolation, "malformed SCRAM message") { Detail = detail };
}
