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

    /// <summary>Sends the rows of one part; keeps the session as long, whoever closes the handle meanwhile.</summary>
    public async ValueTask SendPartAsync(int part, GrpcCall call, ArrowStreamOptions options)
    {
        if (!Session.TryHold())
            throw Gone();
        try
        {
            await SendAsync(part, call, options).ConfigureAwait(false);
        }
        finally
        {
            await Session.ReleaseAsync().ConfigureAwait(false);
        }
    }

    protected abstract ValueTask SendAsync(int part, GrpcCall call, ArrowStreamOptions options);

    /// <summary>What is said of rows that were read.</summary>
    protected static GrpcException Gone() => new(GrpcStatusCode.NotFound, "there are no such rows any more");

    /// <summary>Stops what runs for it.</summary>
    public virtual void Cancel()
    {
    }
}
