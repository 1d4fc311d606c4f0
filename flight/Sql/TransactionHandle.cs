namespace VecSQL.Flight.Sql;

/// <summary>A transaction that a client has begun, in a session of its own; closed without a commit, it is rolled back.</summary>
internal sealed class TransactionHandle(FlightSession session) : FlightHandle(session);
