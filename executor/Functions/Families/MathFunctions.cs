using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Families;

/// <summary>Mathematics on double precision: roots, powers, logarithms, angles, random numbers.</summary>
/// <remarks>As in PostgreSQL, a result that leaves the range of floats is an error rather than an infinity.</remarks>
internal static class MathFunctions
{

    public static void Define(FunctionTable table)
    {
        DefineRounding(table);
        DefinePowers(table);
        DefineAngles(table);
        DefineDegrees(table);
        table.Fixed("width_bucket_float8", static (in Row row) =>
            WidthBucket(row.Float8(0), row.Float8(1), row.Float8(2), row.Int4(3)));
        table.Fixed("drandom", static (in Row row) => row.Context.Session.Random.NextDouble());
        table.Binary("setseed", static (in Row row, Columnar.Columns.BinaryColumnBuilder target) =>
        {
            double seed = row.Float8(0);
            if (!(seed >= -1 && seed <= 1))
                throw new SqlException(SqlState.InvalidParameterValue,
                    $"setseed parameter {seed} is out of allowed range [-1,1]");
            row.Context.Session.SeedRandom(seed);
            target.Append([]);
        });
    }

    public static SqlException BucketError(string message) =>
        new(SqlState.InvalidArgumentForWidthBucketFunction, message);

    private static void DefineRounding(FunctionTable table)
    {
        table.Fixed("dround", static (in Row row) => Math.Round(row.Float8(0), MidpointRounding.ToEven), isTotal: true);
        table.Fixed("dtrunc", static (in Row row) => Math.Truncate(row.Float8(0)), isTotal: true);
        table.Fixed("dceil", static (in Row row) => Math.Ceiling(row.Float8(0)), isTotal: true);
        table.Fixed("dfloor", static (in Row row) => Math.Floor(row.Float8(0)), isTotal: true);
        table.Fixed("dsign", static (in Row row) =>
            row.Float8(0) > 0 ? 1.0 : row.Float8(0) < 0 ? -1.0 : 0.0, isTotal: true);
    }

    private static void DefinePowers(FunctionTable table)
    {
        table.Fixed("dsqrt", static (in Row row) => row.Float8(0) < 0
            ? throw new SqlException(SqlState.InvalidArgumentForPowerFunction,
                "cannot take square root of a negative number")
            : Checked(Math.Sqrt(row.Float8(0)), row.Float8(0)));
        table.Fixed("dcbrt", static (in Row row) => Checked(Math.Cbrt(row.Float8(0)), row.Float8(0)));
        table.Fixed("dexp", static (in Row row) => Exp(row.Float8(0)));
        table.Fixed("dlog1", static (in Row row) => Log(row.Float8(0), Math.Log));
        table.Fixed("dlog10", static (in Row row) => Log(row.Float8(0), Math.Log10));
        table.Fixed("dpow", static (in Row row) => Power(row.Float8(0), row.Float8(1)));
    }

    private static void DefineAngles(FunctionTable table)
    {
        Finite(table, "dsin", Math.Sin);
        Finite(table, "dcos", Math.Cos);
        Finite(table, "dtan", Math.Tan);
        Finite(table, "dcot", static x => 1 / Math.Tan(x));
        Bounded(table, "dasin", Math.Asin, static x => x is >= -1 and <= 1);
        Bounded(table, "dacos", Math.Acos, static x => x is >= -1 and <= 1);
        Bounded(table, "dacosh", Math.Acosh, static x => x >= 1);
        Bounded(table, "datanh", Math.Atanh, static x => x is >= -1 and <= 1);
        table.Fixed("datan", static (in Row row) => Math.Atan(row.Float8(0)), isTotal: true);
        table.Fixed("datan2", static (in Row row) => Math.Atan2(row.Float8(0), row.Float8(1)), isTotal: true);
        table.Fixed("dsinh", static (in Row row) => Math.Sinh(row.Float8(0)), isTotal: true);
        table.Fixed("dcosh", static (in Row row) => Math.Cosh(row.Float8(0)), isTotal: true);
        table.Fixed("dtanh", static (in Row row) => Math.Tanh(row.Float8(0)), isTotal: true);
        table.Fixed("dasinh", static (in Row row) => Math.Asinh(row.Float8(0)), isTotal: true);
        table.Fixed("degrees", static (in Row row) => FloatFunctions.Divide(row.Float8(0), Math.PI / 180));
        table.Fixed("radians", static (in Row row) => Checked(row.Float8(0) * (Math.PI / 180), row.Float8(0)));
        table.Fixed("dpi", static (in Row row) => Math.PI, isTotal: true);
    }

