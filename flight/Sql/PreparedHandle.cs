using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Flight.Grpc;

namespace VecSQL.Flight.Sql;

/// <summary>A prepared statement and the parameters that were last bound to it.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class PreparedHandle : FlightHandle
{
    private readonly Lock _gate = new();
    private ParameterSets? _parameters;
    private bool _isClosed;

    public PreparedHandle(FlightSession session, PreparedStatementInfo info)
        : base(session)
    {
        Info = info;
        if (!info.ParameterTypes.IsEmpty)
            return;
        _parameters = new ParameterSets(session); // one set, of no values
        _parameters.Add([]);
    }

    public PreparedStatementInfo Info { get; }

    /// <summary>Takes sets of values over, in place of those before.</summary>
    /// <exception cref="GrpcException">NOT_FOUND: the statement was closed while they came.</exception>
    public void Bind(ParameterSets sets)
    {
        ParameterSets? gone = sets;
        lock (_gate)
        {
            if (!_isClosed)
                (gone, _parameters) = (_parameters, sets);
        }
        gone?.Release();
        if (ReferenceEquals(gone, sets))
            throw new GrpcException(GrpcStatusCode.NotFound, "the prepared statement was closed");
    }

    /// <summary>What is bound, which the caller releases.</summary>
    /// <exception cref="SqlException">08P01: it has parameters, and none were bound.</exception>
    public ParameterSets HoldParameters()
    {
        lock (_gate)
        {
            if (_parameters is { } bound && bound.TryHold())
                return bound;
        }
        throw new SqlException(SqlState.ProtocolViolation,
            $"no parameters were bound, but the prepared statement requires {Info.ParameterTypes.Length}");
    }

    protected override async ValueTask CloseAsync()
    {
        ParameterSets? bound;
        lock (_gate)
        {
            _isClosed = true;
            (bound, _parameters) = (_parameters, null);
        }
        bound?.Release();
        try
        {
            await Session.RunAsync(session => session.CloseStatementAsync(Info.Name), CancellationToken.None).ConfigureAwait(false);
        }
        catch (SqlException)
        {
            // The session has ended, and the statement with it; or it is busy, and keeps the statement to its end.
        }
    }
}
