using System.Numerics;
using VecSQL.Columnar.Kernels;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Families;

/// <summary>Integers of two, four and eight bytes, object ids and the one-byte "char": arithmetic, comparison, bits,
/// conversion.</summary>
internal static class IntegerFunctions
{
    private static readonly (string Suffix, ComparisonKind Kind)[] Comparisons =
    [
        ("eq", ComparisonKind.Equal), ("ne", ComparisonKind.NotEqual), ("lt", ComparisonKind.Less),
        ("le", ComparisonKind.LessOrEqual), ("gt", ComparisonKind.Greater), ("ge", ComparisonKind.GreaterOrEqual),
    ];

    public static void Define(FunctionTable table)
    {
        DefineComparisons(table);
        DefineArithmetic(table);
        DefineSameWidth<short>(table, "int2", static (in Row row, int i) => row.Int2(i));
        DefineSameWidth<int>(table, "int4", static (in Row row, int i) => row.Int4(i));
        DefineSameWidth<long>(table, "int8", static (in Row row, int i) => row.Int8(i));
        DefineShifts(table);
        DefineConversions(table);
        DefineMixedDivision(table);
    }

    /// <summary>Defines eq, ne, lt, le, gt and ge of numbers that are compared as <typeparamref name="T"/>.</summary>
    public static void Compare<T>(FunctionTable table, string prefix) where T : unmanaged, INumber<T>
    {
        foreach ((string suffix, ComparisonKind kind) in Comparisons)
            table.Vector(prefix + suffix, new CompareFunction<T>(kind), isTotal: true);
    }

    private static void DefineComparisons(FunctionTable table)
    {
        Compare<short>(table, "int2");
        Compare<int>(table, "int4");
        Compare<long>(table, "int8");
        Compare<int>(table, "int24");
        Compare<int>(table, "int42");
        Compare<long>(table, "int28");
        Compare<long>(table, "int82");
        Compare<long>(table, "int48");
        Compare<long>(table, "int84");
        Compare<long>(table, "oid");
        Compare<short>(table, "char");
        table.Vector("xideq", new CompareFunction<long>(ComparisonKind.Equal), isTotal: true);
        table.Vector("xidneq", new CompareFunction<long>(ComparisonKind.NotEqual), isTotal: true);
        table.Vector("cideq", new CompareFunction<long>(ComparisonKind.Equal), isTotal: true);
        Compare<long>(table, "tid");
        table.Fixed("btint2cmp", static (in Row row) => row.Int2(0) - row.Int2(1));
        table.Fixed("btint4cmp", static (in Row row) => row.Int4(0).CompareTo(row.Int4(1)));
        table.Fixed("btint8cmp", static (in Row row) => row.Int8(0).CompareTo(row.Int8(1)));
        table.Fixed("btoidcmp", static (in Row row) => row.Int8(0).CompareTo(row.Int8(1)));
    }

    private static void DefineArithmetic(FunctionTable table)
    {
        Arithmetic<short>(table, "int2");
        Arithmetic<int>(table, "int4");
        Arithmetic<long>(table, "int8");
        Arithmetic<int>(table, "int24");
        Arithmetic<int>(table, "int42");
        Arithmetic<long>(table, "int28");
        Arithmetic<long>(table, "int82");
        Arithmetic<long>(table, "int48");
        Arithmetic<long>(table, "int84");
    }

