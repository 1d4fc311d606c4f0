using VecSQL.Parser;

namespace VecSQL.Engine.Plans;

/// <summary>Whose statements are counted together: those of a user in a database.</summary>
internal readonly record struct StatementOwner(uint UserOid, uint DatabaseOid);

/// <summary>What the runs of one user's statements of one text have come to.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class StatementFigures(StatementOwner owner, StatementText text)
{
    private readonly Lock _lock = new();
    private StatementTotals _totals;

    internal StatementOwner Owner => owner;

    internal StatementText Text => text;

    /// <summary>Taken out of the list: what comes is to be counted anew.</summary>
    internal bool IsGone { get; set; }

    internal StatementTotals Totals
    {
        get
        {
            lock (_lock)
                return _totals;
        }
    }

    internal void Add(double milliseconds, long rows)
    {
        lock (_lock)
            _totals = _totals.With(milliseconds, rows);
    }
}

/// <param name="Squares">The sum of the squares of what single times differ from their mean, from which their deviation comes.</param>
internal readonly record struct StatementTotals(
    long Calls, long Rows, double Total, double Least, double Most, double Mean, double Squares)
{
    internal double Deviation => Calls == 0 ? 0 : Math.Sqrt(Squares / Calls);

    internal StatementTotals With(double time, long rows)
    {
        long calls = Calls + 1;
        double mean = Mean + ((time - Mean) / calls);
        return new StatementTotals(calls, Rows + rows, Total + time, Calls == 0 ? time : Math.Min(Least, time), Math.Max(Most, time), mean,
            Squares + ((time - Mean) * (time - mean)));
    }
}
