using System.Buffers;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Executor.Functions.Vectors;

/// <summary>Arrays of vectors as MaxSim takes them: their vectors in order, whatever the array's shape, without nulls.</summary>
internal static class MultiVectors
{
    /// <exception cref="Core.Errors.SqlException">22000: the array's vectors differ in length.</exception>
    public static MaxSimQuery Query<T>(ReadOnlySpan<byte> value) where T : struct, IVectorElements
    {
        ArrayValue array = new(value);
        int dimensions = DimensionsOf<T>(array);
        float[] scratch = [];
        return new MaxSimQuery(dimensions == 0 ? default : T.Read(array.VariableData, ref scratch), dimensions);
    }

    /// <summary>The distance of an array to the query.</summary>
    /// <exception cref="Core.Errors.SqlException">22000: vectors of one are not as long as those of the other.</exception>
    public static float Distance<T>(MaxSimQuery query, ReadOnlySpan<byte> value) where T : struct, IVectorElements
    {
        if (query.Count == 0)
            return 0;
        ArrayValue array = new(value);
        int dimensions = DimensionsOf<T>(array);
        if (dimensions == 0)
            return query.Distance(default);
        VectorChecks.SameDimensions(dimensions, query.Dimensions, T.TypeName);
        ReadOnlySpan<byte> data = array.VariableData;
        if (T.SizeBytes == sizeof(float))
            return query.Distance(MemoryMarshal.Cast<byte, float>(data));
        float[] wide = ArrayPool<float>.Shared.Rent(data.Length / T.SizeBytes);
        Span<float> vectors = wide.AsSpan(0, data.Length / T.SizeBytes);
        Halves.Widen(MemoryMarshal.Cast<byte, Half>(data), vectors);
        float distance = query.Distance(vectors);
        ArrayPool<float>.Shared.Return(wide);
        return distance;
    }

    private static int DimensionsOf<T>(ArrayValue array) where T : struct, IVectorElements
    {
        int length = array.CommonLength(out int other);
        if (other != 0)
            VectorChecks.SameDimensions(length / T.SizeBytes, other / T.SizeBytes, T.TypeName);
        return length / T.SizeBytes;
    }
}

/// <summary>max_sim(document, query): the query is packed once where it is a constant.</summary>
internal sealed class MaxSimFunction<T> : VectorFunction where T : struct, IVectorElements
{
    public override Column Evaluate(ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
    {
        var documents = (BinaryColumn)arguments[0];
        var queries = (BinaryColumn)arguments[1];
        float[] distances = new float[rowCount];
        MaxSimQuery? constant = null;
        for (int row = 0; row < rowCount; row++)
        {
            if (!validity.IsAbsent && !validity[row])
                continue;
            MaxSimQuery query = constant ?? MultiVectors.Query<T>(queries[row]);
            if (queries.IsConstant)
                constant = query;
            distances[row] = MultiVectors.Distance<T>(query, documents[row]);
        }
        return new FixedColumn<float>(distances, validity);
    }
}
