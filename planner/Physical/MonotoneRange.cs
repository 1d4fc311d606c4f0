using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;

namespace VecSQL.Planner.Physical;

/// <summary>The values of an expression that only rises, or only falls, as one number in it grows; steps may be level.</summary>
/// <remarks>
/// Every function known here gives null for null and NaN for NaN, so that those keep their place beside the numbers. Where
/// arithmetic rounds, it keeps the order of what it does not make equal.
/// </remarks>
/// <param name="Low">No value is below.</param>
/// <param name="High">No value is above.</param>
/// <param name="IsRising">Whether a greater number never gives a smaller value; else it never gives a greater one.</param>
internal readonly record struct MonotoneRange(double Low, double High, bool IsRising)
{
    /// <summary>Null where the expression is not known to be monotone in the number.</summary>
    /// <param name="number">What is known of a call that gives the number; null for any other call.</param>
    internal static MonotoneRange? Of(ScalarExpression expression, Func<CallExpression, MonotoneRange?> number)
    {
        if (expression is RelabelExpression relabel)
            return Of(relabel.Operand, number);
        if (expression is not CallExpression call)
            return null;
        if (number(call) is { } known)
            return known;
        string name = FunctionRegistry.FindOperatorOf(call.Function.Oid)?.Name ?? call.Function.Name;
        return call.Arguments switch
        {
            [var operand] => Of(operand, number)?.Under(name),
            [var operand, ConstantExpression constant] => Of(operand, number)?.Under(name, constant),
            [ConstantExpression constant, var operand] => Of(operand, number)?.After(constant, name),
            _ => null,
        };
    }

    private MonotoneRange Falling(double low, double high) => new(low, high, !IsRising);

    private MonotoneRange Over(double low, double high) => this with { Low = low, High = high };

    /// <summary>name(x).</summary>
    private MonotoneRange? Under(string name)
    {
        switch (name)
        {
            case "-":
                return Falling(-High, -Low);
            case "+" or "float4" or "float8" or "numeric":
                return this;
            case "int2" or "int4" or "int8" or "floor" or "ceil" or "ceiling" or "round" or "trunc":
                return Over(Math.Floor(Low), Math.Ceiling(High));
            case "sqrt" or "dsqrt" or "|/":
                return Over(Math.Sqrt(Math.Max(0, Low)), Math.Sqrt(Math.Max(0, High)));
            case "exp":
                return Over(Math.Exp(Low), Math.Exp(High));
            case "abs" or "@" when Low >= 0:
                return this;
            case "abs" or "@" when High <= 0:
                return Falling(-High, -Low);
            case "cbrt" or "||/" or "ln" or "log" or "log10" or "degrees" or "radians" or "tanh" or "sinh" or "asinh" or "atan"
                or "asin" or "sign":
                return Over(double.NegativeInfinity, double.PositiveInfinity);
            case "acos":
                return Falling(0, Math.PI);
            default:
                return null;
        }
    }

    /// <summary>name(x, constant), or x name constant.</summary>
    private MonotoneRange? Under(string name, ConstantExpression constant)
    {
        if (name is "round" or "trunc" or "numeric" && !constant.IsNull)
            return Over(double.NegativeInfinity, double.PositiveInfinity);
        if (NumberOf(constant) is not { } value)
            return null;
        switch (name)
        {
            case "+":
                return Over(Low + value, High + value);
            case "-":
                return Over(Low - value, High - value);
            case "*" when value > 0:
                return Over(Times(Low, value), Times(High, value));
            case "*" when value < 0:
                return Falling(Times(High, value), Times(Low, value));
            case "/" when value > 0:
                return Over(Low / value, High / value);
            case "/" when value < 0:
                return Falling(High / value, Low / value);
            case "^" or "power" or "pow" when Low >= 0 && value > 0:
                return Over(Math.Pow(Low, value), Math.Pow(High, value));
            case "^" or "power" or "pow" when Low > 0 && value < 0:
                return Falling(Math.Pow(High, value), Math.Pow(Low, value));
            default:
                return null;
        }
    }

    /// <summary>constant name x.</summary>
    private MonotoneRange? After(ConstantExpression constant, string name)
    {
        if (NumberOf(constant) is not { } value)
            return null;
        switch (name)
        {
            case "+" or "*":
                return Under(name, constant);
            case "-":
                return Falling(value - High, value - Low);
            case "/" when Low > 0 && value > 0:
                return Falling(value / High, value / Low);
            case "/" when Low > 0 && value < 0:
                return Over(value / Low, value / High);
            case "^" or "power" or "pow" when value > 1:
                return Over(Math.Pow(value, Low), Math.Pow(value, High));
            case "^" or "power" or "pow" when value is > 0 and < 1:
                return Falling(Math.Pow(value, High), Math.Pow(value, Low));
            default:
                return null;
        }
    }

    private static double Times(double bound, double factor) => bound == 0 ? 0 : bound * factor;

    /// <summary>A finite number; null for anything else, with which arithmetic would not keep numbers apart from what is none.</summary>
    private static double? NumberOf(ConstantExpression constant)
    {
        double? value = constant switch
        {
            { IsNull: true } => null,
            { Value: FixedColumn<double> number } => number[0],
            { Value: FixedColumn<float> number } => number[0],
            { Value: FixedColumn<short> number } => number[0],
            { Value: FixedColumn<int> number } => number[0],
            { Value: FixedColumn<long> number } when constant.Type.Oid == TypeOid.Int8 => number[0],
            _ => null,
        };
        return value is { } known && double.IsFinite(known) ? known : null;
    }
}
