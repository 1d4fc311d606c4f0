using System.Runtime.InteropServices;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;
using VecSQL.Executor.Functions.Vectors;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Executor.Functions.Families;

/// <summary>vector and halfvec: distances, arithmetic, comparison, parts; as pgvector has them.</summary>
internal static class VectorFunctions
{
    public static void Define(FunctionTable table)
    {
        // pgvector names vector's own functions without a prefix and halfvec's with one.
        Define<FloatElements>(table, "", "vector_");
        Define<HalfElements>(table, "halfvec_", "halfvec_");
        table.Vector("max_sim", new MaxSimFunction<FloatElements>());
        table.Vector("halfvec_max_sim", new MaxSimFunction<HalfElements>());
        DefineConversions(table);
    }

    private static void DefineConversions(FunctionTable table)
    {
        table.Binary("halfvec_to_vector", static (in Row row, BinaryColumnBuilder target) =>
            VectorCasts.HalfToVector(Halves(in row), row.Int4(1), target));
        table.Binary("vector_to_halfvec", static (in Row row, BinaryColumnBuilder target) =>
            VectorCasts.VectorToHalf(Floats(in row), row.Int4(1), target));
        table.Binary("vector_to_float4", static (in Row row, BinaryColumnBuilder target) =>
            VectorCasts.VectorToArray(Floats(in row), target));
        table.Binary("halfvec_to_float4", static (in Row row, BinaryColumnBuilder target) =>
            VectorCasts.HalfToArray(Halves(in row), target));
        table.Binary("array_to_vector", static (in Row row, BinaryColumnBuilder target) =>
            VectorCasts.ArrayToVector(new ArrayValue(row.Bytes(0)), row.Int4(1), target));
        table.Binary("array_to_halfvec", static (in Row row, BinaryColumnBuilder target) =>
            VectorCasts.ArrayToHalf(new ArrayValue(row.Bytes(0)), row.Int4(1), target));
    }

    public static ReadOnlySpan<float> Floats(in Row row) => MemoryMarshal.Cast<byte, float>(row.Bytes(0));

    public static ReadOnlySpan<Half> Halves(in Row row) => MemoryMarshal.Cast<byte, Half>(row.Bytes(0));

    private static void Define<T>(FunctionTable table, string prefix, string inner) where T : struct, IVectorElements
    {
        table.Vector(prefix + "l2_distance", new DistanceFunction<T>(DistanceMetric.L2));
        table.Vector(prefix + "l1_distance", new DistanceFunction<T>(DistanceMetric.L1));
        table.Vector(prefix + "cosine_distance", new DistanceFunction<T>(DistanceMetric.Cosine));
        table.Vector(prefix + "inner_product", new DistanceFunction<T>(DistanceMetric.NegativeInnerProduct, static x =>
            -x));
        table.Vector(inner + "negative_inner_product", new DistanceFunction<T>(DistanceMetric.NegativeInnerProduct));
        table.Fixed(inner + "l2_squared_distance", static (in Row row) => L2Squared<T>(in row));
        table.Vector(inner + "spherical_distance", new DistanceFunction<T>(
            DistanceMetric.NegativeInnerProduct, static x => Math.Acos(Math.Clamp(-x, -1, 1)) / Math.PI));
        table.Fixed(inner == "vector_" ? "vector_dims" : "halfvec_vector_dims",
            static (in Row row) => row.Bytes(0).Length / T.SizeBytes, isTotal: true);
        table.Fixed(inner == "vector_" ? "vector_norm" : "halfvec_l2_norm", static (in Row row) =>
            Norm(Left<T>(in row)), isTotal: true);
        table.Binary(prefix + "l2_normalize", static (in Row row, BinaryColumnBuilder target) =>
            Normalize<T>(in row, target));
        table.Binary(prefix + "binary_quantize", static (in Row row, BinaryColumnBuilder target) =>
            Quantize(Left<T>(in row), target));
        table.Binary(prefix + "subvector", static (in Row row, BinaryColumnBuilder target) => Part<T>(in row, target));
        DefineArithmetic<T>(table, inner);
        DefineComparisons<T>(table, inner);
        table.Binary(T.TypeName, static (in Row row, BinaryColumnBuilder target) =>
        {
            VectorChecks.Expected(row.Int4(1), row.Bytes(0).Length / T.SizeBytes);
            target.Append(row.Bytes(0));
        });
    }

