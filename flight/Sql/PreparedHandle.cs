using VecSQL.Columnar.Columns;
using VecSQL.Engine.Sessions;

namespace VecSQL.Flight.Sql;

/// <summary>A prepared statement and the parameters that were last bound to it.</summary>
internal sealed class PreparedHandle(FlightSession session, PreparedStatementInfo info) : FlightHandle(session)
{
    public PreparedStatementInfo Info => info;

    /// <summary>Sets of values, each for one execution; one empty set where the statement has no parameters.</summary>
    public IReadOnlyList<Column[]> Parameters { get; set; } = info.ParameterTypes.IsEmpty ? [[]] : [];

    protected override async ValueTask CloseAsync() => await Session.RunAsync(
        session => session.CloseStatementAsync(info.Name), CancellationToken.None).ConfigureAwait(false);
}
