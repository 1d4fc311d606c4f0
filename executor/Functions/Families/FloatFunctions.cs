
namespace VecSQL.Executor.Functions.Families;

/// <summary>Floats: arithmetic that refuses overflow, comparison, conversion to and from integers.</summary>
/// <remarks>NaN equals NaN and is greater than every other float, so that floats can be sorted and grouped.</remarks>
internal static class FloatFunctions
{
    public static void Define(FunctionTable table)
    {
        IntegerFunctions.Compare<float>(table, "float4");
        IntegerFunctions.Compare<double>(table, "float8");
        IntegerFunctions.Compare<double>(table, "float48");
        IntegerFunctions.Compare<double>(table, "float84");
        IntegerFunctions.Arithmetic<float>(table, "float4");
        IntegerFunctions.Arithmetic<double>(table, "float8");
        IntegerFunctions.Arithmetic<double>(table, "float48");
        IntegerFunctions.Arithmetic<double>(table, "float84");
        table.Fixed("float4div", static (in Row row) => Divide(row.Float4(0), row.Float4(1)));
        table.Fixed("float8div", static (in Row row) => Divide(row.Float8(0), row.Float8(1)));
        table.Fixed("float48div", static (in Row row) => Divide(row.Float4(0), row.Float8(1)));
        table.Fixed("float84div", static (in Row row) => Divide(row.Float8(0), row.Float4(1)));
        DefineUnary(table);
        DefineConversions(table);
    }

    private static void DefineUnary(FunctionTable table)
    {
        table.Fixed("float4um", static (in Row row) => -row.Float4(0), isTotal: true);
        table.Fixed("float4up", static (in Row row) => row.Float4(0), isTotal: true);
        table.Fixed("float4abs", static (in Row row) => MathF.Abs(row.Float4(0)), isTotal: true);
        table.Fixed("float8um", static (in Row row) => -row.Float8(0), isTotal: true);
        table.Fixed("float8up", static (in Row row) => row.Float8(0), isTotal: true);
        table.Fixed("float8abs", static (in Row row) => Math.Abs(row.Float8(0)), isTotal: true);
        table.Fixed("btfloat4cmp", static (in Row row) => Compare(row.Float4(0), row.Float4(1)));
        table.Fixed("btfloat8cmp", static (in Row row) => Compare(row.Float8(0), row.Float8(1)));
        table.Fixed("float4larger", static (in Row row) =>
            Compare(row.Float4(0), row.Float4(1)) > 0 ? row.Float4(0) : row.Float4(1), isTotal: true);
        table.Fixed("float4smaller", static (in Row row) =>
            Compare(row.Float4(0), row.Float4(1)) < 0 ? row.Float4(0) : row.Float4(1), isTotal: true);
        table.Fixed("float8larger", static (in Row row) =>
            Compare(row.Float8(0), row.Float8(1)) > 0 ? row.Float8(0) : row.Float8(1), isTotal: true);
        table.Fixed("float8smaller", static (in Row row) =>
            Compare(row.Float8(0), row.Float8(1)) < 0 ? row.Float8(0) : row.Float8(1), isTotal: true);
    }

    private static void DefineConversions(FunctionTable table)
    {
        table.Fixed("i2tof", static (in Row row) => (float)row.Int2(0), isTotal: true);
        table.Fixed("i4tof", static (in Row row) => (float)row.Int4(0), isTotal: true);
        table.Fixed("i8tof", static (in Row row) => (float)row.Int8(0), isTotal: true);
        table.Fixed("i2tod", static (in Row row) => (double)row.Int2(0), isTotal: true);
        table.Fixed("i4tod", static (in Row row) => (double)row.Int4(0), isTotal: true);
        table.Fixed("i8tod", static (in Row row) => (double)row.Int8(0), isTotal: true);
        table.Fixed("ftod", static (in Row row) => (double)row.Float4(0), isTotal: true);
        table.Fixed("dtof", static (in Row row) => ToFloat4(row.Float8(0)));
        table.Fixed("ftoi2", static (in Row row) => ToInt2(row.Float4(0)));
        table.Fixed("ftoi4", static (in Row row) => ToInt4(row.Float4(0)));
        table.Fixed("ftoi8", static (in Row row) => ToInt8(row.Float4(0)));
        table.Fixed("dtoi2", static (in Row row) => ToInt2(row.Float8(0)));
        table.Fixed("dtoi4", static (in Row row) => ToInt4(row.Float8(0)));
        table.Fixed("dtoi8", static (in Row row) => ToInt8(row.Float8(0)));
    }

    /// <summary>SQL's order of floats: NaN last and equal to itself, −0 equal to 0.</summary>
    public static int Compare(double x, double y) =>
        x < y ? -1 : x > y ? 1 : x == y ? 0 : double.IsNaN(x).CompareTo(double.IsNaN(y));

    public static double Divide(double dividend, double divisor)
    {
        if (divisor == 0 && !double.IsNaN(dividend))
            throw NumberErrors.DivisionByZero();
        double quotient = dividend / divisor;
        if (double.IsInfinity(quotient) && double.IsFinite(dividend))
            throw NumberErrors.FloatOverflow();
        if (quotient == 0 && dividend != 0 && double.IsFinite(divisor))
            throw NumberErrors.FloatUnderflow();
        return quotient;
    }

    private static float Divide(float dividend, float divisor)
    {
        if (divisor == 0 && !float.IsNaN(dividend))
            throw NumberErrors.DivisionByZero();
        float quotient = dividend / divisor;
        if (float.IsInfinity(quotient) && float.IsFinite(dividend))
            throw NumberErrors.FloatOverflow();
        if (quotient == 0 && dividend != 0 && float.IsFinite(divisor))
            throw NumberErrors.FloatUnderflow();
        return quotient;
    }

    public static float ToFloat4(double value)
    {
        float result = (float)value;
        if (float.IsInfinity(result) && double.IsFinite(value))
            throw NumberErrors.FloatOverflow();
        if (result == 0 && value != 0)
            throw NumberErrors.FloatUnderflow();
        return result;
    }

    public static short ToInt2(double value)
    {
        double rounded = Math.Round(value, MidpointRounding.ToEven);
        return rounded is >= short.MinValue and <= short.MaxValue ? (short)rounded
            : throw NumberErrors.OutOfRange<short>();
    }

    public static int ToInt4(double value)
    {
        double rounded = Math.Round(value, MidpointRounding.ToEven);
        return rounded is >= int.MinValue and <= int.MaxValue ? (int)rounded : throw NumberErrors.OutOfRange<int>();
    }

    public static long ToInt8(double value)
    {
        const double Limit = 9223372036854775808.0; // 2^63, the first float beyond
        double rounded = Math.Round(value, MidpointRounding.ToEven);
        return rounded is >= -Limit and < Limit ? (long)rounded : throw NumberErrors.OutOfRange<long>();
    }
}
