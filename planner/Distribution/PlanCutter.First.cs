using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Distribution;

/// <summary>First rows: each shard finds its own, of which the first are taken.</summary>
internal sealed partial class PlanCutter
{
    private static readonly FunctionEntry Plus = Function("int8pl"), IsEqual8 = Function("float8eq"), IsEqual4 = Function("float4eq");

    private Piece VisitTopN(TopNPlan top)
    {
        Piece input = Visit(top.Input);
        if (input.Site is null || !PlanParts.ExpressionsOf(top).All(IsFree))
            return new Piece(top with { Input = Close(input) }, null);
        ScalarExpression first = Sum(top.Limit, top.Offset);
        return new Piece(top with { Input = Close(input.Under(plan => top with { Input = plan, Limit = first, Offset = null }, input.Site)) }, null);
    }

    private Piece VisitLimit(LimitPlan limit)
    {
        Piece input = Visit(limit.Input);
        bool isPushed = input.Site is not null && limit.Limit is not null && limit.Ties.IsDefaultOrEmpty && IsFree(limit.Limit)
            && (limit.Offset is null || IsFree(limit.Offset));
        if (!isPushed)
            return new Piece(limit with { Input = Close(input) }, null);
        ScalarExpression first = Sum(limit.Limit!, limit.Offset);
        return new Piece(limit with { Input = Close(input.Under(plan => limit with { Input = plan, Limit = first, Offset = null }, input.Site)) }, null);
    }

    /// <remarks>What is above a search with ties counts by itself, and relies on the order.</remarks>
    private Piece VisitNearest(VectorTopKPlan top)
    {
        if (SiteOf(top.Table) is not { } site || !PlanParts.ExpressionsOf(top).All(IsFree) || !context.Catalog.TryFindTable(top.Table, out TableEntry? table))
            return new Piece(top, null);
        VectorTopKPlan apart = top with { Limit = Sum(top.Limit, top.Offset), Offset = null };
        ImmutableArray<short> key = table.PrimaryKey?.Columns ?? [];
        ImmutableArray<short> columns = [.. top.Columns, .. key.Where(number => !top.Columns.Contains(number))];
        apart = apart with
        {
            Columns = columns, WithRowId = true,
            Output = [.. columns.Select((number, place) => place < top.Columns.Length ? top.Output[place] : table.Column(number).Type), SqlType.Int8, top.Output[^1]],
        };
        PhysicalPlan gathered = Close(new Piece(apart, site with
        {
            Key = [], Pinned = PinnedBy(top.Table, top.Zones, top.Filter, top.FilterColumns, site), Nearest = NearestOf(apart, table),
        }));
        ImmutableArray<SortKey> order = OrderOf(top, columns, key, table);
        PhysicalPlan first = (top.WithTies ? (PhysicalPlan)new SortPlan(gathered, order) { Output = gathered.Output }
            : new TopNPlan(gathered, order, top.Limit, top.Offset) { Output = gathered.Output }) with
        {
            EstimatedRows = top.EstimatedRows, EstimatedCost = top.EstimatedCost,
        };
        int[] kept = [.. Enumerable.Range(0, top.Columns.Length), .. top.WithRowId ? new[] { columns.Length } : [], columns.Length + 1];
        return new Piece(
            new ProjectPlan(first, [.. kept.Select(place => new InputExpression(first.Output[place], place))])
            {
                Output = top.Output, EstimatedRows = top.EstimatedRows, EstimatedCost = top.EstimatedCost,
            }, null);
    }

    /// <summary>Which shards a search asks of a table that is divided by cells of the vectors that it searches; null for all.</summary>
    /// <remarks>Rows without a vector, and those whose distance is not a number, are in any cell: where they come first, all are asked.</remarks>
    private NearestShards? NearestOf(VectorTopKPlan apart, TableEntry table) => !apart.NullsFirst && !apart.NaNIsNearest
        && apart.Metric is VectorMetric.L2 or VectorMetric.NegativeInnerProduct or VectorMetric.Cosine or VectorMetric.L1
        && table.Placement is { KeyColumns: [var key] } && key == apart.VectorColumn && HasCells(context.Catalog, table.Id)
        ? new NearestShards(apart.Query, apart.Metric, apart.Limit) : null;

    /// <summary>Whether the table is divided by cells of vectors, and has some.</summary>
    internal static bool HasCells(CatalogSnapshot catalog, TableId id) => catalog.TryFindTable(id, out TableEntry? table) && table.Placement is { } placement
        && catalog.Find(placement.GroupOid) is ShardGroupEntry { Centroids.IsEmpty: false };

    /// <summary>The order of a search's rows: by distance, and among equals by primary key; those without a vector by row.</summary>
    private static ImmutableArray<SortKey> OrderOf(VectorTopKPlan top, ImmutableArray<short> columns, ImmutableArray<short> key, TableEntry table)
    {
        InputExpression rowId = new(SqlType.Int8, columns.Length), distance = new(top.Output[^1], columns.Length + 1);
        var keys = ImmutableArray.CreateBuilder<SortKey>();
        keys.Add(new SortKey(new NullTest(distance, IsNegated: false), IsDescending: top.NullsFirst, NullsFirst: false));
        if (top.NaNIsNearest)
        {
            (FunctionEntry equality, Column notANumber) = distance.Type == SqlType.Float8
                ? (IsEqual8, (Column)FixedColumn<double>.Constant(double.NaN, 1)) : (IsEqual4, FixedColumn<float>.Constant(float.NaN, 1));
            keys.Add(new SortKey(
                new CallExpression(SqlType.Bool, equality, [distance, new ConstantExpression(distance.Type, notANumber)]), IsDescending: true, NullsFirst: false));
        }
        keys.Add(new SortKey(distance, IsDescending: false, NullsFirst: false));
        foreach (short number in key)
        {
            SqlType type = table.Column(number).Type;
            CaseBranch isFar = new(new NullTest(distance, IsNegated: false), ConstantExpression.Null(type, BuiltinTypes.PhysicalOf(type.Oid)));
            keys.Add(new SortKey(new CaseOperation(type, [isFar], new InputExpression(type, columns.IndexOf(number))), IsDescending: false, NullsFirst: false));
        }
        keys.Add(new SortKey(rowId, IsDescending: false, NullsFirst: false));
        return keys.ToImmutable();
    }

    /// <summary>As many rows as the limit and the offset together take; null for all.</summary>
    private static ScalarExpression Sum(ScalarExpression limit, ScalarExpression? offset)
    {
        if (offset is null)
            return limit;
        ConstantExpression none = new(SqlType.Int8, FixedColumn<long>.Constant(0, 1));
        return new CallExpression(SqlType.Int8, Plus, [limit, new CoalesceOperation(SqlType.Int8, [offset, none])]);
    }

    private static FunctionEntry Function(string implementation) => FunctionRegistry.FindImplementation(implementation);
}
