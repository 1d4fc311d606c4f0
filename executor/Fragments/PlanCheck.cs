using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Fragments;

/// <summary>Whether a plan that came from elsewhere makes sense: reads what is there, gives what it says, and computes from what its inputs give.</summary>
/// <exception cref="InvalidDataException">It does not.</exception>
/// <param name="tables">Those that it may read.</param>
/// <param name="parameters">What it is run with.</param>
internal sealed class PlanCheck(CatalogSnapshot catalog, IReadOnlyCollection<TableId> tables, ImmutableArray<PhysicalType> parameters)
{
    private static readonly ImmutableArray<SqlType> Nothing = [];

    internal void Check(PhysicalPlan plan)
    {
        foreach (PhysicalPlan input in PlanInputs.Of(plan))
            Check(input);
        CheckReads(plan);
        foreach (ImmutableArray<SqlType> given in Gives(plan))
            ExpectAlike(plan, given);
        foreach ((object? part, ImmutableArray<SqlType> row) in Parts(plan))
        {
            if (part is not null)
                CheckPart(part, row);
        }
    }

    private static InvalidDataException Wrong(string what) => ByteReader.Wrong(what);

    private static bool IsAlike(SqlType x, SqlType y) => BuiltinTypes.PhysicalOf(x.Oid) == BuiltinTypes.PhysicalOf(y.Oid);

    private static void ExpectAlike(PhysicalPlan plan, ImmutableArray<SqlType> given)
    {
        if (given.Length != plan.Output.Length)
            throw Wrong($"a {plan.GetType().Name} of {plan.Output.Length} columns, of which there are {given.Length}");
        for (int i = 0; i < given.Length; i++)
        {
            if (!IsAlike(given[i], plan.Output[i]))
                throw Wrong($"a {plan.GetType().Name} whose column {i} is of type {given[i].Oid}, and not of {plan.Output[i].Oid}");
        }
    }

    private TableEntry Table(TableId id) => tables.Contains(id) && catalog.TryFindTable(id, out TableEntry? table) ? table : throw Wrong($"a table {id} that it may not read");

    private static SqlType TypeOf(TableEntry table, short number) => number == 0 ? SqlType.OidType
        : table.Columns.FirstOrDefault(column => column.Number == number)?.Type ?? throw Wrong($"a column {number} that table {table.Oid} does not have");

    private static ImmutableArray<SqlType> TypesOf(TableEntry table, ImmutableArray<short> columns) => [.. columns.Select(number => TypeOf(table, number))];

    private ImmutableArray<SqlType> RowOf(TableId table, ImmutableArray<short> columns, bool withRowId) =>
        [.. TypesOf(Table(table), columns), .. withRowId ? new[] { SqlType.Int8 } : []];

    private static SqlType MeasureOf(VectorTopKPlan top) => top.Metric == VectorMetric.MaxSim ? SqlType.Float4 : SqlType.Float8;

    private static IndexEntry Index(TableEntry table, uint oid) =>
        table.Indexes.FirstOrDefault(index => index.Oid == oid) ?? throw Wrong($"an index {oid} that table {table.Oid} does not have");

    /// <summary>That what it asks of a table is there.</summary>
    private void CheckReads(PhysicalPlan plan)
    {
        switch (plan)
        {
            case KeyLookupPlan lookup:
                TableEntry table = Table(lookup.Table);
                ImmutableArray<SqlType> key = TypesOf(table, [.. Index(table, lookup.IndexOid).Columns]);
                foreach (ImmutableArray<ScalarExpression> values in lookup.Keys)
                {
                    if (values.Length != key.Length || !values.Zip(key, static (value, type) => IsAlike(value.Type, type)).All(static isAlike => isAlike))
                        throw Wrong($"a key that is none of index {lookup.IndexOid}");
                }
                break;
            case VectorTopKPlan top:
                TableEntry searched = Table(top.Table);
                TypeOf(searched, top.VectorColumn);
                if (top.Index != 0)
                    Index(searched, top.Index);
                TypesOf(searched, [.. top.Conditions.Select(static condition => condition.Column)]);
                break;
            case TextMatchPlan match:
                Index(Table(match.Table), match.Index);
                break;
            case TextTopKPlan top:
                Index(Table(top.Table), top.Index);
                break;
        }
    }

