using VecSQL.Engine.Access;

namespace VecSQL.Wire;

/// <summary>What the PostgreSQL door can be told.</summary>
public sealed record WireOptions
{
    /// <summary>The longest message accepted; a longer one ends the connection. Statements and COPY pieces are messages.</summary>
    public int MessageBytesMax { get; init; } = 1 << 29;

    /// <summary>How long a client may take to say who it is.</summary>
    public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many clients may be saying who they are at once; one more is refused with 53300.</summary>
    public int StartingMax { get; init; } = 1_000;

    /// <summary>What a new connection is held to; asked for each.</summary>
    public Func<DoorSecurity> Security { get; init; } = static () => DoorSecurity.BuiltIn;

    /// <summary>How long running statements may take to end when the door closes; then they are cancelled.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
