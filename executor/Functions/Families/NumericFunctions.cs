using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Families;

/// <summary>numeric: arithmetic, comparison, rounding, powers and roots, conversion.</summary>
internal static class NumericFunctions
{
    private delegate SqlNumeric Unary(SqlNumeric value);

    private delegate SqlNumeric Binary(SqlNumeric left, SqlNumeric right);

    public static void Define(FunctionTable table)
    {
        DefineComparisons(table);
        DefineArithmetic(table);
        DefineRounding(table);
        DefineConversions(table);
        table.Fixed("width_bucket_numeric", static (in Row row) =>
            WidthBucket(row.Numeric(0), row.Numeric(1), row.Numeric(2), row.Int4(3)));
    }

    private static void DefineComparisons(FunctionTable table)
    {
        Compare("eq", ComparisonKind.Equal);
        Compare("ne", ComparisonKind.NotEqual);
        Compare("lt", ComparisonKind.Less);
        Compare("le", ComparisonKind.LessOrEqual);
        Compare("gt", ComparisonKind.Greater);
        Compare("ge", ComparisonKind.GreaterOrEqual);
        table.Fixed("numeric_cmp", static (in Row row) => Math.Sign(row.Numeric(0).CompareTo(row.Numeric(1))));
        Define2(table, "numeric_larger", static (x, y) => x.CompareTo(y) > 0 ? x : y);
        Define2(table, "numeric_smaller", static (x, y) => x.CompareTo(y) < 0 ? x : y);

        void Compare(string suffix, ComparisonKind kind) => table.Vector("numeric_" + suffix, new ScaledComparison(kind,
            RowFunctions.Bool((in Row row) => kind.Holds(row.Numeric(0).CompareTo(row.Numeric(1))))), isTotal: true);
    }

    private static void DefineArithmetic(FunctionTable table)
    {
        table.Vector("numeric_add", new ScaledArithmetic(ArithmeticKind.Add, Of(static (x, y) => x + y)));
        table.Vector("numeric_sub", new ScaledArithmetic(ArithmeticKind.Subtract, Of(static (x, y) => x - y)));
        table.Vector("numeric_mul", new ScaledArithmetic(ArithmeticKind.Multiply, Of(static (x, y) => x * y)));
        Define2(table, "numeric_div", static (x, y) => x / y);
        Define2(table, "numeric_mod", static (x, y) => x % y);
        Define2(table, "numeric_div_trunc", SqlNumeric.DivideTruncated);
        Define2(table, "numeric_gcd", SqlNumeric.Gcd);
        Define2(table, "numeric_lcm", SqlNumeric.Lcm);
        Define2(table, "numeric_power", SqlNumeric.Power);
        Define2(table, "numeric_log", SqlNumeric.Log);
        Define1(table, "numeric_log10", static x => SqlNumeric.Log(10, x));
        Define1(table, "numeric_uminus", static x => -x);
        Define1(table, "numeric_uplus", static x => x);
        Define1(table, "numeric_abs", SqlNumeric.Abs);
        Define1(table, "numeric_sign", static x => x.IsNaN ? x : SqlNumeric.FromInt64(x.Sign));
        Define1(table, "numeric_inc", static x => x + 1);
        Define1(table, "numeric_sqrt", SqlNumeric.Sqrt);
        Define1(table, "numeric_exp", SqlNumeric.Exp);
        Define1(table, "numeric_ln", SqlNumeric.Ln);
        table.Binary("numeric_fac", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(SqlNumeric.Factorial(row.Int8(0))));
    }

    private static void DefineRounding(FunctionTable table)
    {
        Define1(table, "numeric_round0", static x => x.Round(0));
        Define1(table, "numeric_trunc0", static x => x.Truncate());
        Define1(table, "numeric_ceil", static x => x.Ceiling());
        Define1(table, "numeric_floor", static x => x.Floor());
        Define1(table, "numeric_trim_scale", static x => x.TrimScale());
        table.Binary("numeric_round", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(row.Numeric(0).Round(row.Int4(1))));
        table.Binary("numeric_trunc", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(row.Numeric(0).Truncate(row.Int4(1))));
        table.Binary("numeric", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(row.Numeric(0).WithModifier(row.Int4(1))));
        table.Nullable<int>("numeric_scale", static (in Row row) =>
            row.Numeric(0) is { IsFinite: true } x ? x.Scale : null, isTotal: true);
        table.Nullable<int>("numeric_min_scale", static (in Row row) =>
            row.Numeric(0) is { IsFinite: true } x ? x.MinScale : null, isTotal: true);
    }

    private static void DefineConversions(FunctionTable table)
    {
        table.Vector("int2_numeric", new IntegerToScaled<short>(), isTotal: true);
        table.Vector("int4_numeric", new IntegerToScaled<int>(), isTotal: true);
        table.Vector("int8_numeric", new IntegerToScaled<long>(), isTotal: true);
        table.Binary("float4_numeric", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(SqlNumeric.FromSingle(row.Float4(0))));
        table.Binary("float8_numeric", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(SqlNumeric.FromDouble(row.Float8(0))));
        table.Fixed("numeric_int2", static (in Row row) => row.Numeric(0).ToInt16());
        table.Fixed("numeric_int4", static (in Row row) => row.Numeric(0).ToInt32());
        table.Fixed("numeric_int8", static (in Row row) => row.Numeric(0).ToInt64());
        table.Fixed("numeric_float4", static (in Row row) => row.Numeric(0).ToSingle());
        table.Fixed("numeric_float8", static (in Row row) => row.Numeric(0).ToDouble());
    }

    private static void Define1(FunctionTable table, string name, Unary function) =>
        table.Binary(name, (in Row row, BinaryColumnBuilder target) => target.Append(function(row.Numeric(0))));

    private static void Define2(FunctionTable table, string name, Binary function) => table.Vector(name, Of(function));

    private static VectorFunction Of(Binary function) => RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
        target.Append(function(row.Numeric(0), row.Numeric(1))));

    private static int WidthBucket(SqlNumeric operand, SqlNumeric low, SqlNumeric high, int count)
    {
        if (count <= 0)
            throw MathFunctions.BucketError("count must be greater than zero");
        if (operand.IsNaN || low.IsNaN || high.IsNaN)
            throw MathFunctions.BucketError("operand, lower bound, and upper bound cannot be NaN");
        if (low.IsInfinity || high.IsInfinity)
            throw MathFunctions.BucketError("lower and upper bounds must be finite");
        if (low == high)
            throw MathFunctions.BucketError("lower bound cannot equal upper bound");
        if (low > high)
            return WidthBucket(-operand, -low, -high, count); // a descending range is an ascending one, mirrored
        if (operand < low)
            return 0;
        if (operand >= high)
            return count == int.MaxValue ? throw NumberErrors.OutOfRange<int>() : count + 1;
        return SqlNumeric.DivideTruncated((operand - low) * count, high - low).ToInt32() + 1;
    }
}
