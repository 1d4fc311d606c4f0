using System.Diagnostics;

namespace VecSQL.Bench.Mining;

/// <summary>Question: is what the node mines what measuring every pair gives, for every anchor?</summary>
/// <remarks>The node measures in float32. Where two rows' distances differ by less than that can tell, either order is right; rows whose
/// vectors are the same come in the order of their keys.</remarks>
internal sealed class AnswerCheck(MiningNode node, SampleRows sample, TextWriter output)
{
    private const double Rounding = 2e-6; // of distances of about 1, over some hundred dimensions
    private const int Spare = 8; // exact neighbours beside those wanted, for those that rounding may bring in

    /// <summary>Rows mined for an anchor, in the order they came.</summary>
    private sealed record Mined(List<Neighbour> Negatives, List<Neighbour> Positives);

    internal async Task<bool> RunAsync()
    {
        bool isRight = await HardNegativesAsync("l2", k: 10, margin: null);
        isRight &= await HardNegativesAsync("cosine", k: 5, margin: 0.03);
        isRight &= await OfLabelsAsync("triplets('docs', label => 'label', embedding => 'v', per_anchor => 4, seed => 7, metric => 'cosine')",
            "SELECT anchor_id, positive_id, positive_distance, negative_id, negative_distance", negatives: 4, positives: 4);
        isRight &= await OfLabelsAsync(
            "pairs('docs', label => 'label', embedding => 'v', positives => 2, negatives => 3, mining => 'hard', seed => 7, metric => 'cosine')",
            "SELECT anchor_id, CASE WHEN is_similar THEN other_id END, CASE WHEN is_similar THEN distance END, "
            + "CASE WHEN NOT is_similar THEN other_id END, CASE WHEN NOT is_similar THEN distance END", negatives: 3, positives: 2);
        return isRight;
    }

    private async Task<bool> HardNegativesAsync(string metric, int k, double? margin)
    {
        string call = $"hard_negatives('docs', 'queries', embedding => 'v', query_embedding => 'v', positive => 'doc', k => {k}, metric => '{metric}'"
            + (margin is null ? ")" : FormattableString.Invariant($", margin => {margin})"));
        (Mined[] mined, double seconds) = await MineAsync(
            $"SELECT query_id, positive_id, positive_distance, negative_id, negative_distance FROM {call}");
        ExactSearch exact = new(sample, metric == "cosine");
        double LeastOf(int query) => margin is null ? double.NegativeInfinity : exact.Distance(VectorOf(sample.Queries, query), query) + margin.Value;
        return Judge(call, seconds, mined, exact, sample.Queries, k, (query, row) => row != query, LeastOf,
            (query, positives) => positives.TrueForAll(positive => positive.Row == query));
    }

    private async Task<bool> OfLabelsAsync(string call, string select, int negatives, int positives)
    {
        (Mined[] mined, double seconds) = await MineAsync($"{select} FROM {call}");
        int[] labels = sample.Labels;
        Dictionary<int, int> members = labels.CountBy(label => label).ToDictionary();
        return Judge(call, seconds, mined, new ExactSearch(sample, isCosine: true), sample.Rows, negatives,
            (anchor, row) => labels[row] != labels[anchor], static _ => double.NegativeInfinity,
            (anchor, found) => found.TrueForAll(positive => positive.Row != anchor && labels[positive.Row] == labels[anchor])
                && found.Select(static positive => positive.Row).Distinct().Count() == Math.Min(positives, members[labels[anchor]] - 1));
    }

    private async Task<(Mined[] Mined, double Seconds)> MineAsync(string sql)
    {
        Mined[] mined = [.. Enumerable.Range(0, sample.Count).Select(_ => new Mined([], []))];
        double seconds = await node.QueryAsync(sql, row =>
        {
            Mined target = mined[row.GetInt32(0)];
            if (!row.IsDBNull(1))
                target.Positives.Add(new Neighbour(row.GetDouble(2), row.GetInt32(1)));
            if (!row.IsDBNull(3))
                target.Negatives.Add(new Neighbour(row.GetDouble(4), row.GetInt32(3)));
        });
        return (mined, seconds);
    }