    private static void DefineDegrees(FunctionTable table)
    {
        Finite(table, "dsind", Degrees.Sin);
        Finite(table, "dcosd", Degrees.Cos);
        Finite(table, "dtand", Degrees.Tan);
        Finite(table, "dcotd", Degrees.Cot);
        Bounded(table, "dasind", Degrees.Asin, static x => x is >= -1 and <= 1);
        Bounded(table, "dacosd", Degrees.Acos, static x => x is >= -1 and <= 1);
        table.Fixed("datand", static (in Row row) => Degrees.OfRadians(Math.Atan(row.Float8(0))), isTotal: true);
        table.Fixed("datan2d", static (in Row row) => Degrees.OfRadians(Math.Atan2(row.Float8(0), row.Float8(1))), isTotal: true);
    }

    private static void Finite(FunctionTable table, string name, Func<double, double> function) =>
        table.Fixed(name, (in Row row) =>
            double.IsInfinity(row.Float8(0)) ? throw OutOfDomain() : function(row.Float8(0)));

    private static void Bounded(
        FunctionTable table, string name, Func<double, double> function, Func<double, bool> accepts) =>
        table.Fixed(name, (in Row row) =>
            double.IsNaN(row.Float8(0)) || accepts(row.Float8(0)) ? function(row.Float8(0)) : throw OutOfDomain());

    private static SqlException OutOfDomain() => new(SqlState.NumericValueOutOfRange, "input is out of range");

    /// <summary>Refuses an infinity from a finite argument, and a zero from a non-zero one.</summary>
    private static double Checked(double result, double argument)
    {
        if (double.IsInfinity(result) && double.IsFinite(argument))
            throw NumberErrors.FloatOverflow();
        if (result == 0 && argument != 0)
            throw NumberErrors.FloatUnderflow();
        return result;
    }

    private static double Exp(double x)
    {
        double result = Math.Exp(x);
        if (double.IsInfinity(result) && double.IsFinite(x))
            throw NumberErrors.FloatOverflow();
        if (result == 0 && !double.IsNegativeInfinity(x))
            throw NumberErrors.FloatUnderflow();
        return result;
    }

    private static double Log(double x, Func<double, double> function)
    {
        if (x == 0)
            throw new SqlException(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of zero");
        if (x < 0)
            throw new SqlException(SqlState.InvalidArgumentForLogarithm, "cannot take logarithm of a negative number");
        return function(x);
    }

    private static double Power(double x, double y)
    {
        if (double.IsNaN(x) || double.IsNaN(y))
            return y == 0 || x == 1 ? 1 : double.NaN;
        if (x == 0 && y < 0)
            throw new SqlException(SqlState.InvalidArgumentForPowerFunction,
                "zero raised to a negative power is undefined");
        if (x < 0 && double.IsFinite(y) && Math.Floor(y) != y)
        {
            throw new SqlException(SqlState.InvalidArgumentForPowerFunction,
                "a negative number raised to a non-integer power yields a complex result");
        }
        double result = Math.Pow(x, y);
        if (double.IsInfinity(result) && double.IsFinite(x) && double.IsFinite(y))
            throw NumberErrors.FloatOverflow();
        if (result == 0 && x != 0 && double.IsFinite(x) && double.IsFinite(y))
            throw NumberErrors.FloatUnderflow();
        return result;
    }

    private static int WidthBucket(double operand, double low, double high, int count)
    {
        if (count <= 0)
            throw BucketError("count must be greater than zero");
        if (double.IsNaN(operand) || double.IsNaN(low) || double.IsNaN(high))
            throw BucketError("operand, lower bound, and upper bound cannot be NaN");
        if (double.IsInfinity(low) || double.IsInfinity(high))
            throw BucketError("lower and upper bounds must be finite");
        if (low == high)
            throw BucketError("lower bound cannot equal upper bound");
        bool isDescending = low > high;
        if (isDescending ? operand > low : operand < low)
            return 0;
        if (isDescending ? operand <= high : operand >= high)
            return count == int.MaxValue ? throw NumberErrors.OutOfRange<int>() : count + 1;
        // Halved where the range itself is beyond a float.
        double share = double.IsFinite(high - low)
            ? (operand - low) / (high - low)
            : ((operand / 2) - (low / 2)) / ((high / 2) - (low / 2));
        return Math.Min((int)(share * count), count - 1) + 1;
    }
}
