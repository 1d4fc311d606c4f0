using VecSQL.Vectors.Kernels;

namespace VecSQL.Vectors.Codes;

/// <summary>A query against coded rows: rules out rows that are certainly farther than a threshold.</summary>
/// <remarks>
/// The query is coded in up to sixteen bits, so that its own error hardly counts. With x = s·c + e, |e| ≤ ε, and q̂ the
/// coded query, |q − x| ≥ |q̂ − s·c| − |q − q̂| − ε, and q·x ≤ q̂·(s·c) + |q̂|·ε + |q − q̂|·|x|.
/// Error:   every bound is lowered by what float32 may have rounded, here and in <see cref="Distances"/>.
/// Threads: immutable; any.
/// </remarks>
public sealed class CodeQuery
{
    private const int WordRows = 64, BlocksPerWord = WordRows / VectorCodes.BlockRows;

    private readonly DistanceMetric _metric;
    private readonly short[] _codes;
    private readonly CodeBound _bound;

    private CodeQuery(DistanceMetric metric, short[] codes, CodeBound bound)
    {
        _metric = metric;
        _codes = codes;
        _bound = bound;
    }

    /// <summary>Null where codes say nothing of this metric or query, or this machine's arithmetic would not gain by
    /// them.</summary>
    public static CodeQuery? Create(DistanceMetric metric, ReadOnlySpan<float> query)
    {
        if (!CodeDots.IsFast || query.IsEmpty || metric is DistanceMetric.L1)
            return null;
        return Encode(metric, query);
    }

    internal static CodeQuery? Encode(DistanceMetric metric, ReadOnlySpan<float> query)
    {
        double square = 0;
        float largest = 0;
        foreach (float value in query)
        {
            square += (double)value * value;
            largest = Math.Max(largest, Math.Abs(value));
        }
        double length = Math.Sqrt(square);
        if (!(length >= VectorCodes.LengthMin && length <= VectorCodes.LengthMax))
            return null;
        short[] codes = new short[(query.Length + 1) & ~1];
        int codeMax = (int)Math.Min(short.MaxValue, int.MaxValue / (127L * codes.Length)); // a sum of all fits in int32
        double scale = (double)largest / codeMax, inverse = 1 / scale, errorSquare = 0, codedSquare = 0;
        for (int i = 0; i < query.Length; i++)
        {
            codes[i] = (short)Math.Round(query[i] * inverse);
            double coded = scale * codes[i], error = query[i] - coded;
            errorSquare += error * error;
            codedSquare += coded * coded;
        }
        float rounding = (query.Length + 16) * MathF.Pow(2, -22);
        return new CodeQuery(metric, codes, new CodeBound((float)scale, (float)codedSquare,
            MathF.BitIncrement((float)Math.Sqrt(errorSquare)), (float)length, rounding));
    }

    /// <summary>Clears the bits of rows whose distance is certainly above the threshold.</summary>
    /// <param name="firstRow">Of the coded rows; a multiple of 64.</param>
    /// <param name="live">Bit i: row <c>firstRow + i</c>, for <paramref name="count"/> rows.</param>
    /// <exception cref="ArgumentException">The rows do not fit the codes, the live bits or the query.</exception>
    public void RuleOut(VectorCodes codes, int firstRow, int count, double threshold, Span<ulong> live)
    {
        ArgumentNullException.ThrowIfNull(codes);
        if (_codes.Length != (codes.Dimensions + 1 & ~1) || firstRow % WordRows != 0 || firstRow < 0 || count < 0
            || firstRow + (long)count > codes.RowCount || live.Length < (count + WordRows - 1) / WordRows)
            throw new ArgumentException($"{count} rows from {firstRow} of {codes.RowCount} with {live.Length} words");
        if (!(threshold < float.MaxValue))
            return; // there is room yet
        CodeLimit limit = Below(threshold);
        for (int word = 0; word * WordRows < count; word++)
        {
            ulong bits = live[word];
            for (int block = 0; block < BlocksPerWord; block++)
            {
                int row = firstRow + (word * WordRows) + (block * VectorCodes.BlockRows);
                ulong mask = 0xFFFFUL << (block * VectorCodes.BlockRows);
                if ((bits & mask) == 0 || row >= codes.RowCount)
                    continue;
                bits &= ~((ulong)Exceeded(codes, row, limit) << (block * VectorCodes.BlockRows));
            }
            live[word] = bits;
        }
    }

    /// <summary>What rows must stay below to be nearer than the threshold.</summary>
    internal CodeLimit Below(double threshold) => _bound.Below(_metric, threshold);

    /// <summary>Bit i set: row i of the block that begins with a row is farther.</summary>
    internal uint Exceeded(VectorCodes codes, int row, CodeLimit limit)
    {
        Span<int> dots = stackalloc int[VectorCodes.BlockRows];
        CodeDots.OfBlock(_codes, codes.BlockOf(row), dots);
        return limit.Exceeded(codes, row, dots);
    }

    /// <summary>Writes the codes, pair by pair, between those of other queries.</summary>
    internal void Pack(Span<short> target, int place, int places)
    {
        for (int i = 0; i < _codes.Length; i++)
            target[(((i / 2 * places) + place) * 2) + (i & 1)] = _codes[i];
    }
}
