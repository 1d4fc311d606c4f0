using VecSQL.Engine.Arrow;
using VecSQL.Flight.Grpc;

namespace VecSQL.Flight.Sql;

/// <summary>Rows that a ticket is for.</summary>
internal abstract class RowsHandle(FlightSession session) : FlightHandle(session)
{
    public override TimeSpan Patience => Session.Options.TicketTimeout;

    /// <summary>Rows that nobody reads are kept for no longer because other statements run.</summary>
    protected override TimeSpan SessionPatience => TimeSpan.Zero;

    /// <summary>Whether all has been read and the handle can go.</summary>
    public abstract bool IsDone { get; }

    /// <summary>Sends the rows of one part.</summary>
    public abstract ValueTask SendAsync(int part, GrpcCall call, ArrowStreamOptions options);

    /// <summary>What is said of rows that were read.</summary>
    protected static GrpcException Gone() => new(GrpcStatusCode.NotFound, "there are no such rows any more");

    /// <summary>Stops what runs for it.</summary>
    public virtual void Cancel()
    {
    }
}
