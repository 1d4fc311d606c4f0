namespace VecSQL.Vectors.Cells;

/// <summary>Says when enough of a search's rows have been measured exactly.</summary>
/// <remarks>
/// Rows come in the order of their distances by codes. The first ones, measured, show how far off codes are here; a row whose distance by
/// codes is beyond the nearest found by twice the greatest error seen, and all behind it, hardly belong among them. Of the rows
/// that a search gives about half are measured so, each of which costs a wait for memory.
/// </remarks>
/// <param name="estimates">Ascending: <see cref="CellSearch.Estimates"/>.</param>
/// <param name="wanted">How many nearest rows.</param>
public ref struct RerankBound(ReadOnlySpan<float> estimates, int wanted)
{
    private const int ErrorsMin = 8; // fewer say too little of how far off others may be

    private readonly ReadOnlySpan<float> _estimates = estimates;
    private readonly int _first = Math.Max(wanted, ErrorsMin);
    private double _error, _limit = double.NegativeInfinity;

    /// <summary>Whether no row from this one on need be measured.</summary>
    /// <param name="limit">Beyond it rows are of no interest.</param>
    public readonly bool EndsAt(int row, double limit) =>
        row >= _first && _estimates[row] - (2 * _error) > Math.Min(limit, _limit);

    /// <summary>A row has been measured.</summary>
    /// <param name="distance">As the estimates are: squared where they are.</param>
    public void Add(int row, double distance)
    {
        _error = Math.Max(_error, Math.Abs(distance - _estimates[row]));
        if (row < wanted)
            _limit = Math.Max(_limit, distance);
    }
}
