using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions.Vectors;

namespace VecSQL.Executor.Functions.Families;

/// <summary>What pgvector's avg() is made of, callable by itself: a state is a float8[] of the count, then the sums.</summary>
/// <remarks>Our own <see cref="Aggregates.VectorAccumulator{T}"/> does not go this way, which copies the state for each row.</remarks>
internal static class VectorStateFunctions
{
    public static void Define(FunctionTable table)
    {
        Define<FloatElements>(table);
        Define<HalfElements>(table);
        table.Binary("vector_combine", static (in Row row, BinaryColumnBuilder target) => Combine(in row, target));
    }

    private static void Define<T>(FunctionTable table) where T : struct, IVectorElements
    {
        table.Binary(T.TypeName + "_accum", static (in Row row, BinaryColumnBuilder target) => Accumulate<T>(in row, target));
        table.Binary(T.TypeName + "_avg", static (in Row row, BinaryColumnBuilder target) => Average<T>(in row, target));
    }

    private static void Accumulate<T>(in Row row, BinaryColumnBuilder target) where T : struct, IVectorElements
    {
        ReadOnlySpan<double> state = StateOf(in row, 0, $"{T.TypeName}_accum");
        ReadOnlySpan<float> elements = T.Read(row.Bytes(1), ref VectorScratch.Left);
        double[] result = new double[elements.Length + 1];
        result[0] = state[0] + 1;
        for (int i = 0; i < elements.Length; i++)
            result[i + 1] = elements[i];
        if (state.Length > 1)
            AddSums(state, result);
        Append(result, target);
    }

    private static void Combine(in Row row, BinaryColumnBuilder target)
    {
        ReadOnlySpan<double> left = StateOf(in row, 0, "vector_combine"), right = StateOf(in row, 1, "vector_combine");
        double[] result = (right.Length > 1 ? right : left).ToArray();
        if (result.Length > 1)
            VectorChecks.Dimensions(left.Length > 1 ? left.Length - 1 : result.Length - 1, "vector");
        if (left.Length > 1 && right.Length > 1)
            AddSums(left, result);
        result[0] = left[0] + right[0];
        Append(result, target);
    }

    private static void AddSums(ReadOnlySpan<double> state, Span<double> result)
    {
        VectorChecks.Expected(state.Length - 1, result.Length - 1);
        for (int i = 1; i < result.Length; i++)
        {
            result[i] += state[i];
            if (double.IsInfinity(result[i]))
                throw NumberErrors.FloatOverflow();
        }
    }

    private static void Average<T>(in Row row, BinaryColumnBuilder target) where T : struct, IVectorElements
    {
        ReadOnlySpan<double> state = StateOf(in row, 0, $"{T.TypeName}_avg");
        if (state[0] == 0)
        {
            target.AppendNull();
            return;
        }
        VectorChecks.Dimensions(state.Length - 1, T.TypeName);
        Span<float> result = VectorScratch.Result(state.Length - 1);
        for (int i = 0; i < result.Length; i++)
            result[i] = (float)(state[i + 1] / state[0]);
        VectorChecks.Elements(result, T.TypeName);
        T.Append(result, target);
    }

    private static ReadOnlySpan<double> StateOf(in Row row, int argument, string caller)
    {
        ArrayValue state = new(row.Bytes(argument));
        return state.Dimensions == 1 && state.Count > 0 && !state.HasNulls
            ? state.Values<double>()
            : throw new SqlException(SqlState.DataException, $"{caller}: expected state array");
    }

    private static void Append(double[] state, BinaryColumnBuilder target) =>
        ArrayBuilder.Append(target, TypeOid.Float8, new FixedColumn<double>(state));
}
