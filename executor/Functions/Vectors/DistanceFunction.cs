using System.Runtime.InteropServices;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Executor.Functions.Vectors;

/// <summary>A distance between two vectors of one type, row by row; a constant operand is widened once.</summary>
/// <param name="finish">What is made of the kernel's distance, such as the inner product of its negative.</param>
internal sealed class DistanceFunction<TElements>(
    DistanceMetric metric, Func<double, double>? finish = null) : VectorFunction
    where TElements : struct, IVectorElements
{
    public override Column Evaluate(
        ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
    {
        var x = (BinaryColumn)arguments[0];
        var y = (BinaryColumn)arguments[1];
        double[] distances = new double[rowCount];
        float[] left = [], right = [];
        ReadOnlySpan<float> constantX = x.IsConstant ? TElements.Read(x[0], ref left) : default;
        ReadOnlySpan<float> constantY = y.IsConstant ? TElements.Read(y[0], ref right) : default;
        for (int row = 0; row < rowCount; row++)
        {
            if (!validity.IsAbsent && !validity[row])
                continue;
            ReadOnlySpan<float> a = x.IsConstant ? constantX : TElements.Read(x[row], ref left);
            ReadOnlySpan<float> b = y.IsConstant ? constantY : TElements.Read(y[row], ref right);
            VectorChecks.SameDimensions(a.Length, b.Length, TElements.TypeName);
            double distance = Distances.Between(metric, a, b);
            distances[row] = finish is null ? distance : finish(distance);
        }
        return new FixedColumn<double>(distances, validity);
    }
}

/// <summary>Sparse vectors in memory: dimensions, count, indexes, values.</summary>
internal static class SparseValue
{
    public const int HeaderBytes = 8;

    public static int Dimensions(ReadOnlySpan<byte> value) => MemoryMarshal.Read<int>(value);

    public static SparseView View(ReadOnlySpan<byte> value)
    {
        int count = MemoryMarshal.Read<int>(value[4..]);
        ReadOnlySpan<byte> rest = value[HeaderBytes..];
        return new SparseView(
            MemoryMarshal.Cast<byte, int>(rest[..(count * sizeof(int))]), MemoryMarshal.Cast<byte,
                float>(rest[(count * sizeof(int))..]));
    }

    /// <summary>Appends a sparse vector of elements some of which may have become zero.</summary>
    public static void AppendNonZero(
        int dimensions, ReadOnlySpan<int> indexes, ReadOnlySpan<float> values, BinaryColumnBuilder target)
    {
        int[] places = new int[values.Length];
        float[] elements = new float[values.Length];
        int count = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] == 0)
                continue;
            places[count] = indexes[i];
            elements[count++] = values[i];
        }
        SparseVector.Append(target, dimensions, places.AsSpan(0, count), elements.AsSpan(0, count));
    }
}
