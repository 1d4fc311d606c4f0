using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>The columns a scan puts out: those stored, and tableoid, which is not.</summary>
internal sealed class ScanColumns
{
    internal const short TableOid = 0;

    private readonly TableId _table;
    private readonly ImmutableArray<short> _columns;

    internal ScanColumns(TableId table, ImmutableArray<short> columns)
    {
        _table = table;
        _columns = columns;
        Stored = columns.Contains(TableOid)
            ? columns.Where(static column => column != TableOid).ToArray()
            : columns.AsMemory();
    }

    /// <summary>What to ask storage for.</summary>
    internal ReadOnlyMemory<short> Stored { get; }

    /// <summary>The batch that storage gave, with tableoid in its place; columns beyond those asked for stay behind.</summary>
    internal ColumnBatch Complete(ColumnBatch stored)
    {
        if (Stored.Length == _columns.Length)
            return stored;
        var columns = new List<Column>(stored.Columns.Length + 1);
        int next = 0;
        foreach (short column in _columns)
        {
            columns.Add(column == TableOid
                ? FixedColumn<long>.Constant(_table.Oid, stored.RowCount)
                : stored.Columns[next++]);
        }
        for (; next < stored.Columns.Length; next++)
            columns.Add(stored.Columns[next]);
        return new ColumnBatch([.. columns], stored.RowCount);
    }

    /// <summary>The bounds with their values; a null value bounds nothing, since the filter drops all rows anyway.</summary>
    internal static List<ZoneBound> Bounds(ImmutableArray<ZonePredicate> zones, EvaluationContext context)
    {
        var bounds = new List<ZoneBound>(zones.Length);
        foreach (ZonePredicate zone in zones)
        {
            Column value = CompiledExpressions.EvaluateConstant(zone.Value, context);
            if (!value.IsNull(0))
                bounds.Add(new ZoneBound(zone.Column, zone.Operator, value));
        }
        return bounds;
    }
}
