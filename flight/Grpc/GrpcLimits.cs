namespace VecSQL.Flight.Grpc;

/// <summary>What one side of a connection holds the other to, and itself.</summary>
public sealed record GrpcLimits
{
    /// <summary>The longest message taken, also after decompression; a longer one ends its call with RESOURCE_EXHAUSTED.</summary>
    public int ReceiveBytesMax { get; init; } = 512 << 20;

    /// <summary>The longest message sent; a longer one ends its call with RESOURCE_EXHAUSTED.</summary>
    public int SendBytesMax { get; init; } = 512 << 20;

    /// <summary>Headers of one call, names and values together.</summary>
    public int MetadataBytesMax { get; init; } = 64 << 10;

    /// <summary>Calls at once on one connection; more wait at the client.</summary>
    public int CallsMax { get; init; } = 100;

    /// <summary>After how long without a byte the other side is asked whether it is still there.</summary>
    public TimeSpan KeepAliveDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it may take to answer; then the connection ends.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(20);
}
