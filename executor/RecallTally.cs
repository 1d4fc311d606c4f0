namespace VecSQL.Executor;

/// <summary>Rows that searches by vector indexes should have found, and those that they did.</summary>
/// <param name="Exact">Time that exact searches for the same took.</param>
public readonly record struct RecallTally(long Searches, long Found, long Wanted, TimeSpan Exact)
{
    /// <summary>The share found: rows as near as the last of the exact answer count, since among these any will do.</summary>
    public double Recall => Wanted == 0 ? 1 : (double)Found / Wanted;

    public static RecallTally operator +(RecallTally x, RecallTally y) =>
        new(x.Searches + y.Searches, x.Found + y.Found, x.Wanted + y.Wanted, x.Exact + y.Exact);
}
