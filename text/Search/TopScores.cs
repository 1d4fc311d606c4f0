namespace VecSQL.Text.Search;

/// <summary>The best of many scores, and all that are equal to the last of these.</summary>
/// <remarks>Memory: 24 bytes for each kept, and for as many again before they are sorted out. Threads: one.</remarks>
/// <param name="wanted">How many, at least 1.</param>
public sealed class TopScores(int wanted)
{
    private readonly PriorityQueue<byte, double> _best = new(); // the scores of the best
    private readonly List<(double Score, long Row)> _kept = [];
    private int _cleanAt = (int)Math.Clamp(4L * wanted, 64, int.MaxValue / 2);

    /// <summary>Rows that score less are not among the best.</summary>
    public double Threshold { get; private set; } = double.Epsilon; // what does not match scores 0

    /// <summary>Rows that were offered.</summary>
    public long Offered { get; private set; }

    public void Offer(double score, long row)
    {
        Offered++;
        if (score < Threshold)
            return;
        if (_best.Count < wanted)
            _best.Enqueue(0, score);
        else
            _best.EnqueueDequeue(0, score);
        if (_best.Count == wanted && _best.TryPeek(out _, out double last))
            Threshold = Math.Max(Threshold, last);
        _kept.Add((score, row));
        if (_kept.Count < _cleanAt)
            return;
        Clean();
        _cleanAt = Math.Max(_cleanAt, 2 * _kept.Count); // where very many are equal, cleaning takes little away
    }

    /// <summary>The best, in falling order; equals by row.</summary>
    public IReadOnlyList<(double Score, long Row)> Sorted()
    {
        Clean();
        _kept.Sort(static (x, y) => x.Score == y.Score ? x.Row.CompareTo(y.Row) : y.Score.CompareTo(x.Score));
        return _kept;
    }

    private void Clean() => _kept.RemoveAll(kept => kept.Score < Threshold);
}
