using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Operators.Windows;

/// <summary>Window functions that give another row's value.</summary>
internal static class NavigationFunctions
{
    /// <summary>lag and lead: the value so many rows away in the partition, or the default where there is none.</summary>
    /// <param name="direction">−1 for lag, 1 for lead.</param>
    internal static Column Shift(WindowChunk chunk, ReadOnlySpan<Column> arguments, int direction)
    {
        Column values = arguments[0];
        var offsets = arguments.Length > 1 ? (FixedColumn<int>)arguments[1] : null;
        Column? defaults = arguments.Length > 2 ? arguments[2] : null;
        ColumnBuilder target = ColumnBuilder.Create(values.Type, chunk.RowCount);
        for (int row = 0; row < chunk.RowCount; row++)
        {
            if (offsets is not null && offsets.IsNull(row))
            {
                target.AppendNull();
                continue;
            }
            long source = row + ((long)direction * (offsets is null ? 1 : offsets[row]));
            if (source >= chunk.PartitionStart(row) && source < chunk.PartitionEnd(row))
                target.AppendFrom(values, (int)source);
            else if (defaults is not null)
                target.AppendFrom(defaults, row);
            else
                target.AppendNull();
        }
        return target.Build();
    }

    internal static Column First(WindowChunk chunk, WindowFrames frames, Column values) =>
        Pick(chunk, frames, values, static (_, _) => 1);

    internal static Column Last(WindowChunk chunk, WindowFrames frames, Column values) =>
        Pick(chunk, frames, values, static (_, _) => -1);

    internal static Column Nth(WindowChunk chunk, WindowFrames frames, Column values, Column numbers)
    {
        var counts = (FixedColumn<int>)numbers;
        return Pick(chunk, frames, values, (_, row) =>
        {
            if (counts.IsNull(row))
                return 0;
            if (counts[row] <= 0)
            {
                throw new SqlException(
                    SqlState.InvalidArgumentForNthValueFunction, "argument of nth_value must be greater than zero");
            }
            return counts[row];
        });
    }

    // The frame's n-th row from 1; its last one for −1; none for 0.
    private static Column Pick(
        WindowChunk chunk, WindowFrames frames, Column values, Func<WindowChunk, int, int> number)
    {
        ColumnBuilder target = ColumnBuilder.Create(values.Type, chunk.RowCount);
        Span<(int Start, int End)> pieces = stackalloc (int, int)[3];
        for (int row = 0; row < chunk.RowCount; row++)
        {
            int wanted = number(chunk, row), count = frames.Pieces(row, pieces), source = -1;
            if (wanted == -1 && count > 0)
                source = pieces[count - 1].End - 1;
            for (int i = 0; i < count && wanted > 0; i++)
            {
                int size = pieces[i].End - pieces[i].Start;
                if (wanted <= size)
                    source = pieces[i].Start + wanted - 1;
                wanted -= size;
            }
            if (source < 0)
                target.AppendNull();
            else
                target.AppendFrom(values, source);
        }
        return target.Build();
    }
}
