using VecSQL.Engine.Access;
using VecSQL.Flight.Grpc;

namespace VecSQL.Flight.Sql;

/// <summary>What the Flight door can be told.</summary>
public sealed record FlightOptions
{
    /// <summary>What a call is held to; asked for each.</summary>
    public Func<DoorSecurity> Security { get; init; } = static () => DoorSecurity.BuiltIn;

    /// <summary>How long running calls may take to end when the door closes; then they are cancelled.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After how long without a call a token, a prepared statement or a transaction is forgotten.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long the rows that a ticket is for are kept ready for it.</summary>
    public TimeSpan TicketTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a statement waits for another of its session to end; then it fails with 55006.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Adds methods that are served at the same address beside Flight's.</summary>
    public Action<GrpcMethods>? MoreMethods { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
