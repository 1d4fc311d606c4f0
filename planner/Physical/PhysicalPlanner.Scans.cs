using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Planner.Logical;

namespace VecSQL.Planner.Physical;

/// <summary>Reading tables: by key where the filter fixes one, else by scan with zone predicates.</summary>
internal sealed partial class PhysicalPlanner
{
    private PlannedNode PlanScan(LogicalScan scan)
    {
        ImmutableArray<ColumnExpression> output = scan.Output;
        var layout = new PlanLayout(output);
        ImmutableArray<short> columns = [.. scan.Columns.Select(column => column.Number)];
        ScalarExpression? filter = _expressions.PlaceOptional(scan.Filter, layout);
        bool hasRowId = scan.RowId is not null;
        if (scan.Table.Kind == TableKind.System)
        {
            return new PlannedNode(new SystemScanPlan(scan.Table.Id, scan.Alias, columns)
            {
                Output = Types(output), Filter = filter, Zones = Zones(scan),
            }, output);
        }
        if (KeyMatch.Find(scan, _state.Context) is { } match)
        {
            ScalarExpression? rest = _expressions.PlaceOptional(Conjunction.Of(match.Rest), layout);
            NoteAccess(nameof(KeyLookupPlan), scan.Table.Id, match.Index.Oid);
            return new PlannedNode(new KeyLookupPlan(scan.Table.Id, scan.Alias, match.Index.Oid, columns,
                [.. match.Keys.Select(key => _expressions.Place(key, PlanLayout.Empty))])
            {
                Output = Types(output), WithRowId = hasRowId, Filter = rest,
            }, output);
        }
        if (TryRowLookup(scan, layout, columns) is { } rows)
            return rows;
        if (TryArrayLookup(scan) is { } lookups)
            return lookups;
        if (TryRange(scan) is { } near)
            return near;
        if (TryTextMatch(scan) is { } matching)
            return matching;
        _state.TablesRead.Add(scan.Table.Id);
        return new PlannedNode(new TableScanPlan(scan.Table.Id, scan.Alias, columns)
        {
            Output = Types(output), WithRowId = hasRowId, Filter = filter, Zones = Zones(scan),
        }, output);
    }

    /// <summary>The rows that the filter names by their ids.</summary>
    private PlannedNode? TryRowLookup(LogicalScan scan, PlanLayout layout, ImmutableArray<short> columns)
    {
        List<ScalarExpression> parts = Conjunction.Parts(scan.Filter);
        foreach (ScalarExpression part in parts)
        {
            if (RowsNamed(part, scan) is not { } rows)
                continue;
            ScalarExpression? rest = Conjunction.Of([.. parts.Where(other => !ReferenceEquals(other, part))]);
            _state.TablesRead.Add(scan.Table.Id);
            return new PlannedNode(new RowLookupPlan(scan.Table.Id, scan.Alias, columns, _expressions.Place(rows, PlanLayout.Empty))
            {
                Output = Types(scan.Output), WithRowId = true, Filter = _expressions.PlaceOptional(rest, layout),
            }, scan.Output);
        }
        return null;
    }

    /// <summary>The ids that the condition allows, as an array; null where it is none of ids alone.</summary>
    private static ScalarExpression? RowsNamed(ScalarExpression part, LogicalScan scan)
    {
        (ScalarExpression? operand, ScalarExpression? rows, FunctionEntry? equality) = part switch
        {
            ArrayComparison { IsAll: false } any => (any.Operand, any.Array, any.Function),
            InListOperation { IsNegated: false } list => (list.Operand, ArrayOf(list.Items), list.Equality),
            CallExpression { Arguments: [var left, var right] } call when IsRowId(left, scan) => (left, ArrayOf([right]), call.Function),
            CallExpression { Arguments: [var left, var right] } call => (right, ArrayOf([left]), call.Function),
            _ => (null, null, null),
        };
        return operand is not null && rows is not null && equality is not null && IsRowId(operand, scan)
            && rows.Type.Oid == BuiltinTypes.ArrayOf(TypeOid.Tid) && FunctionRegistry.FindOperatorOf(equality.Oid)?.Name == "="
            && ScanComparison.IsKnownBefore(rows, scan) ? rows : null;

        static ScalarExpression ArrayOf(ValueList<ScalarExpression> items) =>
            new ArrayConstruction(new SqlType(BuiltinTypes.ArrayOf(items[0].Type.Oid)), items, IsNested: false);
    }

    private static bool IsRowId(ScalarExpression value, LogicalScan scan) =>
        value is RelabelExpression { Operand: ColumnExpression column } && column.ColumnId == scan.RowId?.ColumnId;

    private void NoteAccess(string kind, TableId table, uint index)
    {
        _state.TablesRead.Add(table);
        _state.Accesses.Add(new TableAccess(kind, table, index));
    }

    /// <summary>The parts of the filter that compare a column with a value known before the scan.</summary>
    private ImmutableArray<ZonePredicate> Zones(LogicalScan scan)
    {
        var zones = ImmutableArray.CreateBuilder<ZonePredicate>();
        foreach (ScalarExpression part in Conjunction.Parts(scan.Filter))
        {
            if (ScanComparison.Of(part, scan) is { Operator: not "<>" } zone)
                zones.Add(new ZonePredicate(zone.Column, zone.Operator,
                    _expressions.Place(zone.Value, PlanLayout.Empty)));
        }
        return zones.ToImmutable();
    }

    /// <summary>The parts of the filter that an index's search may ask of keys.</summary>
    private ImmutableArray<FilterCondition> Conditions(LogicalScan scan) =>
    [
        .. Conjunction.Parts(scan.Filter)
            .Select(part => FilterConditions.Of(part, scan, value => _expressions.Place(value, PlanLayout.Empty)))
            .OfType<FilterCondition>(),
    ];
}

/// <summary>column op value, with a value in the column's type that needs nothing of the table.</summary>
internal sealed record ScanComparison(short Column, string Operator, ScalarExpression Value)
{
    internal static ScanComparison? Of(ScalarExpression condition, LogicalScan scan)
    {
        if (Comparison.Of(condition) is not { } comparison)
            return null;
        return Sided(comparison.Left, comparison.Operator.Name, comparison.Right, scan)
            ?? Sided(comparison.Right, Comparison.Turned(comparison.Operator.Name), comparison.Left, scan);
    }

    private static ScanComparison? Sided(ScalarExpression column, string op, ScalarExpression value, LogicalScan scan)
    {
        // varchar is compared as text: the relabelled column is still the column.
        ScalarExpression bare = column is RelabelExpression relabel ? relabel.Operand : column;
        ScanColumn? read = bare is ColumnExpression reference
            ? scan.Columns.FirstOrDefault(scanned => scanned.Column.ColumnId == reference.ColumnId)
            : null;
        if (read is null || read.Number <= 0 || !IsKnownBefore(value, scan))
            return null;
        ScalarExpression? converted = column is RelabelExpression && value.Type.Oid == column.Type.Oid
            ? Binding.Coercion.Relabel(value, read.Column.Type.Oid)
            : PlanCasts.Implicit(value, read.Column.Type.Oid);
        return converted is null ? null : new ScanComparison(read.Number, op, converted);
    }

    internal static bool IsKnownBefore(ScalarExpression value, LogicalScan scan)
    {
        HashSet<int> used = ColumnSet.UsedBy(value);
        return !used.Overlaps(scan.Output.Select(column => column.ColumnId))
            && !ExpressionTree.Any(value, static node =>
                Binding.ExpressionBinder.IsVolatile(node) || node is SubqueryExpression);
    }
}
