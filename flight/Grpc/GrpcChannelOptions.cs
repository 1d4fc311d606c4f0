using System.Net.Security;

namespace VecSQL.Flight.Grpc;

/// <summary>How a client connects.</summary>
public sealed record GrpcChannelOptions
{
    public GrpcLimits Limits { get; init; } = new();

    /// <summary>Whether messages are sent compressed by gzip, and answers asked for so.</summary>
    public bool UsesGzip { get; init; }

    /// <summary>How TLS is made where the address begins with https; null for what the machine trusts.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>How long a server may take to let a connection in.</summary>
    public TimeSpan ConnectPatience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>What deadlines and patience go by.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
