using VecSQL.Core.Errors;

namespace VecSQL.Wire.Messages;

/// <summary>What a client says before anything else: start a session, ask for encryption, or cancel a query.</summary>
/// <remarks>
/// Layout: code int32, then by code. 3.x (major version in the high half): pairs of cstrings, closed by a zero byte.
/// 80877102 CancelRequest: backend int32 · key int32. 80877103 SSLRequest, 80877104 GSSENCRequest: nothing.
/// </remarks>
internal sealed record StartupMessage(StartupKind Kind)
{
    /// <summary>More than any client sends; PostgreSQL's own limit.</summary>
    public const int BytesMax = 10_000;

    private const int CancelCode = 80877102, SslCode = 80877103, GssCode = 80877104;

    public int BackendId { get; init; }

    public int SecretKey { get; init; }

    public int MinorVersion { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Options { get; init; } = [];

    /// <summary>Options of the form _pq_.x, none of which is known.</summary>
    public IReadOnlyList<string> UnknownProtocolOptions { get; init; } = [];

    /// <exception cref="ProtocolException">The packet is cut short or not closed.</exception>
    /// <exception cref="SqlException">0A000: another protocol version.</exception>
    public static StartupMessage Read(ReadOnlySpan<byte> packet)
    {
        MessageReader body = new(packet);
        int code = body.ReadInt32();
        switch (code)
        {
            case CancelCode:
                return new StartupMessage(StartupKind.Cancel) { BackendId = body.ReadInt32(), SecretKey = body.ReadInt32() };
            case SslCode:
                body.ExpectEnd();
                return new StartupMessage(StartupKind.TlsRequest);
            case GssCode:
                body.ExpectEnd();
                return new StartupMessage(StartupKind.GssRequest);
        }
        int major = code >> 16, minor = code & 0xffff;
        if (major != 3)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"unsupported frontend protocol {major}.{minor}: server supports 3.0 to 3.0");
        }
        List<KeyValuePair<string, string>> options = [];
        List<string> unknown = [];
        for (string name = body.ReadCString(); name.Length > 0; name = body.ReadCString())
        {
            if (name.StartsWith("_pq_.", StringComparison.Ordinal))
            {
                unknown.Add(name);
                body.ReadCString();
            }
            else
                options.Add(new(name, body.ReadCString()));
        }
        body.ExpectEnd();
        return new StartupMessage(StartupKind.Session)
        {
            MinorVersion = minor,
            Options = options,
            UnknownProtocolOptions = unknown,
        };
    }
}

internal enum StartupKind : byte { Session, TlsRequest, GssRequest, Cancel }
