using VecSQL.Planner.Physical;
using VecSQL.Vectors.Kernels;
using VecSQL.Vectors.Mining;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Executor.Operators.Mining;

/// <summary>What all blocks of a mining share.</summary>
/// <param name="Groups">Null where anchors are queries.</param>
/// <param name="PositiveOf">The row that each query goes with; null where that is not known.</param>
/// <param name="Wanted">The anchors to mine for, ascending.</param>
internal sealed record MiningTask(
    MiningKind Kind, MiningSettings Settings, MiningRows Rows, MiningRows Anchors, MiningRule Rule, LabelGroups? Groups, int[]? PositiveOf,
    int[] Wanted);

/// <summary>Mines for some anchors.</summary>
/// <remarks>What it finds for an anchor depends on that anchor alone, so that blocks may be of any size and done in any order.</remarks>
/// <param name="candidates">For each anchor the rows among which negative ones are looked for; null for all.</param>
internal sealed class MiningBlock(MiningTask task, ReadOnlyMemory<int> anchors, int[][]? candidates)
{
    private const int TriesPerRow = 64; // at random, before all rows are looked at

    private readonly List<int> _positives = []; // of all anchors, one anchor's after the other's
    private readonly List<double> _positiveDistances = [];
    private readonly int[] _positiveStarts = new int[anchors.Length + 1];
    private readonly List<int> _taken = []; // an anchor's negative rows
    private readonly HashSet<int> _isTaken = [];

    internal List<MinedRow> Found { get; } = [];

    private MiningSettings Settings => task.Settings;

    /// <summary>Negative rows that an anchor needs.</summary>
    private int Wanted => WantedOf(task);

    /// <summary>Collectors of an anchor's negative rows: one for each triplet where their positive rows differ in how near these may be.</summary>
    private int PerAnchor => PerAnchorOf(task);

    /// <summary>Memory for what is found for an anchor, at most.</summary>
    internal static long BytesOfAnchor(MiningTask task)
    {
        MiningSettings settings = task.Settings;
        long wanted = Math.Min(NearestOf(settings, WantedOf(task)), task.Rows.Count);
        return (PerAnchorOf(task) * TopK.BytesFor(wanted)) + ((settings.Positives + WantedOf(task)) * MinedRow.Bytes);
    }

    internal void Run(CancellationToken cancellation)
    {
        for (int i = 0; i < anchors.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            FindPositives(anchors.Span[i]);
            _positiveStarts[i + 1] = _positives.Count;
        }
        bool isAny = Settings is { NegativeChoice: MiningChoice.Random, RangeMax: null };
        TopK[]? nearest = Wanted > 0 && (!isAny || candidates is not null) ? Search(isAny, cancellation) : null;
        for (int i = 0; i < anchors.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            Emit(i, nearest);
        }
    }

    private static int WantedOf(MiningTask task) => task.Kind == MiningKind.Pairs ? task.Settings.Negatives : task.Settings.Count;

    private static int PerAnchorOf(MiningTask task) =>
        task.Kind == MiningKind.Triplets && task.Settings.Margin is not null ? task.Settings.Count : 1;

    /// <summary>How many of the nearest rows are looked at.</summary>
    private static int NearestOf(MiningSettings settings, int wanted) => settings.RangeMax ?? (settings.RangeMin + wanted);

    private void FindPositives(int anchor)
    {
        int start = _positives.Count;
        if (task.Groups is not { } groups)
        {
            if (task.PositiveOf is { } known)
                _positives.Add(known[anchor]);
        }
        else
        {
            int wanted = task.Kind == MiningKind.Pairs ? Settings.Positives : Settings.Count;
            if (Settings.PositiveChoice == MiningChoice.Random)
            {
                var chance = new SplitMix(task.Anchors.Hashes[anchor]);
                groups.Draw(anchor, wanted, ref chance, _positives);
            }
            else
            {
                FindExtremes(anchor, groups, wanted);
            }
        }
        for (int i = start; i < _positives.Count; i++)
            _positiveDistances.Add(DistanceOf(anchor, _positives[i]));
    }

    /// <summary>The farthest rows of an anchor's label, or the nearest.</summary>
    private void FindExtremes(int anchor, LabelGroups groups, int wanted)
    {
        var best = new TopK(wanted);
        int sign = Settings.PositiveChoice == MiningChoice.Farthest ? -1 : 1;
        foreach (int row in groups.Of(anchor))
        {
            if (row != anchor && DistanceOf(anchor, row) is var distance && !double.IsNaN(distance))
                best.Offer(sign * distance, row);
        }
        foreach ((_, long row) in best.Sorted())
            _positives.Add((int)row);
    }

    private double DistanceOf(int anchor, int row) =>
        Distances.Between(Settings.Metric, task.Rows.VectorOf(row), task.Anchors.VectorOf(anchor));

    /// <param name="isAny">All candidates will do.</param>
    private TopK[] Search(bool isAny, CancellationToken cancellation)
    {
        int wanted = isAny ? int.MaxValue / 4 : NearestOf(Settings, Wanted);
        var nearest = new TopK[anchors.Length * PerAnchor];
        double[] least = new double[nearest.Length];
        for (int i = 0; i < nearest.Length; i++)
        {
            nearest[i] = new TopK(wanted);
            least[i] = LeastOf(i / PerAnchor, i % PerAnchor);
        }
        if (candidates is not null)
        {
            SearchCandidates(candidates, least, nearest);
            return nearest;
        }
        int dimensions = task.Rows.Dimensions;
        float[] vectors = GC.AllocateUninitializedArray<float>(anchors.Length * dimensions);
        for (int i = 0; i < anchors.Length; i++)
            task.Anchors.VectorOf(anchors.Span[i]).CopyTo(vectors.AsSpan(i * dimensions));
        ExactMiner.Find(Settings.Metric, dimensions, task.Rows.Vectors.Span, vectors, task.Rule.Of(anchors, least), nearest, cancellation);
        return nearest;
    }

