using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>The distances that conditions are true of: an interval.</summary>
/// <remarks>Found by trying, so that its ends are the last numbers that the conditions themselves take, however their arithmetic rounds.</remarks>
/// <param name="Floor">Distances must be greater; negative infinity for no such bound.</param>
/// <param name="Radius">Distances must not be greater.</param>
/// <param name="KeepsNaN">Whether what is not a number meets the conditions too.</param>
internal sealed record SearchBounds(double Floor, double Radius, bool KeepsNaN)
{
    /// <summary>No distance of vectors of finite numbers is greater.</summary>
    private const double DistanceMax = 1e82;

    private const int TriesAtOnce = 64;

    internal bool HasFloor => !double.IsNegativeInfinity(Floor);

    /// <param name="within">True up to some distance; null for always.</param>
    /// <param name="beyond">True from some distance on; null for always.</param>
    /// <param name="isNegative">Whether distances may be below zero.</param>
    internal static SearchBounds Of(VectorExpression? within, VectorExpression? beyond, bool isNegative, EvaluationContext context)
    {
        double least = isNegative ? -DistanceMax : 0;
        bool keepsNaN = (within is null || Holds(within, [double.NaN], isTrue: true, context)[0])
            && (beyond is null || Holds(beyond, [double.NaN], isTrue: true, context)[0]);
        return new SearchBounds(beyond is null ? double.NegativeInfinity : Last(beyond, isTrue: false, least, context),
            within is null ? double.PositiveInfinity : Last(within, isTrue: true, least, context), keepsNaN);
    }

    /// <summary>The greatest distance of which the condition is true, or is not; it is so of all that are smaller.</summary>
    private static double Last(VectorExpression condition, bool isTrue, double least, EvaluationContext context)
    {
        long low = KeyOf(least), high = KeyOf(DistanceMax);
        bool[] atEnds = Holds(condition, [NumberOf(low), NumberOf(high)], isTrue, context);
        if (!atEnds[0])
            return double.NegativeInfinity;
        if (atEnds[1])
            return double.PositiveInfinity;
        while (true) // it holds at low, not at high
        {
            Int128 between = (Int128)high - low - 1;
            int count = (int)Int128.Min(TriesAtOnce, between);
            if (count == 0)
                return NumberOf(low);
            long[] keys = new long[count];
            for (int i = 0; i < count; i++)
                keys[i] = (long)(low + ((between + 1) * (i + 1) / (count + 1)));
            bool[] holds = Holds(condition, Array.ConvertAll(keys, NumberOf), isTrue, context);
            int first = Array.IndexOf(holds, false);
            (low, high) = (first == 0 ? low : first < 0 ? keys[^1] : keys[first - 1], first < 0 ? high : keys[first]);
        }
    }

    private static bool[] Holds(VectorExpression condition, double[] distances, bool isTrue, EvaluationContext context)
    {
        Column truth = CompiledExpressions.Evaluate(
            condition, new ColumnBatch([new FixedColumn<double>(distances)], distances.Length), context);
        int[] rows = new int[distances.Length];
        bool[] holds = new bool[distances.Length];
        holds.AsSpan().Fill(!isTrue);
        foreach (int row in rows.AsSpan(0, RowSelection.WriteTrue(truth, rows)))
            holds[row] = isTrue;
        return holds;
    }

    // Whole numbers in the order of the numbers whose bits they are.
    private static long KeyOf(double number)
    {
        long bits = BitConverter.DoubleToInt64Bits(number);
        return bits >= 0 ? bits : long.MinValue - bits;
    }

    private static double NumberOf(long key) => BitConverter.Int64BitsToDouble(key >= 0 ? key : long.MinValue - key);
}
