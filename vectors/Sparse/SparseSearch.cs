using System.Numerics;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Sparse;

/// <summary>Finds the rows of an inverted index that are nearest to a query: exactly, ties and all.</summary>
/// <remarks>
/// Block by block the lists of the query's dimensions are added up, those first that may give most for what they cost to read, until
/// what is left can make up for little: then only the few rows that may still come first are looked at one by one. What a list can give
/// at most is known from its bounds, whatever the signs; blocks that cannot have a near row are passed over.
/// Error:  sums are in float32 in another order than the exact distance's, so limits are taken lower by the most that this can make.
/// Paper:  Turtle and Flood, Query evaluation: strategies and optimizations, 1995 (MaxScore).
/// Threads: one at a time.
/// </remarks>
public sealed class SparseSearch
{
    /// <summary>What looking a row up in a list costs, in values read.</summary>
    private const int LookupCost = 12;

    private readonly float[] _sums = new float[SparseBlock.RowsMax];
    private readonly ulong[] _bits = new ulong[SparseBlock.RowsMax / 64];
    private Entry[] _lists = [];
    private (float Score, int Row)[] _found = new (float, int)[64];

    /// <summary>Values read in all searches since the last reset.</summary>
    public long PostingsRead { get; private set; }

    /// <summary>Rows whose exact distance was computed.</summary>
    public long RowsMeasured { get; private set; }

    public void Reset() => (PostingsRead, RowsMeasured) = (0, 0);

    /// <param name="query">Of the index's dimensions; for cosine not zero.</param>
    /// <param name="visible">Bit i set: row i counts. Empty for all.</param>
    /// <param name="wanted">How many rows are looked for.</param>
    public void Run(
        SparseIndex index, SparseView query, ReadOnlySpan<ulong> visible, int wanted, ISparseTarget target, CancellationToken cancellation)
    {
        if (_lists.Length < query.Count)
            _lists = new Entry[query.Count];
        float square = ScalarDistances.InnerProduct(query.Values, query.Values);
        target.Settle();
        for (int block = 0; block < index.Blocks.Length; block++)
        {
            cancellation.ThrowIfCancellationRequested();
            int first = block * SparseBlock.RowsMax;
            ReadOnlySpan<ulong> seen = visible.IsEmpty ? default : visible[(first >> 6)..];
            if (!visible.IsEmpty && !seen[..((index.Blocks[block].Rows + 63) >> 6)].ContainsAnyExcept(0UL))
                continue;
            Work work = new(index.Metric, query, square, index.Blocks[block], first, wanted);
            RunBlock(work, FindLists(work), seen, target);
        }
    }

    /// <summary>The lists of the query's dimensions, those first that may give most for what they cost.</summary>
    private Span<Entry> FindLists(Work work)
    {
        ReadOnlySpan<int> dimensions = work.Block.Dimensions;
        int count = 0, from = 0;
        for (int i = 0; i < work.Query.Count && from < dimensions.Length; i++)
        {
            int list = dimensions[from..].BinarySearch(work.Query.Indexes[i]);
            if (list < 0)
            {
                from += ~list;
                continue;
            }
            list += from;
            from = list + 1;
            float value = work.Query.Values[i] * work.Factor;
            float low = value * work.Block.LeastOf(list), high = value * work.Block.GreatestOf(list);
            int cost = work.Block.WeightsOf(list).Length;
            if (work.Block.PositionsOf(list).IsEmpty)
                cost /= 4; // read in order
            _lists[count++] = new Entry(list, i, cost, Math.Max(0, Math.Max(low, high)), Math.Max(Math.Abs(low), Math.Abs(high)));
        }
        Span<Entry> found = _lists.AsSpan(0, count);
        found.Sort(static (x, y) => (y.Gain * (double)(x.Cost + 1)).CompareTo(x.Gain * (double)(y.Cost + 1)));
        return found;
    }

    private void RunBlock(Work work, ReadOnlySpan<Entry> lists, ReadOnlySpan<ulong> seen, ISparseTarget target)
    {
        Span<float> sums = _sums.AsSpan(0, work.Block.Rows);
        double rest = 0, size = 0;
        long cost = 0;
        foreach (Entry list in lists)
            (rest, size, cost) = (rest + list.Gain, size + list.Size, cost + list.Cost);
        double error = work.ErrorOf(size), limit = work.ScoreOf(target.Threshold) - error;
        if (rest + work.StartMax < limit)
            return;
        if (double.IsInfinity(error))
        {
            MeasureAll(work, seen, target);
            return;
        }
        sums.Clear();
        int candidates = sums.Length;
        for (int next = 0; next < lists.Length; next++)
        {
            Entry list = lists[next];
            if (rest + work.StartMax < limit && list.Cost > sums.Length / 8)
                candidates = Find(work, sums, limit - rest);
            if ((long)candidates * lists.Length * LookupCost <= cost)
                break;
            ReadOnlySpan<ushort> positions = work.Block.PositionsOf(list.List);
            ReadOnlySpan<float> weights = work.Block.WeightsOf(list.List);
            float value = work.Query.Values[list.Term] * work.Factor;
            if (positions.IsEmpty)
                PostingSums.AddAll(sums, weights, value);
            else
                PostingSums.Add(sums, positions, weights, value);
            PostingsRead += weights.Length;
            rest = Math.Max(0, rest - list.Gain);
            cost -= list.Cost;
        }
        if (Find(work, sums, limit - rest) > 0)
            Measure(work, Candidates(work, sums, seen), rest + error, target);
    }

    private int Find(Work work, ReadOnlySpan<float> sums, double limit) =>
        PostingSums.FindLarge(sums, work.Block.Terms, work.IsCosine, Below(limit), _bits);

