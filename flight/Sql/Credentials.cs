using System.Text;
using VecSQL.Core.Errors;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;

namespace VecSQL.Flight.Sql;

/// <summary>What a call says of its client: a token, or a user and a password, or neither.</summary>
internal sealed record Credentials(string? Token, string? User, string? Password)
{
    public const string Header = "authorization", CookieName = "vecsql-session";

    private const string Basic = "Basic ", Bearer = "Bearer ", OlderTokenHeader = "auth-token-bin";

    /// <exception cref="SqlException">28000: the header cannot be read.</exception>
    public static Credentials Of(GrpcMetadata headers)
    {
        string? header = headers.Find(Header);
        if (header is null)
        {
            string? older = headers.FindBytes(OlderTokenHeader) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
            return new Credentials(older ?? CookieOf(headers), null, null);
        }
        if (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return new Credentials(header[Bearer.Length..].Trim(), null, null);
        byte[]? pair = header.StartsWith(Basic, StringComparison.OrdinalIgnoreCase) ? GrpcMetadata.Decode(header[Basic.Length..].Trim()) : null;
        int colon = pair is null ? -1 : Array.IndexOf(pair, (byte)':');
        if (pair is null || colon < 0)
            throw new SqlException(SqlState.InvalidAuthorizationSpecification, "the authorization header is neither Basic nor Bearer");
        return new Credentials(null, Encoding.UTF8.GetString(pair, 0, colon), Encoding.UTF8.GetString(pair, colon + 1, pair.Length - colon - 1));
    }

    /// <summary>Of a handshake whose payload says them.</summary>
    public static Credentials Of(BasicAuth auth) => new(null, auth.Username, auth.Password);

    private static string? CookieOf(GrpcMetadata headers)
    {
        foreach (string cookies in headers.All("cookie"))
        {
            foreach (string cookie in cookies.Split(';', StringSplitOptions.TrimEntries))
            {
                if (cookie.StartsWith(CookieName + "=", StringComparison.Ordinal))
                    return cookie[(CookieName.Length + 1)..].Trim('"');
            }
        }
        return null;
    }
}