    private void SearchCandidates(int[][] lists, double[] least, TopK[] nearest)
    {
        for (int i = 0; i < lists.Length; i++)
        {
            foreach (int row in lists[i])
            {
                if (!task.Rule.Allows(anchors.Span[i], row))
                    continue;
                double distance = DistanceOf(anchors.Span[i], row);
                for (int collector = i * PerAnchor; collector < (i + 1) * PerAnchor; collector++)
                {
                    if (distance >= least[collector])
                        nearest[collector].Offer(distance, row);
                }
            }
        }
    }

    /// <summary>How near a negative row may be: by the positive row of a triplet, or by the farthest of an anchor's.</summary>
    private double LeastOf(int anchor, int triplet)
    {
        if (Settings.Margin is not { } margin || PositiveCount(anchor) is 0)
            return double.NegativeInfinity;
        if (task.Kind == MiningKind.Triplets)
            return _positiveDistances[PositiveAt(anchor, triplet)] + margin;
        double farthest = double.NegativeInfinity;
        for (int i = _positiveStarts[anchor]; i < _positiveStarts[anchor + 1]; i++)
            farthest = Math.Max(farthest, _positiveDistances[i]);
        return farthest + margin;
    }

    private int PositiveCount(int anchor) => _positiveStarts[anchor + 1] - _positiveStarts[anchor];

    /// <summary>The positive row of a triplet; they come again where there are fewer.</summary>
    private int PositiveAt(int anchor, int triplet) => _positiveStarts[anchor] + (triplet % PositiveCount(anchor));

    private void Emit(int anchor, TopK[]? nearest)
    {
        _taken.Clear();
        _isTaken.Clear();
        int rank = 0;
        switch (task.Kind)
        {
            case MiningKind.Triplets:
                for (int i = 0; PositiveCount(anchor) > 0 && i < Settings.Count; i++)
                    EmitNegatives(anchor, i, PositiveAt(anchor, i), 1, nearest, ref rank);
                break;
            case MiningKind.Pairs:
                for (int i = _positiveStarts[anchor]; i < _positiveStarts[anchor + 1]; i++)
                    Found.Add(new MinedRow(anchors.Span[anchor], -1, _positives[i], ++rank, double.NaN, _positiveDistances[i], IsPositive: true));
                EmitNegatives(anchor, 0, -1, Wanted, nearest, ref rank);
                break;
            default:
                EmitNegatives(anchor, 0, PositiveCount(anchor) > 0 ? _positiveStarts[anchor] : -1, Wanted, nearest, ref rank);
                break;
        }
    }

    /// <param name="search">Of the anchor's.</param>
    /// <param name="positive">Where among the positive rows the one is that goes with these; −1 for none.</param>
    private void EmitNegatives(int anchor, int search, int positive, int wanted, TopK[]? nearest, ref int rank)
    {
        int start = _taken.Count;
        if (nearest is null)
        {
            DrawAny(anchors.Span[anchor], wanted, LeastOf(anchor, search));
        }
        else
        {
            ReadOnlySpan<(double Distance, long Row)> all = nearest[(anchor * PerAnchor) + (search % PerAnchor)].Sorted();
            Choose(anchors.Span[anchor], all[Math.Min(Settings.RangeMin, all.Length)..], wanted);
        }
        for (int i = start; i < _taken.Count; i++)
        {
            Found.Add(new MinedRow(anchors.Span[anchor], positive < 0 ? -1 : _positives[positive], _taken[i], ++rank,
                positive < 0 ? double.NaN : _positiveDistances[positive], DistanceOf(anchors.Span[anchor], _taken[i]), IsPositive: false));
        }
    }

    /// <summary>Takes the nearest of those found, or any of them.</summary>
    private void Choose(int anchor, ReadOnlySpan<(double Distance, long Row)> found, int wanted)
    {
        bool isRandom = Settings.NegativeChoice == MiningChoice.Random;
        var left = new List<int>(isRandom ? found.Length : wanted);
        foreach ((_, long row) in found)
        {
            if (!isRandom && left.Count == wanted)
                break;
            if (!_isTaken.Contains((int)row))
                left.Add((int)row);
        }
        SplitMix chance = ChanceOf(anchor);
        for (int i = 0; i < wanted && i < left.Count; i++)
        {
            int at = isRandom ? i + chance.Next(left.Count - i) : i;
            (left[i], left[at]) = (left[at], left[i]);
            Take(left[i]);
        }
    }

    /// <summary>Takes any negative rows, each at most once.</summary>
    private void DrawAny(int anchor, int wanted, double least)
    {
        SplitMix chance = ChanceOf(anchor);
        int end = _taken.Count + wanted, rows = task.Rows.Count;
        for (int tries = wanted * TriesPerRow; tries > 0 && _taken.Count < end; tries--)
            TryTake(anchor, chance.Next(rows), least);
        if (_taken.Count == end)
            return;
        for (int i = 0, start = chance.Next(rows); i < rows && _taken.Count < end; i++) // negative rows are few
            TryTake(anchor, (int)(((long)start + i) % rows), least);
    }

    private void TryTake(int anchor, int row, double least)
    {
        if (task.Rule.Allows(anchor, row) && !_isTaken.Contains(row)
            && (double.IsNegativeInfinity(least) || DistanceOf(anchor, row) >= least))
            Take(row);
    }

    private void Take(int row)
    {
        _taken.Add(row);
        _isTaken.Add(row);
    }

    private SplitMix ChanceOf(int anchor) => new(task.Anchors.Hashes[anchor] + (ulong)_taken.Count + 1);
}
