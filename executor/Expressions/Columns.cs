using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Functions;

namespace VecSQL.Executor.Expressions;

/// <summary>What expressions do to columns.</summary>
internal static class Columns
{
    private static readonly Column Placeholder = Column.Nulls(PhysicalType.Bool, 0);

    /// <summary>How values of the type lie in memory; types that users made are kept as bytes.</summary>
    public static PhysicalType PhysicalOf(SqlType type) =>
        BuiltinTypes.TryFind(type.Oid, out TypeEntry? entry) ? entry.Physical : PhysicalType.Binary;

    public static bool AreConstant(ReadOnlySpan<Column> columns)
    {
        foreach (Column column in columns)
        {
            if (!column.IsConstant)
                return false;
        }
        return true;
    }

    /// <summary>The batch's rows with these numbers; columns that are not in <paramref name="ordinals"/> are left
    /// out.</summary>
    public static ColumnBatch TakeUsed(ColumnBatch batch, ReadOnlySpan<int> rows, int[] ordinals)
    {
        var columns = new Column[batch.Columns.Length];
        Array.Fill(columns, Placeholder.WithLength(rows.Length));
        foreach (int ordinal in ordinals)
            columns[ordinal] = batch[ordinal].Take(rows);
        return new ColumnBatch(columns, rows.Length);
    }

    /// <summary>The bits of the rows that are not null: absent where all are, also for constants.</summary>
    public static Bitmap ValidityOf(Column column) =>
        !column.IsConstant || !column.HasNulls ? column.Validity : Bitmap.Filled(column.Length, column.Validity[0]);

    /// <summary>Puts pieces of a column back in the order of the rows they were computed for.</summary>
    public static Column Assemble(
        PhysicalType type, int rowCount, List<(Column Values, int[]? Rows)> pieces, EvaluationContext context)
    {
        if (pieces is [(var whole, null)])
            return whole;
        var pieceOf = new int[rowCount];
        var indexOf = new int[rowCount];
        for (int p = 0; p < pieces.Count; p++)
        {
            int[]? rows = pieces[p].Rows;
            int count = rows?.Length ?? rowCount;
            for (int i = 0; i < count; i++)
            {
                int row = rows is null ? i : rows[i];
                pieceOf[row] = p;
                indexOf[row] = i;
            }
        }
        ColumnBuilder target = NewBuilder(type, rowCount, context);
        for (int row = 0; row < rowCount; row++)
            target.AppendFrom(pieces[pieceOf[row]].Values, indexOf[row]);
        return target.Build();
    }

    /// <summary>A builder whose large values count.</summary>
    public static ColumnBuilder NewBuilder(PhysicalType type, int rowCount, EvaluationContext context) =>
        type == PhysicalType.Binary
            ? new BinaryColumnBuilder(rowCount) { Growth = context.Values }
            : ColumnBuilder.Create(type, rowCount);

    public static void AppendInteger(ColumnBuilder target, long value)
    {
        switch (target)
        {
            case FixedColumnBuilder<short> builder:
                builder.Append(value is >= short.MinValue and <= short.MaxValue ? (short)value
                    : throw NumberErrors.OutOfRange<short>());
                break;
            case FixedColumnBuilder<int> builder:
                builder.Append(value is >= int.MinValue and <= int.MaxValue ? (int)value
                    : throw NumberErrors.OutOfRange<int>());
                break;
            default:
                ((FixedColumnBuilder<long>)target).Append(value);
                break;
        }
    }
}
