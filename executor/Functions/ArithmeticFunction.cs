using System.Numerics;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions;

internal enum ArithmeticKind : byte { Add, Subtract, Multiply }

/// <summary>Addition, subtraction and multiplication of fixed-width numbers, computed as <typeparamref
/// name="T"/>.</summary>
internal sealed class ArithmeticFunction<T>(ArithmeticKind kind) : VectorFunction
    where T : unmanaged, INumber<T>, IMinMaxValue<T>
{
    public override Column Evaluate(
        ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
    {
        ReadOnlySpan<T> x = NumberSpan.Of<T>(arguments[0]), y = NumberSpan.Of<T>(arguments[1]);
        T[] result = GC.AllocateUninitializedArray<T>(rowCount);
        bool isSuspect = kind switch
        {
            ArithmeticKind.Add => ArithmeticKernel.Add(x, y, result),
            ArithmeticKind.Subtract => ArithmeticKernel.Subtract(x, y, result),
            _ => ArithmeticKernel.Multiply(x, y, result),
        };
        if (isSuspect)
            Check(x, y, result, validity);
        return new FixedColumn<T>(result, validity);
    }

    /// <summary>Looks at the rows that count for one whose result is out of range.</summary>
    private void Check(ReadOnlySpan<T> x, ReadOnlySpan<T> y, ReadOnlySpan<T> result, Bitmap validity)
    {
        for (int row = 0; row < result.Length; row++)
        {
            if (!validity.IsAbsent && !validity[row])
                continue;
            T left = x.Length == 1 ? x[0] : x[row], right = y.Length == 1 ? y[0] : y[row];
            if (T.IsInfinity(result[row]))
            {
                if (T.IsFinite(left) && T.IsFinite(right))
                    throw NumberErrors.FloatOverflow();
            }
            else if (typeof(T) == typeof(float) || typeof(T) == typeof(double))
            {
                if (kind == ArithmeticKind.Multiply && T.IsZero(result[row]) && !T.IsZero(left) && !T.IsZero(right))
                    throw NumberErrors.FloatUnderflow();
            }
            else
            {
                CheckInteger(left, right);
            }
        }
    }

    private void CheckInteger(T left, T right)
    {
        Int128 x = Int128.CreateChecked(left), y = Int128.CreateChecked(right);
        Int128 exact = kind switch
        {
            ArithmeticKind.Add => x + y,
            ArithmeticKind.Subtract => x - y,
            _ => x * y,
        };
        if (exact < Int128.CreateChecked(T.MinValue) || exact > Int128.CreateChecked(T.MaxValue))
            throw NumberErrors.OutOfRange<T>();
    }
}

/// <summary>The errors of arithmetic.</summary>
internal static class NumberErrors
{
    public static SqlException OutOfRange<T>() => new(SqlState.NumericValueOutOfRange,
        typeof(T) == typeof(short) ? "smallint out of range"
        : typeof(T) == typeof(int) ? "integer out of range"
        : "bigint out of range");

    public static SqlException FloatOverflow() => new(SqlState.NumericValueOutOfRange, "value out of range: overflow");

    public static SqlException FloatUnderflow() =>
        new(SqlState.NumericValueOutOfRange, "value out of range: underflow");

    public static SqlException DivisionByZero() => new(SqlState.DivisionByZero, "division by zero");
}