    private static void DefineArithmetic<T>(FunctionTable table, string prefix) where T : struct, IVectorElements
    {
        Elementwise("add", static (x, y) => x + y);
        Elementwise("sub", static (x, y) => x - y);
        Elementwise("mul", static (x, y) =>
        {
            float product = x * y;
            return product == 0 && x != 0 && y != 0 ? throw NumberErrors.FloatUnderflow() : product;
        });
        table.Binary(prefix + "concat", static (in Row row, BinaryColumnBuilder target) =>
        {
            VectorChecks.Dimensions((row.Bytes(0).Length + row.Bytes(1).Length) / T.SizeBytes, T.TypeName);
            target.Append([.. row.Bytes(0), .. row.Bytes(1)]);
        });

        void Elementwise(string name, Func<float, float, float> operation) =>
            table.Binary(prefix + name, (in Row row, BinaryColumnBuilder target) =>
            {
                ReadOnlySpan<float> x = Left<T>(in row), y = T.Read(row.Bytes(1), ref VectorScratch.Right);
                VectorChecks.SameDimensions(x.Length, y.Length, T.TypeName);
                Span<float> result = VectorScratch.Result(x.Length);
                for (int i = 0; i < result.Length; i++)
                    result[i] = operation(x[i], y[i]);
                if (typeof(T) == typeof(HalfElements) && name == "mul")
                    CheckHalfUnderflow(x, y, result);
                T.Append(result, target);
            });
    }

    private static void DefineComparisons<T>(FunctionTable table, string prefix) where T : struct, IVectorElements
    {
        foreach ((string name, ComparisonKind kind) in ((string, ComparisonKind)[])
            [("eq", ComparisonKind.Equal), ("ne", ComparisonKind.NotEqual), ("lt", ComparisonKind.Less),
             ("le", ComparisonKind.LessOrEqual), ("gt", ComparisonKind.Greater), ("ge", ComparisonKind.GreaterOrEqual)])
        {
            table.Bool(prefix + name, (in Row row) =>
                kind.Holds(Compare<T>(row.Bytes(0), row.Bytes(1))), isTotal: true);
        }
        table.Fixed(prefix + "cmp", static (in Row row) => Compare<T>(row.Bytes(0), row.Bytes(1)), isTotal: true);
    }

    /// <summary>Element by element, then the shorter first.</summary>
    public static int Compare<T>(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) where T : struct, IVectorElements
    {
        ReadOnlySpan<float> x = T.Read(left, ref VectorScratch.Left), y = T.Read(right, ref VectorScratch.Right);
        for (int i = 0; i < x.Length && i < y.Length; i++)
        {
            if (x[i] != y[i])
                return x[i] < y[i] ? -1 : 1;
        }
        return x.Length.CompareTo(y.Length);
    }

    private static ReadOnlySpan<float> Left<T>(in Row row) where T : struct, IVectorElements =>
        T.Read(row.Bytes(0), ref VectorScratch.Left);

    private static double L2Squared<T>(in Row row) where T : struct, IVectorElements
    {
        ReadOnlySpan<float> x = Left<T>(in row), y = T.Read(row.Bytes(1), ref VectorScratch.Right);
        VectorChecks.SameDimensions(x.Length, y.Length, T.TypeName);
        return ScalarDistances.L2Squared(x, y);
    }

    public static double Norm(ReadOnlySpan<float> elements)
    {
        double sum = 0;
        foreach (float element in elements)
            sum += (double)element * element;
        return Math.Sqrt(sum);
    }

    private static void Normalize<T>(in Row row, BinaryColumnBuilder target) where T : struct, IVectorElements
    {
        ReadOnlySpan<float> elements = Left<T>(in row);
        Span<float> result = VectorScratch.Result(elements.Length);
        double norm = Norm(elements);
        for (int i = 0; i < result.Length; i++)
            result[i] = norm > 0 ? (float)(elements[i] / norm) : 0; // a zero vector has no direction
        T.Append(result, target);
    }

    /// <summary>A bit for each element: whether it is above zero.</summary>
    private static void Quantize(ReadOnlySpan<float> elements, BinaryColumnBuilder target)
    {
        int length = sizeof(int) + ((elements.Length + 7) / 8);
        Span<byte> room = target.Reserve(length);
        room[..length].Clear();
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(room, elements.Length);
        for (int i = 0; i < elements.Length; i++)
        {
            if (elements[i] > 0)
                room[sizeof(int) + (i >> 3)] |= (byte)(0x80 >> (i & 7));
        }
        target.Commit(length);
    }

    private static void Part<T>(in Row row, BinaryColumnBuilder target) where T : struct, IVectorElements
    {
        ReadOnlySpan<byte> value = row.Bytes(0);
        int dimensions = value.Length / T.SizeBytes;
        long start = row.Int4(1), count = row.Int4(2);
        if (count < 1)
            VectorChecks.Dimensions(0, T.TypeName);
        long end = Math.Min(start + count, dimensions + 1); // the first place after the part, counted from 1
        start = Math.Max(start, 1);
        VectorChecks.Dimensions((int)Math.Max(0, end - start), T.TypeName);
        target.Append(value[(int)((start - 1) * T.SizeBytes)..(int)((end - 1) * T.SizeBytes)]);
    }

    private static void CheckHalfUnderflow(ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> result)
    {
        for (int i = 0; i < result.Length; i++)
        {
            if ((Half)result[i] == Half.Zero && x[i] != 0 && y[i] != 0)
                throw NumberErrors.FloatUnderflow();
        }
    }
}
