using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions;

/// <summary>Makes column functions from functions of one row; null rows of strict functions are passed over.</summary>
internal static class RowFunctions
{
    public static VectorFunction Fixed<T>(RowFunction<T> function) where T : unmanaged => new FixedResult<T>(function);

    public static VectorFunction Nullable<T>(RowFunction<T?> function) where T : unmanaged =>
        new NullableResult<T>(function);

    public static VectorFunction Bool(RowFunction<bool> function) => new BoolResult(function);

    public static VectorFunction NullableBool(RowFunction<bool?> function) => new NullableBoolResult(function);

    public static VectorFunction Binary(BinaryRowFunction function) => new BinaryResult(function);

    private static bool IsNull(Bitmap validity, int row) => !validity.IsAbsent && !validity[row];

    private sealed class FixedResult<T>(RowFunction<T> function) : VectorFunction where T : unmanaged
    {
        public override Column Evaluate(
            ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
        {
            var row = new Row(arguments, context);
            T[] values = new T[rowCount];
            for (int i = 0; i < values.Length; i++)
            {
                if (IsNull(validity, i))
                    continue;
                row.Index = i;
                values[i] = function(in row);
            }
            return new FixedColumn<T>(values, validity);
        }
    }

    private sealed class NullableResult<T>(RowFunction<T?> function) : VectorFunction where T : unmanaged
    {
        public override Column Evaluate(
            ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
        {
            var row = new Row(arguments, context);
            T[] values = new T[rowCount];
            ulong[] known = Bitmap.Allocate(rowCount);
            for (int i = 0; i < values.Length; i++)
            {
                if (IsNull(validity, i))
                    continue;
                row.Index = i;
                if (function(in row) is { } value)
                {
                    values[i] = value;
                    Bitmap.Set(known, i);
                }
            }
            return new FixedColumn<T>(values, new Bitmap(known, rowCount));
        }
    }

    private sealed class BoolResult(RowFunction<bool> function) : VectorFunction
    {
        public override Column Evaluate(
            ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
        {
            var row = new Row(arguments, context);
            ulong[] bits = Bitmap.Allocate(rowCount);
            for (int i = 0; i < rowCount; i++)
            {
                if (IsNull(validity, i))
                    continue;
                row.Index = i;
                if (function(in row))
                    Bitmap.Set(bits, i);
            }
            return new BoolColumn(new Bitmap(bits, rowCount), validity);
        }
    }

    private sealed class NullableBoolResult(RowFunction<bool?> function) : VectorFunction
    {
        public override Column Evaluate(
            ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
        {
            var row = new Row(arguments, context);
            ulong[] bits = Bitmap.Allocate(rowCount), known = Bitmap.Allocate(rowCount);
            for (int i = 0; i < rowCount; i++)
            {
                if (IsNull(validity, i))
                    continue;
                row.Index = i;
                bool? value = function(in row);
                if (value is null)
                    continue;
                Bitmap.Set(known, i);
                if (value.Value)
                    Bitmap.Set(bits, i);
            }
            return new BoolColumn(new Bitmap(bits, rowCount), new Bitmap(known, rowCount));
        }
    }

    private sealed class BinaryResult(BinaryRowFunction function) : VectorFunction
    {
        private const int BytesPerRowGuess = 24;

        public override Column Evaluate(
            ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
        {
            var row = new Row(arguments, context);
            var target = new BinaryColumnBuilder(rowCount, rowCount * BytesPerRowGuess) { Growth = context.Values };
            for (int i = 0; i < rowCount; i++)
            {
                if (IsNull(validity, i))
                {
                    target.AppendNull();
                    continue;
                }
                row.Index = i;
                function(in row, target);
            }
            return target.Build();
        }
    }
}