    private bool Judge(
        string call, double seconds, Mined[] mined, ExactSearch exact, float[] anchors, int wanted, Func<int, int, bool> isAllowed,
        Func<int, double> leastOf, Func<int, List<Neighbour>, bool> arePositives)
    {
        Stopwatch clock = Stopwatch.StartNew();
        List<Neighbour>[] expected = exact.Find(anchors, wanted + Spare, isAllowed, anchor => leastOf(anchor) - Rounding);
        int equal = 0, rounded = 0, wrong = 0;
        for (int anchor = 0; anchor < mined.Length; anchor++)
        {
            List<Neighbour> found = mined[anchor].Negatives;
            double[] vector = VectorOf(anchors, anchor);
            bool isRight = IsRight(found, expected[anchor], wanted, leastOf(anchor), row => exact.Distance(vector, row), row => isAllowed(anchor, row))
                && arePositives(anchor, mined[anchor].Positives)
                && mined[anchor].Positives.TrueForAll(one => Math.Abs(exact.Distance(vector, one.Row) - one.Distance) <= Rounding);
            bool isEqual = found.Select(static one => one.Row).SequenceEqual(expected[anchor].Take(wanted).Select(static one => one.Row));
            equal += isRight && isEqual ? 1 : 0;
            rounded += isRight && !isEqual ? 1 : 0;
            wrong += isRight ? 0 : 1;
            if (!isRight && wrong <= 3)
                output.WriteLine($"  anchor {anchor}: mined {string.Join(", ", found)}; exact {string.Join(", ", expected[anchor])}");
        }
        output.WriteLine($"{call}: mined in {seconds:F1} s, {mined.Sum(static one => one.Negatives.Count)} negative rows; of {mined.Length} anchors "
            + $"{equal} equal, {rounded} but for rounding, {wrong} wrong (exact computation: {clock.Elapsed.TotalSeconds:F0} s)");
        return wrong == 0;
    }

    private bool IsRight(
        List<Neighbour> found, List<Neighbour> exact, int wanted, double least, Func<int, double> distanceOf, Func<int, bool> isAllowed)
    {
        HashSet<int> rows = [.. found.Select(static one => one.Row)];
        if (rows.Count != found.Count || found.Count > wanted || !rows.All(isAllowed))
            return false;
        for (int i = 0; i < found.Count; i++)
        {
            if (Math.Abs(distanceOf(found[i].Row) - found[i].Distance) > Rounding || found[i].Distance < least - Rounding)
                return false;
            // Nearest first, and by their keys where a distance comes twice.
            if (i > 0 && found[i].CompareWith(found[i - 1]) <= 0)
                return false;
        }
        double farthest = found.Count < wanted ? double.PositiveInfinity : found.Max(static one => one.Distance) - Rounding;
        if (!exact.Where(one => one.Distance >= least + Rounding && one.Distance < farthest).All(one => rows.Contains(one.Row)))
            return false;
        // Of rows with the same vector those of the lesser keys are taken.
        return exact.Where(one => !rows.Contains(one.Row)).All(left => found.TrueForAll(taken =>
            taken.Row < left.Row || taken.Distance < left.Distance - Rounding || !AreTwins(taken.Row, left.Row)));
    }

    private bool AreTwins(int one, int other) => sample.Rows.AsSpan(one * sample.Dimensions, sample.Dimensions)
        .SequenceEqual(sample.Rows.AsSpan(other * sample.Dimensions, sample.Dimensions));

    private double[] VectorOf(float[] vectors, int place) =>
        Array.ConvertAll(vectors[(place * sample.Dimensions)..((place + 1) * sample.Dimensions)], static value => (double)value);
}
