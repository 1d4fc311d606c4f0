using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Flight.Sql;

/// <summary>Sets of values for a statement's parameters, each for one execution.</summary>
/// <remarks>
/// Memory:    counted as what the session keeps, until the last who holds them has let go.
/// Ownership: who makes them holds them.
/// Threads:   one while they are added; any afterwards.
/// </remarks>
internal sealed class ParameterSets(FlightSession session)
{
    /// <summary>Sets of one DoPut at most.</summary>
    private const int CountMax = 1_000_000;

    private readonly List<Column[]> _sets = [];
    private long _bytes;
    private int _holders = 1;

    public IReadOnlyList<Column[]> All => _sets;

    /// <summary>Makes room for a set before it is read.</summary>
    /// <param name="bytes">About how much memory it takes.</param>
    /// <exception cref="SqlException">54000: it would be more than one DoPut can bring. 53200: more than there is memory for.</exception>
    public void Reserve(long bytes)
    {
        if (_sets.Count == CountMax)
            throw TooMany($"more than {CountMax} sets of parameters");
        if (_bytes + bytes > FlightSession.KeptBytesMax)
            throw TooMany($"sets of parameters of more than {FlightSession.KeptBytesMax} bytes");
        session.Keep(bytes);
        _bytes += bytes;
    }

    public void Add(Column[] set) => _sets.Add(set);

    /// <summary>Keeps them until <see cref="Release"/>; false where everybody has let go of them.</summary>
    public bool TryHold()
    {
        int holders;
        do
        {
            holders = Volatile.Read(ref _holders);
            if (holders == 0)
                return false;
        }
        while (Interlocked.CompareExchange(ref _holders, holders + 1, holders) != holders);
        return true;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            session.Forget(_bytes);
    }

    private static SqlException TooMany(string message) =>
        new(SqlState.ProgramLimitExceeded, message, hint: "Put many rows in by CommandStatementIngest.");
}
