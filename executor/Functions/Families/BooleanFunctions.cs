using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Families;

/// <summary>Truth values: comparison (false sorts before true) and conversion.</summary>
internal static class BooleanFunctions
{
    public static void Define(FunctionTable table)
    {
        table.Vector("booleq", new Comparison(ComparisonKind.Equal), isTotal: true);
        table.Vector("boolne", new Comparison(ComparisonKind.NotEqual), isTotal: true);
        table.Vector("boollt", new Comparison(ComparisonKind.Less), isTotal: true);
        table.Vector("boolle", new Comparison(ComparisonKind.LessOrEqual), isTotal: true);
        table.Vector("boolgt", new Comparison(ComparisonKind.Greater), isTotal: true);
        table.Vector("boolge", new Comparison(ComparisonKind.GreaterOrEqual), isTotal: true);
        table.Fixed("btboolcmp", static (in Row row) => row.Bool(0).CompareTo(row.Bool(1)));
        table.Bool("int4_bool", static (in Row row) => row.Int4(0) != 0, isTotal: true);
        table.Fixed("bool_int4", static (in Row row) => row.Bool(0) ? 1 : 0, isTotal: true);
        table.Binary("booltext", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(row.Bool(0) ? "true"u8 : "false"u8), isTotal: true);
    }

    /// <summary>Compares words of bits at once.</summary>
    private sealed class Comparison(ComparisonKind kind) : VectorFunction
    {
        public override Column Evaluate(
            ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
        {
            ReadOnlySpan<ulong> x = ((BoolColumn)arguments[0].Expand()).Values.Words;
            ReadOnlySpan<ulong> y = ((BoolColumn)arguments[1].Expand()).Values.Words;
            ulong[] bits = Bitmap.Allocate(rowCount);
            for (int i = 0; i < bits.Length; i++)
            {
                bits[i] = kind switch
                {
                    ComparisonKind.Equal => ~(x[i] ^ y[i]),
                    ComparisonKind.NotEqual => x[i] ^ y[i],
                    ComparisonKind.Less => ~x[i] & y[i],
                    ComparisonKind.LessOrEqual => ~x[i] | y[i],
                    ComparisonKind.Greater => x[i] & ~y[i],
                    _ => x[i] | ~y[i],
                };
            }
            return new BoolColumn(new Bitmap(bits, rowCount), validity);
        }
    }
}
