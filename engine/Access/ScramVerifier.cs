using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Access;

/// <summary>What the server keeps of a password: enough to test it, not enough to connect with.</summary>
/// <remarks>
/// Layout: <c>SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey</c>, base64; PostgreSQL's own.
/// Source: RFC 5802, section 3; RFC 7677.
/// </remarks>
public sealed class ScramVerifier
{
    /// <summary>Rounds of hashing for new passwords: RFC 7677's least, and what PostgreSQL uses.</summary>
    public const int DefaultIterations = 4096;

    private const int SaltBytes = 16, KeyBytes = SHA256.HashSizeInBytes;

    private const string Scheme = "SCRAM-SHA-256";

    private readonly byte[] _salt, _storedKey, _serverKey;

    private ScramVerifier(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey)
    {
        Iterations = iterations;
        _salt = salt;
        _storedKey = storedKey;
        _serverKey = serverKey;
    }

    public int Iterations { get; }

    public ReadOnlyMemory<byte> Salt => _salt;

    /// <summary>The hash of the key by which the client proves that it has the password.</summary>
    public ReadOnlyMemory<byte> StoredKey => _storedKey;

    /// <summary>The key by which the server proves that it has the verifier.</summary>
    public ReadOnlyMemory<byte> ServerKey => _serverKey;

    /// <exception cref="SqlException">0A000: a password with characters that clients bring to another form, which is not done here.</exception>
    public static ScramVerifier Create(string password)
    {
        string prepared = SaslPrep.Prepare(password) ?? throw new SqlException(SqlState.FeatureNotSupported,
            "passwords with characters that Unicode's normal form KC changes are not supported",
            hint: "Give a SCRAM-SHA-256 verifier, as psql's \\password does.");
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        (byte[] stored, byte[] server) = Keys(prepared, salt, DefaultIterations);
        return new ScramVerifier(DefaultIterations, salt, stored, server);
    }

    /// <summary>For users that do not exist: always the same for one name, and with no password that fits.</summary>
    public static ScramVerifier Decoy(ReadOnlySpan<byte> secret, string user)
    {
        byte[] hash = HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(user));
        return new ScramVerifier(DefaultIterations, hash[..SaltBytes],
            RandomNumberGenerator.GetBytes(KeyBytes), RandomNumberGenerator.GetBytes(KeyBytes));
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out ScramVerifier? verifier)
    {
        verifier = null;
        if (text.Split('$') is not [Scheme, var cost, var keys] || cost.Split(':') is not [var rounds, var salt]
            || keys.Split(':') is not [var stored, var server])
        {
            return false;
        }
        bool isNumber = int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out int iterations) && iterations > 0;
        if (isNumber && FromBase64(salt) is { Length: > 0 } saltBytes && FromBase64(stored) is { Length: KeyBytes } storedKey
            && FromBase64(server) is { Length: KeyBytes } serverKey)
        {
            verifier = new ScramVerifier(iterations, saltBytes, storedKey, serverKey);
        }
        return verifier is not null;
    }

    /// <summary>Whether it was made of this password; takes as long either way.</summary>
    public bool Matches(string password) =>
        CryptographicOperations.FixedTimeEquals(Keys(SaslPrep.Prepare(password) ?? password, _salt, Iterations).Stored, _storedKey);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Scheme}${Iterations}:{Convert.ToBase64String(_salt)}${Convert.ToBase64String(_storedKey)}:{Convert.ToBase64String(_serverKey)}");

    private static (byte[] Stored, byte[] Server) Keys(string password, byte[] salt, int iterations)
    {
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, KeyBytes);
        return (SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8)), HMACSHA256.HashData(salted, "Server Key"u8));
    }

    private static byte[]? FromBase64(string text)
    {
        byte[] bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out int count) ? bytes[..count] : null;
    }
}