    /// <summary>The rows that the plan puts out, as far as its parts say; those of several parts are to be alike.</summary>
    private IEnumerable<ImmutableArray<SqlType>> Gives(PhysicalPlan plan) => plan switch
    {
        ValuesPlan p => p.Rows.Select(Of),
        TableScanPlan p => [RowOf(p.Table, p.Columns, p.WithRowId)],
        KeyLookupPlan p => [RowOf(p.Table, p.Columns, p.WithRowId)],
        RowLookupPlan p => [RowOf(p.Table, p.Columns, p.WithRowId)],
        TextMatchPlan p => [RowOf(p.Table, p.Columns, p.WithRowId)],
        VectorTopKPlan p => [[.. RowOf(p.Table, p.Columns, p.WithRowId), MeasureOf(p)]],
        TextTopKPlan p => [[.. RowOf(p.Table, p.Columns, p.WithRowId), SqlType.Float8]],
        FunctionScanPlan p => [[.. p.Functions.SelectMany(static function => function.Columns), .. p.WithOrdinality ? new[] { SqlType.Int8 } : []]],
        ProjectPlan p => [Of(p.Expressions)],
        ProjectSetPlan p => [Of(p.Expressions)],
        HashJoinPlan p => [Kept(Both(p.Left, p.Right), p.Kept)],
        ApplyPlan p => [Kept(Both(p.Left, p.Right), p.Kept)],
        NestedLoopJoinPlan p => [p.Kind is PhysicalJoinKind.Semi or PhysicalJoinKind.Anti or PhysicalJoinKind.NullAwareAnti ? p.Left.Output : Both(p.Left, p.Right)],
        AggregatePlan p => [[.. Of(p.Keys), .. p.Aggregates.Select(static call => call.Type), .. p.Groupings.Select(static _ => SqlType.Int4)]],
        WindowPlan p => [[.. p.Input.Output, .. p.Calls.Select(static call => call.Type)]],
        WithPlan p => [p.Body.Output],
        _ => PlanInputs.Of(plan).Select(static input => input.Output),
    };

    private static ImmutableArray<SqlType> Of(ImmutableArray<ScalarExpression> expressions) => [.. expressions.Select(static expression => expression.Type)];

    private static ImmutableArray<SqlType> Both(PhysicalPlan left, PhysicalPlan right) => [.. left.Output, .. right.Output];

    private static ImmutableArray<SqlType> Kept(ImmutableArray<SqlType> row, ImmutableArray<int> places) =>
        [.. places.Select(place => place >= 0 && place < row.Length ? row[place] : throw Wrong($"a column {place} of {row.Length}"))];

