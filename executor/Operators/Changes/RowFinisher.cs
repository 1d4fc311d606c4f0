using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Changes;

/// <summary>Makes new rows ready to be stored: computes generated columns, then tests NOT NULL and checks.</summary>
internal sealed class RowFinisher
{
    private const int ValueBytesMax = 64; // of a value in an error's detail

    private readonly TableEntry _table;
    private readonly ColumnEntry[] _columns;
    private readonly GeneratedColumn[] _generated;
    private readonly VectorExpression[] _generatedValues;
    private readonly RowCheck[] _checks; // in the order in which PostgreSQL tests them: by name
    private readonly VectorExpression[] _conditions;
    private readonly OperatorContext _context;

    internal RowFinisher(
        TableId table, ImmutableArray<GeneratedColumn> generated, ImmutableArray<RowCheck> checks,
        OperatorContext context)
    {
        _context = context;
        if (!context.Transaction.Catalog.TryFindTable(table, out TableEntry? entry))
            throw new InvalidOperationException($"no table {table} in the catalog");
        _table = entry;
        _columns = [.. entry.StoredColumns];
        _generated = [.. generated];
        _generatedValues = CompiledExpressions.Compile([.. generated.Select(static column => column.Value)]);
        // Those of views come after the table's, from the lowest up.
        _checks = checks.IsEmpty ? []
            : [.. checks.Where(static check => !check.IsOfView).OrderBy(static check => check.Name, StringComparer.Ordinal),
                .. checks.Where(static check => check.IsOfView)];
        _conditions = CompiledExpressions.Compile([.. _checks.Select(static check => check.Condition)]);
    }

    internal int ColumnCount => _columns.Length;

    /// <summary>The rows as they are to be stored, constants written out.</summary>
    internal ColumnBatch Complete(ColumnBatch rows)
    {
        ColumnBatch source = rows;
        var columns = new Column[rows.Columns.Length];
        rows.Columns.CopyTo(columns, 0);
        for (int i = 0; i < _generated.Length; i++)
            columns[_generated[i].Ordinal] = CompiledExpressions.Evaluate(_generatedValues[i], source, _context.Evaluation);
        for (int i = 0; i < columns.Length; i++)
            columns[i] = columns[i].Expand();
        return new ColumnBatch(columns, rows.RowCount);
    }

    /// <summary>The first row that breaks a rule, with the error to raise; null when none does.</summary>
    /// <remarks>Rows before it are to be stored first, so that their conflicts are reported as they would be row by row.</remarks>
    internal (int Row, SqlException Error)? FirstFailure(ColumnBatch rows)
    {
        int row = rows.RowCount;
        int column = -1, check = -1;
        for (int i = 0; i < _columns.Length; i++)
        {
            if (!_columns[i].IsNotNull || !rows.Columns[i].HasNulls)
                continue;
            int failed = FirstNull(rows.Columns[i], row);
            if (failed < row)
                (row, column) = (failed, i);
        }
        for (int i = 0; i < _conditions.Length && row > 0; i++)
        {
            int failed = FirstFalse(CompiledExpressions.Evaluate(_conditions[i], rows, _context.Evaluation), row);
            if (failed < row)
                (row, column, check) = (failed, -1, i);
        }
        if (row == rows.RowCount)
            return null;
        return (row, column >= 0 ? NullError(rows, row, column) : CheckError(rows, row, _checks[check]));
    }

    private static int FirstNull(Column column, int end)
    {
        for (int row = 0; row < end; row++)
        {
            if (column.IsNull(row))
                return row;
        }
        return end;
    }

    private static int FirstFalse(Column condition, int end)
    {
        var truth = (BoolColumn)condition;
        for (int row = 0; row < end; row++)
        {
            if (!truth.IsNull(row) && !truth[row])
                return row;
        }
        return end;
    }

    private SqlException NullError(ColumnBatch rows, int row, int column) =>
        new(SqlState.NotNullViolation,
            $"null value in column \"{_columns[column].Name}\" of relation \"{_table.Name}\" violates not-null constraint")
        {
            Detail = Describe(rows, row),
            SchemaName = SchemaName,
            TableName = _table.Name,
            ColumnName = _columns[column].Name,
        };

    private SqlException CheckError(ColumnBatch rows, int row, RowCheck check) => check.IsOfView
        ? new(SqlState.WithCheckOptionViolation, $"new row violates check option for view \"{check.Name}\"")
        {
            Detail = Describe(rows, row),
        }
        : new(SqlState.CheckViolation, $"new row for relation \"{_table.Name}\" violates check constraint \"{check.Name}\"")
        {
            Detail = Describe(rows, row),
            SchemaName = SchemaName,
            TableName = _table.Name,
            ConstraintName = check.Name,
        };

    private string? SchemaName => (_context.Transaction.Catalog.Find(_table.SchemaOid) as SchemaEntry)?.Name;

    private string Describe(ColumnBatch rows, int row)
    {
        var text = new StringBuilder("Failing row contains (");
        var bytes = new ArrayBufferWriter<byte>();
        for (int i = 0; i < _columns.Length; i++)
        {
            if (_columns[i].IsHidden)
                continue;
            if (i > 0)
                text.Append(", ");
            if (rows.Columns[i].IsNull(row))
            {
                text.Append("null");
                continue;
            }
            bytes.ResetWrittenCount();
            TypeFormats.For(_columns[i].Type.Oid).WriteText(rows.Columns[i], row, bytes, _context.Evaluation.Format);
            ReadOnlySpan<byte> value = bytes.WrittenSpan;
            text.Append(Encoding.UTF8.GetString(Clip(value)));
            if (value.Length > ValueBytesMax)
                text.Append("...");
        }
        return text.Append(").").ToString();
    }

    // At most so many bytes, and no half character.
    private static ReadOnlySpan<byte> Clip(ReadOnlySpan<byte> value)
    {
        if (value.Length <= ValueBytesMax)
            return value;
        int length = ValueBytesMax;
        while (length > 0 && (value[length] & 0xC0) == 0x80)
            length--;
        return value[..length];
    }
}
