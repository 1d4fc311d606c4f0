using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Families;

/// <summary>What the aggregates of floats are made of, callable by themselves: a state is a float8[] of the count, sums, and sums of squares.</summary>
/// <remarks>Paper: Youngs and Cramer, "Some Results Relevant to Choice of Sum and Sum-of-Product Algorithms".</remarks>
internal static class FloatStateFunctions
{
    private const int OneVariable = 3, TwoVariables = 6;

    public static void Define(FunctionTable table)
    {
        table.Binary("float4_accum", static (in Row row, BinaryColumnBuilder target) => Accumulate(in row, row.Float4(1), target));
        table.Binary("float8_accum", static (in Row row, BinaryColumnBuilder target) => Accumulate(in row, row.Float8(1), target));
        table.Binary("float8_combine", static (in Row row, BinaryColumnBuilder target) => Combine(in row, OneVariable, target));
        table.Binary("float8_regr_accum", static (in Row row, BinaryColumnBuilder target) => AccumulatePair(in row, target));
        table.Binary("float8_regr_combine", static (in Row row, BinaryColumnBuilder target) => Combine(in row, TwoVariables, target));
        table.Bool("booland_statefunc", static (in Row row) => row.Bool(0) && row.Bool(1));
        table.Bool("boolor_statefunc", static (in Row row) => row.Bool(0) || row.Bool(1));
    }

    private static void Accumulate(in Row row, double value, BinaryColumnBuilder target)
    {
        double[] state = StateOf(in row, 0, OneVariable);
        Append(target, Add(state, [value]));
    }

    private static void AccumulatePair(in Row row, BinaryColumnBuilder target)
    {
        double[] state = StateOf(in row, 0, TwoVariables);
        Append(target, Add(state, [row.Float8(2), row.Float8(1)])); // the dependent variable is given first
    }

    /// <summary>The state: count, then for each variable its sum and its squares, then the products of two.</summary>
    private static double[] Add(double[] state, ReadOnlySpan<double> values)
    {
        double before = state[0], count = before + 1;
        double[] next = [count, .. state.AsSpan(1)];
        double scale = before > 0 ? 1 / (count * before) : 0;
        Span<double> deviations = stackalloc double[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            next[1 + (2 * i)] += values[i];
            deviations[i] = (values[i] * count) - next[1 + (2 * i)];
            if (before > 0)
                next[2 + (2 * i)] += deviations[i] * deviations[i] * scale;
            else if (!double.IsFinite(values[i]))
                next[2 + (2 * i)] = double.NaN;
        }
        if (values.Length == 2 && before > 0)
            next[5] += deviations[0] * deviations[1] * scale;
        return Checked(next, state, values);
    }

    private static void Combine(in Row row, int length, BinaryColumnBuilder target)
    {
        double[] left = StateOf(in row, 0, length), right = StateOf(in row, 1, length);
        if (left[0] == 0 || right[0] == 0)
        {
            Append(target, left[0] == 0 ? right : left);
            return;
        }
        double count = left[0] + right[0], share = left[0] * right[0] / count;
        double[] sum = new double[length];
        sum[0] = count;
        Span<double> apart = stackalloc double[length / 2];
        for (int i = 1; i + 1 < length; i += 2)
        {
            apart[i / 2] = (left[i] / left[0]) - (right[i] / right[0]);
            sum[i] = left[i] + right[i];
            sum[i + 1] = left[i + 1] + right[i + 1] + (share * apart[i / 2] * apart[i / 2]);
        }
        if (length == TwoVariables)
            sum[5] = left[5] + right[5] + (share * apart[0] * apart[1]);
        Append(target, Checked(sum, left, right));
    }

    /// <summary>Infinite sums of finite values are too large; those of infinite ones have no squares.</summary>
    private static double[] Checked(double[] state, double[] before, ReadOnlySpan<double> values)
    {
        if (!Array.Exists(state, double.IsInfinity))
            return state;
        bool wasInfinite = Array.Exists(before, double.IsInfinity);
        foreach (double value in values)
            wasInfinite |= double.IsInfinity(value);
        if (!wasInfinite)
            throw NumberErrors.FloatOverflow();
        for (int i = 2; i < state.Length; i += 2)
            state[i] = double.IsInfinity(state[i]) ? double.NaN : state[i];
        return state;
    }

    private static double[] StateOf(in Row row, int argument, int length)
    {
        ArrayValue state = new(row.Bytes(argument));
        return state.Dimensions == 1 && state.Count == length && !state.HasNulls
            ? state.Values<double>().ToArray()
            : throw new SqlException(SqlState.DataException, $"expected {length}-element float8 array");
    }

    private static void Append(BinaryColumnBuilder target, double[] state) =>
        ArrayBuilder.Append(target, TypeOid.Float8, new FixedColumn<double>(state));
}