    /// <summary>The parts of a plan, and the row that each is computed over.</summary>
    private IEnumerable<(object? Part, ImmutableArray<SqlType> Row)> Parts(PhysicalPlan plan)
    {
        switch (plan)
        {
            case TableScanPlan p:
                return [(p.Filter, p.Output), .. p.Zones.Select(static zone => ((object?)zone, Nothing))];
            case KeyLookupPlan p:
                return [(p.Filter, p.Output), .. All(p.Keys.SelectMany(static key => key), Nothing)];
            case RowLookupPlan p:
                return [(p.Filter, p.Output), (p.Rows, Nothing)];
            case TextMatchPlan p:
                return [(p.Filter, p.Output), (p.Query, Nothing)];
            case VectorTopKPlan p:
                return [(p.Query, Nothing), (p.Limit, Nothing), (p.Offset, Nothing), (p.TieKey, [MeasureOf(p)]), (p.Within, [MeasureOf(p)]), (p.Beyond, [MeasureOf(p)]),
                    (p.Filter, TypesOf(Table(p.Table), p.FilterColumns)), .. All(p.Zones, Nothing), .. All(p.Conditions, Nothing)];
            case TextTopKPlan p:
                return [(p.Query, Nothing), (p.Limit, Nothing), (p.Offset, Nothing), (p.Filter, TypesOf(Table(p.Table), p.FilterColumns))];
            case HashJoinPlan p:
                return [.. All(p.LeftKeys, p.Left.Output), .. All(p.RightKeys, p.Right.Output), (p.Residual, Both(p.Left, p.Right))];
            case ApplyPlan p:
                return [.. All(p.OuterValues, p.Left.Output), (p.Condition, Both(p.Left, p.Right))];
            case NestedLoopJoinPlan p:
                return [(p.Condition, Both(p.Left, p.Right))];
            case TopNPlan p:
                return [.. All(p.Keys, p.Input.Output), (p.Limit, Nothing), (p.Offset, Nothing)];
            case LimitPlan p:
                return [.. All(p.Ties.IsDefault ? [] : p.Ties, p.Input.Output), (p.Limit, Nothing), (p.Offset, Nothing)];
            case AggregatePlan p:
                return [.. All(p.Keys, p.Input.Output), .. All(p.Aggregates, p.Input.Output)];
            case WindowPlan p:
                return [.. All(p.PartitionBy, p.Input.Output), .. All(p.OrderBy, p.Input.Output), .. All(p.Calls, p.Input.Output)];
            default:
                ImmutableArray<SqlType> row = PlanInputs.Of(plan).FirstOrDefault()?.Output ?? Nothing;
                return All(Below(plan).Where(static part => part is not PhysicalPlan), row);
        }
    }

    private static IEnumerable<(object? Part, ImmutableArray<SqlType> Row)> All(IEnumerable<object> parts, ImmutableArray<SqlType> row) =>
        parts.Select(part => ((object?)part, row));

    private static List<object> Below(object record)
    {
        var below = new List<object>();
        PlanRecords.Shape(record.GetType())!.Visit(record, below.Add);
        return below;
    }

    private void CheckPart(object part, ImmutableArray<SqlType> row)
    {
        switch (part)
        {
            case PhysicalPlan:
                return; // it was checked as an input
            case InputExpression input when input.Ordinal < 0 || input.Ordinal >= row.Length || !IsAlike(input.Type, row[input.Ordinal]):
                throw Wrong($"an input {input.Ordinal} of type {input.Type.Oid} that is not there");
            case ParameterExpression value when value.Index < 0 || value.Index >= parameters.Length
                || parameters[value.Index] != BuiltinTypes.PhysicalOf(value.Type.Oid):
                throw Wrong($"a value {value.Index} of type {value.Type.Oid} that is not there");
            case ConstantExpression constant when constant.Value.Type != BuiltinTypes.PhysicalOf(constant.Type.Oid):
                throw Wrong($"a value of {constant.Value.Type} whose type is {constant.Type.Oid}");
            case CallExpression { Function.Kind: not FunctionKind.Scalar } or AggregateCall { Function.Kind: not FunctionKind.Aggregate }:
                throw Wrong("a call of what cannot be called so");
            case SubplanExpression subplan:
                Check(subplan.Plan);
                foreach (OuterValue value in subplan.OuterValues)
                    CheckPart(value, row);
                if (subplan.Test is { } test)
                    CheckPart(test, subplan.Plan.Output);
                return;
            case ArrayCastExpression cast:
                CheckPart(cast.Operand, row);
                CheckPart(cast.ElementCast, [new SqlType(BuiltinTypes.ElementOf(cast.Operand.Type.Oid) is var element and not 0
                    ? element : throw Wrong($"elements of a value of type {cast.Operand.Type.Oid}"))]);
                return;
        }
        foreach (object below in Below(part))
            CheckPart(below, row);
    }
}
