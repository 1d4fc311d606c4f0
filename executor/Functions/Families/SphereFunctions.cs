using System.Text;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions.Vectors;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Executor.Functions.Families;

/// <summary>A center and a radius as a record, and whether a vector lies within it.</summary>
/// <remarks>The planner turns a test with a call of sphere into a comparison of distances; what comes here is a record from elsewhere.</remarks>
internal static class SphereFunctions
{
    private static readonly byte[][] Names = [Encoding.UTF8.GetBytes("center"), Encoding.UTF8.GetBytes("radius")];

    public static void Define(FunctionTable table)
    {
        Define<FloatElements>(table, "sphere", TypeOid.Vector);
        Define<HalfElements>(table, "halfvec_sphere", TypeOid.HalfVector);
    }

    private static void Define<T>(FunctionTable table, string sphere, uint type) where T : struct, IVectorElements
    {
        SqlType[] types = [new SqlType(type), new SqlType(TypeOid.Float4)];
        table.Binary(sphere, (in Row row, BinaryColumnBuilder target) =>
            RecordValue.Append(target, types, Names, [row.Column(0), row.Column(1)], row.Index));
        Test("l2", DistanceMetric.L2);
        Test("ip", DistanceMetric.NegativeInnerProduct);
        Test("cosine", DistanceMetric.Cosine);

        void Test(string name, DistanceMetric metric) => table.Bool($"{T.TypeName}_sphere_{name}_in", (in Row row) =>
        {
            var record = new RecordValue(row.Bytes(1));
            if (record.Count != 2 || record.TypeOf(0).Oid != type || record.TypeOf(1).Oid != TypeOid.Float4)
                throw new SqlException(SqlState.DatatypeMismatch, $"a sphere of {T.TypeName} is expected", hint: "Use sphere(center, radius).");
            if (record.IsNull(0) || record.IsNull(1))
                throw new SqlException(SqlState.NullValueNotAllowed, $"the {(record.IsNull(0) ? "center" : "radius")} of a sphere is null");
            float[] left = [], right = [];
            ReadOnlySpan<float> vector = T.Read(row.Bytes(0), ref left), center = T.Read(record[0], ref right);
            VectorChecks.SameDimensions(vector.Length, center.Length, T.TypeName);
            return Distances.Between(metric, vector, center) < BitConverter.ToSingle(record[1]);
        });
    }
}
