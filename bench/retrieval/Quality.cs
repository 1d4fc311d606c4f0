namespace VecSQL.Bench.Retrieval;

/// <summary>How good rankings are: the shares of answers among the first ten, and what their ranks are worth.</summary>
/// <remarks>Paper: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002, with gain 1 for an answer.</remarks>
internal sealed class Quality
{
    internal const int Depth = 10;

    private double _recall, _gain;
    private int _count;

    internal double Recall => _recall / _count;

    internal double Gain => _gain / _count;

    internal void Add(ReadOnlySpan<int> ranking, IReadOnlySet<int> answers)
    {
        double gain = 0, best = 0;
        int found = 0, wanted = Math.Min(answers.Count, Depth);
        for (int rank = 0; rank < Math.Min(Depth, ranking.Length); rank++)
        {
            if (!answers.Contains(ranking[rank]))
                continue;
            found++;
            gain += 1 / Math.Log2(rank + 2);
        }
        for (int rank = 0; rank < wanted; rank++)
            best += 1 / Math.Log2(rank + 2);
        _recall += (double)found / wanted;
        _gain += gain / best;
        _count++;
    }
}
