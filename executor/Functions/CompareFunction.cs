using System.Numerics;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions;

/// <summary>A comparison of two fixed-width numbers, which may differ in width; both are compared as <typeparamref
/// name="T"/>.</summary>
internal sealed class CompareFunction<T>(ComparisonKind kind) : VectorFunction where T : unmanaged, INumber<T>
{
    public override Column Evaluate(
        ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
    {
        ulong[] bits = Bitmap.Allocate(rowCount);
        CompareKernel.Run(kind, NumberSpan.Of<T>(arguments[0]), NumberSpan.Of<T>(arguments[1]), rowCount, bits);
        return new BoolColumn(new Bitmap(bits, rowCount), validity);
    }
}

/// <summary>Columns of numbers as spans of one type.</summary>
internal static class NumberSpan
{
    /// <summary>The column's stored values (one in a constant column), widened where the column is of another
    /// type.</summary>
    public static ReadOnlySpan<T> Of<T>(Column column) where T : unmanaged, INumber<T> => column switch
    {
        FixedColumn<T> same => same.Values,
        FixedColumn<short> narrow => Widen<short, T>(narrow.Values),
        FixedColumn<int> narrow => Widen<int, T>(narrow.Values),
        FixedColumn<long> wide => Widen<long, T>(wide.Values),
        FixedColumn<float> narrow => Widen<float, T>(narrow.Values),
        FixedColumn<double> wide => Widen<double, T>(wide.Values),
        _ => throw new InvalidOperationException($"no numbers in a column of {column.Type}"),
    };

    private static T[] Widen<TFrom, T>(
        ReadOnlySpan<TFrom> source) where TFrom : unmanaged, INumber<TFrom> where T : unmanaged, INumber<T>
    {
        T[] target = GC.AllocateUninitializedArray<T>(source.Length);
        for (int i = 0; i < target.Length; i++)
            target[i] = T.CreateTruncating(source[i]);
        return target;
    }
}
