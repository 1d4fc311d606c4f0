using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions.Vectors;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Executor.Functions.Families;

/// <summary>sparsevec, and distances of bit strings; as pgvector has them.</summary>
internal static class SparseVectorFunctions
{
    public static void Define(FunctionTable table)
    {
        Distance(table, "sparsevec_l2_distance", DistanceMetric.L2, static x => x);
        Distance(table, "sparsevec_l1_distance", DistanceMetric.L1, static x => x);
        Distance(table, "sparsevec_cosine_distance", DistanceMetric.Cosine, static x => x);
        Distance(table, "sparsevec_inner_product", DistanceMetric.NegativeInnerProduct, static x => -x);
        Distance(table, "sparsevec_negative_inner_product", DistanceMetric.NegativeInnerProduct, static x => x);
        Distance(table, "sparsevec_l2_squared_distance", DistanceMetric.L2, static x => x * x);
        table.Fixed("sparsevec_l2_norm", static (in Row row) =>
            VectorFunctions.Norm(SparseValue.View(row.Bytes(0)).Values), isTotal: true);
        table.Binary("sparsevec_l2_normalize", static (in Row row, BinaryColumnBuilder target) =>
            Normalize(row.Bytes(0), target));
        foreach ((string name, ComparisonKind kind) in ((string, ComparisonKind)[])
            [("eq", ComparisonKind.Equal), ("ne", ComparisonKind.NotEqual), ("lt", ComparisonKind.Less),
             ("le", ComparisonKind.LessOrEqual), ("gt", ComparisonKind.Greater), ("ge", ComparisonKind.GreaterOrEqual)])
        {
            table.Bool("sparsevec_" + name, (in Row row) =>
                kind.Holds(Compare(row.Bytes(0), row.Bytes(1))), isTotal: true);
        }
        table.Fixed("sparsevec_cmp", static (in Row row) => Compare(row.Bytes(0), row.Bytes(1)), isTotal: true);
        DefineConversions(table);
        Bits(table, "hamming_distance", BitMetric.Hamming);
        Bits(table, "jaccard_distance", BitMetric.Jaccard);
    }

    /// <summary>Compares as if all elements were written out, then the shorter first.</summary>
    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        SparseView x = SparseValue.View(left), y = SparseValue.View(right);
        int i = 0, j = 0;
        while (i < x.Count || j < y.Count)
        {
            int atX = i < x.Count ? x.Indexes[i] : int.MaxValue, atY = j < y.Count ? y.Indexes[j] : int.MaxValue;
            int at = Math.Min(atX, atY);
            if (at >= Math.Min(SparseValue.Dimensions(left), SparseValue.Dimensions(right)))
                break; // one of them ends before
            float a = atX == at ? x.Values[i++] : 0, b = atY == at ? y.Values[j++] : 0;
            if (a != b)
                return a < b ? -1 : 1;
        }
        return SparseValue.Dimensions(left).CompareTo(SparseValue.Dimensions(right));
    }

    private static void Distance(
        FunctionTable table, string name, DistanceMetric metric, Func<double, double> finish) =>
        table.Fixed(name, (in Row row) =>
        {
            ReadOnlySpan<byte> x = row.Bytes(0), y = row.Bytes(1);
            VectorChecks.SameDimensions(SparseValue.Dimensions(x), SparseValue.Dimensions(y), "sparsevec");
            return finish(SparseDistances.Between(metric, SparseValue.View(x), SparseValue.View(y)));
        });

    private static void Bits(FunctionTable table, string name, BitMetric metric) => table.Fixed(name, (in Row row) =>
    {
        ReadOnlySpan<byte> x = row.Bytes(0), y = row.Bytes(1);
        int bitsX = BitCount(x), bitsY = BitCount(y);
        if (bitsX != bitsY)
            throw new SqlException(SqlState.DataException, $"different bit lengths {bitsX} and {bitsY}");
        return BitDistances.Between(metric, x[sizeof(int)..], y[sizeof(int)..]);
    });

    private static int BitCount(ReadOnlySpan<byte> value) =>
        System.Buffers.Binary.BinaryPrimitives.ReadInt32LittleEndian(value);

    private static void Normalize(ReadOnlySpan<byte> value, BinaryColumnBuilder target)
    {
        SparseView view = SparseValue.View(value);
        double norm = VectorFunctions.Norm(view.Values);
        Span<float> result = VectorScratch.Result(view.Count);
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = norm > 0 ? (float)(view.Values[i] / norm) : 0;
            if (float.IsInfinity(result[i]))
                throw NumberErrors.FloatOverflow();
        }
        SparseValue.AppendNonZero(SparseValue.Dimensions(value), view.Indexes, result, target);
    }

    private static void DefineConversions(FunctionTable table)
    {
        table.Binary("sparsevec", static (in Row row, BinaryColumnBuilder target) =>
        {
            VectorChecks.Expected(row.Int4(1), SparseValue.Dimensions(row.Bytes(0)));
            target.Append(row.Bytes(0));
        });
        table.Binary("vector_to_sparsevec", static (in Row row, BinaryColumnBuilder target) =>
            VectorCasts.VectorToSparse(VectorFunctions.Floats(in row), row.Int4(1), target));
        table.Binary("halfvec_to_sparsevec", static (in Row row, BinaryColumnBuilder target) =>
            VectorCasts.HalfToSparse(VectorFunctions.Halves(in row), row.Int4(1), target));
        table.Binary("sparsevec_to_vector", static (in Row row, BinaryColumnBuilder target) =>
            VectorCasts.SparseToVector(new SparseVector(row.Bytes(0)), row.Int4(1), target));
        table.Binary("sparsevec_to_halfvec", static (in Row row, BinaryColumnBuilder target) =>
            VectorCasts.SparseToHalf(new SparseVector(row.Bytes(0)), row.Int4(1), target));
        table.Binary("array_to_sparsevec", static (in Row row, BinaryColumnBuilder target) =>
            VectorCasts.ArrayToSparse(new ArrayValue(row.Bytes(0)), row.Int4(1), target));
    }
}
