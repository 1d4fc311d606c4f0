using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Arrow;

/// <summary>A table at a pinned snapshot, cut into parts of some segments' rows each.</summary>
internal sealed class TableExport : ITableExport
{
    /// <summary>A part is filled until it has so many bytes.</summary>
    private const long PartBytes = 64 << 20;

    /// <summary>Guess at the bytes of a value in memory.</summary>
    private const long ValueBytes = 16;

    private readonly PinnedTable _table;
    private readonly short[] _columns;
    private readonly ArrowForm[] _forms;
    private readonly ImmutableArray<ImmutableArray<ScanUnit>> _units;

    private TableExport(PinnedTable table, short[] columns, ArrowForm[] forms, ArrowSchema schema)
    {
        _table = table;
        _columns = columns;
        _forms = forms;
        Schema = schema;
        (_units, Parts) = Divide(table.View, columns);
    }

    public ArrowSchema Schema { get; }

    public IReadOnlyList<ExportPart> Parts { get; }

    /// <summary>Opens what a plan reads, if that is no more than columns of one table.</summary>
    /// <returns>Null where the plan does more, or the transaction itself has written to the table.</returns>
    internal static TableExport? TryOpen(SessionState session, PlannedStatement plan, PlannedQuery query)
    {
        if (plan.Kind != StatementKind.Select || !plan.IsReadOnly || query.LastColumns is not { Length: > 0 } results
            || ScanOf(plan) is not var (table, columns) || columns.Length < results.Length)
        {
            return null;
        }
        (ArrowForm[] forms, ArrowSchema schema) = ArrowResult.Made(results, session.Format);
        if (session.Transaction.Storage.Pin(table) is not { } pinned)
            return null;
        try
        {
            return new TableExport(pinned, columns[..results.Length], forms, schema);
        }
        catch
        {
            pinned.Dispose(); // a segment could not be read
            throw;
        }
    }

    public IArrowStream Open(int part, ArrowStreamOptions options) =>
        new ExportStream(_units[part], _columns, Schema, _forms, options);

    public ValueTask DisposeAsync()
    {
        _table.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The table and the columns that a plan puts out unchanged; null where it does anything else.</summary>
    private static (TableId Table, short[] Columns)? ScanOf(PlannedStatement plan)
    {
        PhysicalPlan root = plan.Plan;
        ImmutableArray<ScalarExpression> expressions = default;
        if (root is ProjectPlan project)
            (root, expressions) = (project.Input, project.Expressions);
        if (root is not TableScanPlan { Filter: null, WithRowId: false } scan)
            return null;
        short[] columns = expressions.IsDefault ? [.. scan.Columns] : new short[expressions.Length];
        for (int i = 0; !expressions.IsDefault && i < columns.Length; i++)
        {
            if (expressions[i] is not InputExpression input)
                return null;
            columns[i] = scan.Columns[input.Ordinal];
        }
        return columns.Contains((short)0) ? null : (scan.Table, columns); // 0 is tableoid
    }

    private static (ImmutableArray<ImmutableArray<ScanUnit>>, ExportPart[]) Divide(TableView view, short[] columns)
    {
        var groups = ImmutableArray.CreateBuilder<ImmutableArray<ScanUnit>>();
        List<ExportPart> parts = [];
        List<ScanUnit> group = [];
        long rows = 0, bytes = 0;
        foreach (ScanUnit unit in view.Units)
        {
            VecSQL.Columnar.Columns.Bitmap visible = unit.FindVisible();
            long seen = visible.IsAbsent ? unit.RowCountMax : visible.CountSet();
            if (seen == 0)
                continue;
            group.Add(unit);
            rows += seen;
            bytes += unit.Stored?.BytesOf(columns) ?? seen * columns.Length * ValueBytes;
            if (bytes >= PartBytes)
                End();
        }
        if (group.Count > 0 || parts.Count == 0)
            End();
        return (groups.ToImmutable(), [.. parts]);

        void End()
        {
            groups.Add([.. group]);
            parts.Add(new ExportPart(rows, bytes));
            group.Clear();
            (rows, bytes) = (0, 0);
        }
    }
}
