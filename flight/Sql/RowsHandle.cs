using VecSQL.Engine.Arrow;
using VecSQL.Flight.Grpc;

namespace VecSQL.Flight.Sql;

/// <summary>Rows that a ticket is for.</summary>
internal abstract class RowsHandle(FlightSession session) : FlightHandle(session)
{
    public override TimeSpan Patience => Session.Options.TicketTimeout;

    /// <summary>Whether all has been read and the handle can go.</summary>
    public abstract bool IsDone { get; }

    /// <summary>Sends the rows of one part.</summary>
    public abstract ValueTask SendAsync(int part, GrpcCall call, ArrowStreamOptions options);

    /// <summary>Stops what runs for it.</summary>
    public virtual void Cancel()
    {
    }
}
