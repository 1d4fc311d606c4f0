using System.Numerics;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions;

/// <summary>Arithmetic of numerics as 64-bit integers of one scale, where both columns are such and all results fit.</summary>
/// <param name="exact">For all others.</param>
internal sealed class ScaledArithmetic(ArithmeticKind kind, VectorFunction exact) : VectorFunction
{
    public override Column Evaluate(
        ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context) =>
        TryCompute(arguments, rowCount, validity) ?? exact.Evaluate(arguments, rowCount, validity, context);

    private BinaryColumn? TryCompute(ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity)
    {
        if (!ScaledNumbers.TryRead(arguments[0], out ReadOnlySpan<long> x, out int scaleX)
            || !ScaledNumbers.TryRead(arguments[1], out ReadOnlySpan<long> y, out int scaleY))
            return null;
        long[] result = GC.AllocateUninitializedArray<long>(rowCount);
        int scale = scaleX + scaleY;
        bool isSuspect;
        if (kind == ArithmeticKind.Multiply)
        {
            isSuspect = scale > SqlNumeric.ScaleMax || ArithmeticKernel.Multiply(x, y, result);
        }
        else
        {
            scale = Math.Max(scaleX, scaleY);
            isSuspect = !ScaledAlignment.TryRaise(ref x, scale - scaleX) || !ScaledAlignment.TryRaise(ref y, scale - scaleY)
                || (kind == ArithmeticKind.Add ? ArithmeticKernel.Add(x, y, result) : ArithmeticKernel.Subtract(x, y, result));
        }
        return isSuspect ? null : ScaledNumbers.Column(result, scale, validity);
    }
}

/// <summary>Comparison of numerics as 64-bit integers of one scale, where both columns are such.</summary>
/// <param name="exact">For all others.</param>
internal sealed class ScaledComparison(ComparisonKind kind, VectorFunction exact) : VectorFunction
{
    public override Column Evaluate(
        ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
    {
        if (!ScaledNumbers.TryRead(arguments[0], out ReadOnlySpan<long> x, out int scaleX)
            || !ScaledNumbers.TryRead(arguments[1], out ReadOnlySpan<long> y, out int scaleY)
            || !ScaledAlignment.TryRaise(ref x, scaleY - scaleX) || !ScaledAlignment.TryRaise(ref y, scaleX - scaleY))
            return exact.Evaluate(arguments, rowCount, validity, context);
        ulong[] bits = Bitmap.Allocate(rowCount);
        CompareKernel.Run(kind, x, y, rowCount, bits);
        return new BoolColumn(new Bitmap(bits, rowCount), validity);
    }
}

/// <summary>Integers as numerics without digits behind the point.</summary>
internal sealed class IntegerToScaled<T> : VectorFunction where T : unmanaged, INumber<T>
{
    public override Column Evaluate(
        ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
    {
        var column = (FixedColumn<T>)arguments[0];
        ReadOnlySpan<T> source = column.Values;
        long[] target = GC.AllocateUninitializedArray<long>(rowCount);
        for (int row = 0; row < target.Length; row++)
            target[row] = long.CreateTruncating(source[row & column.RowMask]);
        return ScaledNumbers.Column(target, scale: 0, validity);
    }
}

/// <summary>Brings coefficients to a larger scale.</summary>
internal static class ScaledAlignment
{
    private const int DigitsMax = 18;

    /// <summary>Multiplies by a power of ten; false where a product does not fit. No digits or fewer leave the values as they are.</summary>
    internal static bool TryRaise(ref ReadOnlySpan<long> values, int digits)
    {
        if (digits <= 0)
            return true;
        if (digits > DigitsMax)
            return false;
        long factor = 1;
        for (int i = 0; i < digits; i++)
            factor *= 10;
        long[] raised = GC.AllocateUninitializedArray<long>(values.Length);
        bool isSuspect = ArithmeticKernel.Multiply(values, [factor], raised);
        values = raised;
        return !isSuspect;
    }
}
