using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Functions.Vectors;

namespace VecSQL.Executor.Functions.Aggregates;

/// <summary>avg() and sum() of vector and halfvec: element by element, null over no rows.</summary>
/// <remarks>As in pgvector, sum adds in the type's own precision, avg in double precision.</remarks>
internal sealed class VectorAccumulator<T>(bool isAverage) : Accumulator where T : struct, IVectorElements
{
    private double[]?[] _sums = new double[]?[1];
    private long[] _counts = new long[1];
    private long _elementBytes;

    public override long SizeBytes => (_sums.Length * 32L) + _elementBytes;

    public override void Resize(int groupCount)
    {
        GroupStates.Grow(ref _sums, groupCount);
        GroupStates.Grow(ref _counts, groupCount);
    }

    public override void Add(
        ReadOnlySpan<Column> arguments, ReadOnlySpan<int> groups, int rowCount, EvaluationContext context)
    {
        var column = (BinaryColumn)arguments[0];
        float[] scratch = [];
        for (int row = 0; row < rowCount; row++)
        {
            if (column.IsNull(row))
                continue;
            int group = GroupStates.GroupOf(groups, row);
            ReadOnlySpan<float> elements = T.Read(column[row], ref scratch);
            double[] sums = SumsOf(group, elements.Length);
            for (int i = 0; i < sums.Length; i++)
                sums[i] = Round(sums[i] + elements[i]);
            _counts[group]++;
        }
    }

    public override void Merge(Accumulator other, ReadOnlySpan<int> groups)
    {
        var source = (VectorAccumulator<T>)other;
        for (int i = 0; i < groups.Length; i++)
        {
            if (source._sums[i] is not { } added)
                continue;
            double[] sums = SumsOf(groups[i], added.Length);
            for (int j = 0; j < sums.Length; j++)
                sums[j] = Round(sums[j] + added[j]);
            _counts[groups[i]] += source._counts[i];
        }
    }

    public override Column Finish(int start, int count, EvaluationContext context)
    {
        var target = new BinaryColumnBuilder(count);
        for (int group = start; group < start + count; group++)
        {
            if (_sums[group] is not { } sums)
            {
                target.AppendNull();
                continue;
            }
            Span<float> result = VectorScratch.Result(sums.Length);
            for (int i = 0; i < result.Length; i++)
                result[i] = (float)(isAverage ? sums[i] / _counts[group] : sums[i]);
            if (isAverage)
                VectorChecks.Elements(result, T.TypeName);
            T.Append(result, target);
        }
        return target.Build();
    }

    private double[] SumsOf(int group, int dimensions)
    {
        double[]? sums = _sums[group];
        if (sums is null)
        {
            _sums[group] = sums = new double[dimensions];
            _elementBytes += dimensions * sizeof(double);
        }
        else if (isAverage)
        {
            VectorChecks.Expected(sums.Length, dimensions);
        }
        else
        {
            VectorChecks.SameDimensions(sums.Length, dimensions, T.TypeName);
        }
        return sums;
    }

    private double Round(double sum)
    {
        if (isAverage)
            return double.IsInfinity(sum) ? throw NumberErrors.FloatOverflow() : sum;
        float rounded = typeof(T) == typeof(HalfElements) ? (float)(Half)(float)sum : (float)sum;
        return float.IsInfinity(rounded) ? throw NumberErrors.FloatOverflow() : rounded;
    }
}