    /// <summary>Defines pl, mi and mul of numbers computed as <typeparamref name="T"/>.</summary>
    public static void Arithmetic<T>(
        FunctionTable table, string prefix) where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        table.Vector(prefix + "pl", new ArithmeticFunction<T>(ArithmeticKind.Add));
        table.Vector(prefix + "mi", new ArithmeticFunction<T>(ArithmeticKind.Subtract));
        table.Vector(prefix + "mul", new ArithmeticFunction<T>(ArithmeticKind.Multiply));
    }

    private delegate T Argument<T>(in Row row, int argument);

    private static void DefineSameWidth<T>(FunctionTable table, string prefix, Argument<T> argument)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        table.Fixed(prefix + "div", (in Row row) => Divide(argument(in row, 0), argument(in row, 1)));
        table.Fixed(prefix + "mod", (in Row row) => Remainder(argument(in row, 0), argument(in row, 1)));
        table.Fixed(prefix + "um", (in Row row) => Negate(argument(in row, 0)));
        table.Fixed(prefix + "up", (in Row row) => argument(in row, 0), isTotal: true);
        table.Fixed(prefix + "abs", (in Row row) =>
            T.IsNegative(argument(in row, 0)) ? Negate(argument(in row, 0)) : argument(in row, 0));
        table.Fixed(prefix + "and", (in Row row) => argument(in row, 0) & argument(in row, 1), isTotal: true);
        table.Fixed(prefix + "or", (in Row row) => argument(in row, 0) | argument(in row, 1), isTotal: true);
        table.Fixed(prefix + "xor", (in Row row) => argument(in row, 0) ^ argument(in row, 1), isTotal: true);
        table.Fixed(prefix + "not", (in Row row) => ~argument(in row, 0), isTotal: true);
        table.Fixed(prefix + "larger", (in Row row) => T.Max(argument(in row, 0), argument(in row, 1)), isTotal: true);
        table.Fixed(prefix + "smaller", (in Row row) => T.Min(argument(in row, 0), argument(in row, 1)), isTotal: true);
        if (typeof(T) == typeof(short))
            return;
        table.Fixed(prefix + "gcd", (in Row row) => Gcd(argument(in row, 0), argument(in row, 1)));
        table.Fixed(prefix + "lcm", (in Row row) => Lcm(argument(in row, 0), argument(in row, 1)));
    }

    // The shift count wraps at the operand's width (smallint shifts as integer and is cut off), as on the hardware.
    private static void DefineShifts(FunctionTable table)
    {
        table.Fixed("int2shl", static (in Row row) => (short)(row.Int2(0) << row.Int4(1)), isTotal: true);
        table.Fixed("int2shr", static (in Row row) => (short)(row.Int2(0) >> row.Int4(1)), isTotal: true);
        table.Fixed("int4shl", static (in Row row) => row.Int4(0) << row.Int4(1), isTotal: true);
        table.Fixed("int4shr", static (in Row row) => row.Int4(0) >> row.Int4(1), isTotal: true);
        table.Fixed("int8shl", static (in Row row) => row.Int8(0) << row.Int4(1), isTotal: true);
        table.Fixed("int8shr", static (in Row row) => row.Int8(0) >> row.Int4(1), isTotal: true);
    }

    private static void DefineConversions(FunctionTable table)
    {
        table.Fixed("i2toi4", static (in Row row) => (int)row.Int2(0), isTotal: true);
        table.Fixed("int28", static (in Row row) => (long)row.Int2(0), isTotal: true);
        table.Fixed("int48", static (in Row row) => (long)row.Int4(0), isTotal: true);
        table.Fixed("i4toi2", static (in Row row) =>
            (short)Within(row.Int4(0), short.MinValue, short.MaxValue, "smallint"));
        table.Fixed("int82", static (in Row row) =>
            (short)Within(row.Int8(0), short.MinValue, short.MaxValue, "smallint"));
        table.Fixed("int84", static (in Row row) => (int)Within(row.Int8(0), int.MinValue, int.MaxValue, "integer"));
        table.Fixed("i8tooid", static (in Row row) => Within(row.Int8(0), 0, uint.MaxValue, "OID"));
        table.Fixed("oidtoi8", static (in Row row) => row.Int8(0), isTotal: true);
        table.Fixed("chartoi4", static (in Row row) => (int)(sbyte)row.Int2(0), isTotal: true);
        table.Fixed("i4tochar", static (in Row row) =>
            (short)(byte)Within(row.Int4(0), sbyte.MinValue, sbyte.MaxValue, "\"char\""));
        table.Fixed("tidlarger", static (in Row row) => Math.Max(row.Int8(0), row.Int8(1)), isTotal: true);
        table.Fixed("tidsmaller", static (in Row row) => Math.Min(row.Int8(0), row.Int8(1)), isTotal: true);
        table.Fixed("oidlarger", static (in Row row) => Math.Max(row.Int8(0), row.Int8(1)), isTotal: true);
        table.Fixed("oidsmaller", static (in Row row) => Math.Min(row.Int8(0), row.Int8(1)), isTotal: true);
    }

    private static void DefineMixedDivision(FunctionTable table)
    {
        table.Fixed("int24div", static (in Row row) => Divide<int>(row.Int2(0), row.Int4(1)));
        table.Fixed("int42div", static (in Row row) => Divide<int>(row.Int4(0), row.Int2(1)));
        table.Fixed("int28div", static (in Row row) => Divide<long>(row.Int2(0), row.Int8(1)));
        table.Fixed("int82div", static (in Row row) => Divide<long>(row.Int8(0), row.Int2(1)));
        table.Fixed("int48div", static (in Row row) => Divide<long>(row.Int4(0), row.Int8(1)));
        table.Fixed("int84div", static (in Row row) => Divide<long>(row.Int8(0), row.Int4(1)));
    }

    private static T Divide<T>(T dividend, T divisor) where T : IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (T.IsZero(divisor))
            throw NumberErrors.DivisionByZero();
        // The hardware traps on MinValue / −1.
        return divisor == -T.One ? Negate(dividend) : dividend / divisor;
    }

    private static T Remainder<T>(T dividend, T divisor) where T : IBinaryInteger<T>
    {
        if (T.IsZero(divisor))
            throw NumberErrors.DivisionByZero();
        return divisor == -T.One ? T.Zero : dividend % divisor;
    }

    private static T Negate<T>(T value) where T : IBinaryInteger<T>, IMinMaxValue<T> =>
        value == T.MinValue ? throw NumberErrors.OutOfRange<T>() : -value;

    private static T Gcd<T>(T x, T y) where T : IBinaryInteger<T>, IMinMaxValue<T>
    {
        while (!T.IsZero(y))
            (x, y) = (y, Remainder(x, y));
        return T.IsNegative(x) ? Negate(x) : x;
    }

    private static T Lcm<T>(T x, T y) where T : IBinaryInteger<T>, IMinMaxValue<T>
    {
        if (T.IsZero(x) || T.IsZero(y))
            return T.Zero;
        Int128 product = Int128.CreateChecked(Divide(x, Gcd(x, y))) * Int128.CreateChecked(y);
        product = Int128.Abs(product);
        return product > Int128.CreateChecked(T.MaxValue) ? throw NumberErrors.OutOfRange<T>()
            : T.CreateTruncating(product);
    }

    private static long Within(long value, long min, long max, string type) => value >= min && value <= max
        ? value
        : throw new SqlException(SqlState.NumericValueOutOfRange, $"{type} out of range");
}