    /// <summary>A float that is not greater.</summary>
    private static float Below(double limit) => double.IsNegativeInfinity(limit) ? float.NegativeInfinity : MathF.BitDecrement((float)limit);

    /// <summary>The rows whose bits are set and that are seen, the best first.</summary>
    private Span<(float Score, int Row)> Candidates(Work work, ReadOnlySpan<float> sums, ReadOnlySpan<ulong> seen)
    {
        int count = 0;
        for (int word = 0; word << 6 < sums.Length; word++)
        {
            for (ulong bits = _bits[word] & (seen.IsEmpty ? ulong.MaxValue : seen[word]); bits != 0; bits &= bits - 1)
            {
                int row = (word << 6) + BitOperations.TrailingZeroCount(bits);
                float term = work.Block.Terms[row];
                if (count == _found.Length)
                    Array.Resize(ref _found, 2 * count);
                _found[count++] = (work.IsCosine ? sums[row] * term : sums[row] + term, row);
            }
        }
        Span<(float Score, int Row)> found = _found.AsSpan(0, count);
        found.Sort(static (x, y) => y.Score != x.Score ? y.Score.CompareTo(x.Score) : x.Row.CompareTo(y.Row));
        return found;
    }

    /// <param name="more">What a score may lack at most.</param>
    private void Measure(Work work, ReadOnlySpan<(float Score, int Row)> candidates, double more, ISparseTarget target)
    {
        int unsettled = 0;
        foreach ((float score, int row) in candidates)
        {
            if (score + more < work.ScoreOf(target.Threshold))
                break;
            if (work.Metric == DistanceMetric.L2)
                target.Measure(work.First + row);
            else
                target.Offer(work.First + row, Distance(work, row));
            RowsMeasured++;
            if (++unsettled >= work.Wanted)
            {
                target.Settle();
                unsettled = 0;
            }
        }
        if (unsettled > 0)
            target.Settle();
    }

    /// <summary>For numbers beyond what sums can hold.</summary>
    private void MeasureAll(Work work, ReadOnlySpan<ulong> seen, ISparseTarget target)
    {
        for (int row = 0; row < work.Block.Rows; row++)
        {
            bool counts = !float.IsNaN(work.Block.Squares[row]) && (seen.IsEmpty || (seen[row >> 6] >> (row & 63) & 1) != 0);
            if (!counts)
                continue;
            target.Measure(work.First + row);
            RowsMeasured++;
        }
        target.Settle();
    }

    /// <summary>Bit for bit what <see cref="SparseDistances"/> gives: the products in the order of the dimensions.</summary>
    private static double Distance(Work work, int row)
    {
        ReadOnlySpan<int> dimensions = work.Block.Dimensions;
        float dot = 0;
        int from = 0;
        for (int i = 0; i < work.Query.Count && from < dimensions.Length; i++)
        {
            int list = dimensions[from..].BinarySearch(work.Query.Indexes[i]);
            if (list < 0)
            {
                from += ~list;
                continue;
            }
            from += list + 1;
            dot += work.Block.WeightOf(from - 1, row) * work.Query.Values[i];
        }
        return work.IsCosine ? ScalarDistances.Cosine(dot, work.Block.Squares[row], work.Square) : -(double)dot;
    }

    /// <param name="Gain">What it adds to a row's score at most.</param>
    /// <param name="Size">The most that a product of it comes to, of either sign.</param>
    private readonly record struct Entry(int List, int Term, int Cost, float Gain, float Size);

    /// <summary>A block to search, and how scores and distances go together there: the greater the score, the nearer the row.</summary>
    private readonly ref struct Work
    {
        private const double Epsilon = 1.2e-7; // of float32: twice what one rounding makes

        internal Work(DistanceMetric metric, SparseView query, float square, SparseBlock block, int first, int wanted)
        {
            (Metric, Square, Block, First, Wanted) = (metric, square, block, first, wanted);
            Query = query;
            IsCosine = metric == DistanceMetric.Cosine;
            Factor = metric == DistanceMetric.L2 ? 2 : IsCosine ? (float)(1 / Math.Sqrt(square)) : 1;
        }

        internal DistanceMetric Metric { get; }

        internal bool IsCosine { get; }

        internal SparseView Query { get; }

        /// <summary>The query's squared length.</summary>
        internal float Square { get; }

        internal SparseBlock Block { get; }

        /// <summary>The position of the block's first row.</summary>
        internal int First { get; }

        internal int Wanted { get; }

        /// <summary>What the query's values are multiplied by: a score is the inner product for negative inner products, twice that less
        /// the row's square for L2, and that over both lengths for cosine.</summary>
        internal float Factor { get; }

        /// <summary>The most that a row scores which shares no dimension with the query.</summary>
        internal double StartMax => Metric == DistanceMetric.L2 ? -Block.SquareMin : 0;

        internal double ScoreOf(double distance) => Metric switch
        {
            DistanceMetric.L2 => Square - (distance * distance),
            DistanceMetric.Cosine => 1 - distance,
            _ => -distance,
        };

        /// <summary>By how much a score may be off, and the distance that it is held against; infinite where numbers overflow.</summary>
        /// <param name="size">The most that the products of a row come to, of either sign.</param>
        internal double ErrorOf(double size)
        {
            double roundings = Epsilon * (Query.Count + Block.RowValuesMax + 8);
            double most = roundings * (Metric switch
            {
                DistanceMetric.L2 => size + Square + Block.SquareMax,
                DistanceMetric.Cosine => size + 1,
                _ => size,
            });
            return most < float.MaxValue && Block.SquareMax < float.MaxValue && Square < float.MaxValue ? most : double.PositiveInfinity;
        }
    }
}
