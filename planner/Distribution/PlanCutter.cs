using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Types;
using VecSQL.Planner.Costs;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Distribution;

/// <summary>Cuts a plan into what runs where the rows are, and what runs where the client is.</summary>
/// <remarks>
/// Whole:   a part that reads one shard only, however large, is run there.
/// Divided: of a table in several shards each shard filters, projects, groups, and takes the first rows; joins of tables that are divided alike, by
///          their keys, are made there, and those with few rows, which go along. What is above puts the shards' answers together: it adds up, sorts
///          and limits again.
/// The answers are the same however many shards there are: ties go by primary key, as in one.
/// </remarks>
internal sealed partial class PlanCutter(PlannerContext context)
{
    private readonly Dictionary<PhysicalPlan, Site?> _whole = new(ReferenceEqualityComparer.Instance);
    private bool _inOrder; // below a step that locks rows

    /// <summary>A part of a plan, which runs at a site if it has one.</summary>
    private readonly record struct Piece(PhysicalPlan Plan, Site? Site)
    {
        /// <summary>What goes along.</summary>
        internal ImmutableArray<FeedPlan> Feeds { get; init; } = [];

        /// <summary>The same where the client is, for when that is too much; null where nothing goes along.</summary>
        internal PhysicalPlan? Instead { get; init; }

        /// <summary>How many bytes may come out before it would have been less to run the other form.</summary>
        internal double Saving { get; init; } = double.PositiveInfinity;

        internal bool IsParted => Feeds.Any(static feed => feed.IsParted);

        /// <summary>With a step above it, that runs where it does.</summary>
        internal Piece Under(Func<PhysicalPlan, PhysicalPlan> step, Site? site) =>
            this with { Plan = step(Plan), Instead = Instead is null ? null : step(Instead), Site = site };
    }

    internal PhysicalPlan Cut(PhysicalPlan plan) => plan switch
    {
        InsertPlan insert => insert with { Input = Cut(insert.Input) },
        UpdatePlan update => update with { Input = CutInOrder(update.Input) },
        DeletePlan delete => delete with { Input = CutInOrder(delete.Input) },
        MergePlan merge => merge with { Input = CutInOrder(merge.Input) },
        _ => Close(Visit(plan)),
    };

    /// <summary>For a step that locks rows as they come.</summary>
    private PhysicalPlan CutInOrder(PhysicalPlan plan)
    {
        (bool outer, _inOrder) = (_inOrder, true);
        plan = Close(Visit(plan));
        _inOrder = outer;
        return plan;
    }

    private PhysicalPlan Close(Piece piece)
    {
        if (piece.Site is not { } site)
            return piece.Plan;
        bool isLimited = piece.Feeds.Any(static feed => !feed.IsParted);
        if (!isLimited && piece.Instead is { } plain && RowBytes.Of(piece.Plan) > piece.Saving)
            return plain;
        return new FragmentPlan(piece.Plan, site.Group)
        {
            Output = piece.Plan.Output, EstimatedRows = piece.Plan.EstimatedRows, EstimatedCost = piece.Plan.EstimatedCost,
            Keys = site.Pinned, KeyTable = site.KeyTable, Tables = PlanTables.Of(piece.Plan), Nearest = site.Nearest, InOrder = _inOrder && !piece.IsParted,
            Feeds = piece.Feeds, FeedBytesMax = isLimited ? context.BroadcastBytesMax : 0, Instead = isLimited ? piece.Instead : null,
        };
    }

    private Piece Visit(PhysicalPlan plan)
    {
        if (Whole(plan) is { } site)
            return new Piece(plan, site);
        return plan switch
        {
            TableScanPlan scan => VisitScan(scan),
            KeyLookupPlan lookup => VisitLookup(lookup),
            TextMatchPlan match => VisitMatch(match),
            VectorTopKPlan top => VisitNearest(top),
            FilterPlan filter => VisitFilter(filter),
            ProjectPlan project => VisitProject(project),
            HashJoinPlan join => VisitJoin(join),
            AggregatePlan aggregate => VisitAggregate(aggregate),
            TopNPlan top => VisitTopN(top),
            LimitPlan limit => VisitLimit(limit),
            DistinctPlan distinct => VisitDistinct(distinct),
            WindowPlan window => VisitWindow(window),
            _ => new Piece(WithInputs(plan), null),
        };
    }

    /// <summary>Runs where the client is, over inputs that may not.</summary>
    private PhysicalPlan WithInputs(PhysicalPlan plan) => plan switch
    {
        GatePlan p => p with { Input = Close(Visit(p.Input)) },
        KeyFilterPlan p => p with { Input = Close(Visit(p.Input)) },
        ProjectSetPlan p => p with { Input = Close(Visit(p.Input)) },
        NestedLoopJoinPlan p => p with { Left = Close(Visit(p.Left)), Right = Close(Visit(p.Right)) },
        ApplyPlan p => p with { Left = Close(Visit(p.Left)) }, // the right side is run anew for each row: it asks for rows by their keys
        SortPlan p => p with { Input = Close(Visit(p.Input)) },
        DistinctOnPlan p => p with { Input = Close(Visit(p.Input)) },
        AppendPlan p => p with { Inputs = [.. p.Inputs.Select(input => Close(Visit(input)))] },
        SetOperationPlan p => p with { Left = Close(Visit(p.Left)), Right = Close(Visit(p.Right)) },
        WithPlan p => p with
        {
            Tables = [.. p.Tables.Select(table => table.IsModifying ? table : table with { Plan = Close(Visit(table.Plan)) })],
            Body = Close(Visit(p.Body)),
        },
        LockRowsPlan p => p with { Input = CutInOrder(p.Input) },
        _ => plan,
    };

    private Piece VisitScan(TableScanPlan scan)
    {
        if (SiteOf(scan.Table) is not { } site)
            return new Piece(scan, null);
        if (scan.Filter is { } filter && !IsFree(filter))
        {
            return Above(new Piece(scan with { Filter = null, Zones = [] }, site.Through(SourcesOf(scan.Table, scan.Columns, site))), filter);
        }
        return new Piece(scan, site.Through(SourcesOf(scan.Table, scan.Columns, site)) with { Pinned = PinnedBy(scan.Table, scan.Zones, scan.Filter, scan.Columns, site) });
    }

    /// <remarks>Each shard has the unique keys of its rows: a key that is asked of a shard which it is not of is not there.</remarks>
    private Piece VisitLookup(KeyLookupPlan lookup)
    {
        if (SiteOf(lookup.Table) is not { } site || !lookup.Keys.All(key => key.All(IsFree)) || !context.Catalog.TryFindTable(lookup.Table, out TableEntry? table))
            return new Piece(lookup, null);
        if (!site.IsOneShard)
        {
            ImmutableArray<short> indexed = [.. table.Indexes.First(index => index.Oid == lookup.IndexOid).Columns];
            ImmutableArray<int> places = [.. table.Placement!.KeyColumns.Select(column => indexed.IndexOf(column))];
            if (places.Any(static place => place < 0))
                return new Piece(lookup, null);
            site = site.Through(SourcesOf(lookup.Table, lookup.Columns, site)) with
            {
                Pinned = [.. lookup.Keys.Select(key => new ShardKeyRange([.. places.Select(place => key[place])]))],
            };
        }
        return lookup.Filter is { } filter && !IsFree(filter) ? Above(new Piece(lookup with { Filter = null }, site), filter) : new Piece(lookup, site);
    }

    private Piece VisitMatch(TextMatchPlan match)
    {
        if (SiteOf(match.Table) is not { } site || !IsFree(match.Query))
            return new Piece(match, null);
        site = site.Through(SourcesOf(match.Table, match.Columns, site));
        return match.Filter is { } filter && !IsFree(filter) ? Above(new Piece(match with { Filter = null }, site), filter) : new Piece(match, site);
    }

    /// <summary>A filter that stays here, over what does not.</summary>
    private Piece Above(Piece bare, ScalarExpression filter) => new(
        new FilterPlan(Close(bare), WithSubplans(filter)) { Output = bare.Plan.Output, EstimatedRows = bare.Plan.EstimatedRows, EstimatedCost = bare.Plan.EstimatedCost }, null);

    /// <summary>The output ordinals that are the key's columns, by their places in the key.</summary>
    private ImmutableArray<int> SourcesOf(TableId table, ImmutableArray<short> columns, Site site)
    {
        if (site.Key.IsEmpty)
            return [];
        ImmutableArray<short> key = PlacementOf(table)!.KeyColumns;
        return [.. columns.Select(column => key.IndexOf(column))];
    }

    private ImmutableArray<ShardKeyRange> PinnedBy(
        TableId id, ImmutableArray<ZonePredicate> zones, ScalarExpression? filter, ImmutableArray<short> columns, Site site) =>
        site.IsOneShard ? [] : new ShardPruning(context.Catalog).Of(id, zones, filter, columns);

    private Piece VisitFilter(FilterPlan filter)
    {
        Piece input = Visit(filter.Input);
        return input.Site is not null && IsFree(filter.Predicate)
            ? input.Under(plan => filter with { Input = plan }, input.Site)
            : new Piece(filter with { Input = Close(input), Predicate = WithSubplans(filter.Predicate) }, null);
    }

    private Piece VisitProject(ProjectPlan project)
    {
        Piece input = Visit(project.Input);
        if (input.Site is not { } site || !project.Expressions.All(IsFree))
            return new Piece(project with { Input = Close(input), Expressions = [.. project.Expressions.Select(WithSubplans)] }, null);
        int[] sources = [.. project.Expressions.Select(static expression => expression is InputExpression place ? place.Ordinal : -1)];
        return input.Under(plan => project with { Input = plan }, site.Through(sources));
    }

    private Piece VisitJoin(HashJoinPlan join)
    {
        if (join.KeyFilter != 0)
        {
            HashJoinPlan plain = join with { Left = WithoutKeyFilter(join.Left, join.KeyFilter), KeyFilter = 0 };
            Piece together = VisitJoin(plain);
            if (together.Site is not null)
                return together;
        }
        Piece left = Visit(join.Left), right = Visit(join.Right);
        return AreTogether(join, left, right) ? Together(join, left, right)
            : VisitSent(join, left, right) ?? new Piece(join with { Left = Close(left), Right = Close(right) }, null);
    }

    private bool AreTogether(HashJoinPlan join, Piece left, Piece right) => left.Site is { IsOneShard: false } l && right.Site is { } r && l.Group == r.Group
        && join.Kind != PhysicalJoinKind.NullAwareAnti && JoinsByKey(join, l, r) && PlanParts.ExpressionsOf(join).All(IsFree) && !(left.IsParted && right.IsParted);

    /// <summary>A join of what is in the same shards where it can meet.</summary>
    private Piece Together(HashJoinPlan join, Piece left, Piece right)
    {
        int leftCount = join.Left.Output.Length;
        bool hasLeft = join.Kind is not (PhysicalJoinKind.Right or PhysicalJoinKind.Full); // else its key may be null beside a right row
        Site site = hasLeft ? left.Site!.Through(join.Kept) : right.Site!.Through([.. join.Kept.Select(place => place - leftCount)]);
        if (join.Kind == PhysicalJoinKind.Full)
            site = site with { Key = [] };
        ImmutableArray<ShardKeyRange> pinned = join.Kind switch
        {
            PhysicalJoinKind.Inner or PhysicalJoinKind.Semi => left.Site!.Pinned.IsEmpty ? right.Site!.Pinned : left.Site.Pinned,
            PhysicalJoinKind.Left or PhysicalJoinKind.Anti => left.Site!.Pinned,
            PhysicalJoinKind.Right => right.Site!.Pinned,
            _ => [],
        };
        TableId keyTable = pinned == right.Site!.Pinned ? right.Site.KeyTable : left.Site!.KeyTable;
        return new Piece(join with { Left = left.Plan, Right = right.Plan }, site with { Pinned = pinned, KeyTable = keyTable })
        {
            Feeds = left.Feeds.AddRange(right.Feeds),
            Instead = left.Instead is null && right.Instead is null ? null : join with { Left = left.Instead ?? Close(left), Right = right.Instead ?? Close(right) },
            Saving = Math.Min(left.Saving, right.Saving),
        };
    }

    private static PhysicalPlan WithoutKeyFilter(PhysicalPlan plan, int id) => plan switch
    {
        KeyFilterPlan filter when filter.Id == id => filter.Input,
        KeyFilterPlan filter => filter with { Input = WithoutKeyFilter(filter.Input, id) },
        FilterPlan filter => filter with { Input = WithoutKeyFilter(filter.Input, id) },
        ProjectPlan project => project with { Input = WithoutKeyFilter(project.Input, id) },
        HashJoinPlan join => join with { Left = WithoutKeyFilter(join.Left, id), Right = WithoutKeyFilter(join.Right, id) },
        _ => plan,
    };

    /// <summary>Whether rows only meet whose shard keys are equal.</summary>
    private static bool JoinsByKey(HashJoinPlan join, Site left, Site right)
    {
        if (left.Key.IsEmpty || left.Key.Length != right.Key.Length)
            return false;
        for (int i = 0; i < left.Key.Length; i++)
        {
            bool isJoined = false;
            for (int pair = 0; pair < join.LeftKeys.Length; pair++)
            {
                isJoined |= ShardPruning.Narrow(join.LeftKeys[pair]) is { } l && l.Ordinal == left.Key[i] && ShardPruning.Narrow(join.RightKeys[pair]) is { } r
                    && r.Ordinal == right.Key[i] && ShardPruning.AreAlike(l.Type, r.Type);
            }
            if (!isJoined)
                return false;
        }
        return true;
    }

    /// <summary>Windows whose rows are in one shard each.</summary>
    private Piece VisitWindow(WindowPlan window)
    {
        Piece input = Visit(window.Input);
        bool isApart = input.Site is { Key.IsEmpty: false } site && PlanParts.ExpressionsOf(window).All(IsFree)
            && site.Key.All(key => window.PartitionBy.Any(by => by is InputExpression place && place.Ordinal == key));
        return isApart ? input.Under(rows => window with { Input = rows }, input.Site) : new Piece(window with { Input = Close(input) }, null);
    }

    /// <summary>Subqueries that are run once have parts of their own.</summary>
    private ScalarExpression WithSubplans(ScalarExpression expression) => ExpressionTree.Rewrite(
        expression, node => node is SubplanExpression { OuterValues.IsEmpty: true } subplan ? subplan with { Plan = Close(Visit(subplan.Plan)) } : null);

    private Piece VisitDistinct(DistinctPlan distinct)
    {
        Piece input = Visit(distinct.Input);
        if (input.Site is not { } site)
            return new Piece(distinct with { Input = Close(input) }, null);
        Piece apart = input.Under(plan => distinct with { Input = plan }, site);
        return site.Key.IsEmpty ? new Piece(distinct with { Input = Close(apart) }, null) : apart;
    }

    private Site? SiteOf(TableId table)
    {
        if (!context.Catalog.TryFindTable(table, out TableEntry? entry))
            return null;
        if (entry.Placement is not { } placement)
            return Site.Home;
        int keyCount = context.Catalog.Find(placement.GroupOid) is ShardGroupEntry { Method: ShardMethod.Vector } ? 0 : placement.KeyColumns.Length; // as near as one is
        return new Site(placement.GroupOid, [.. Enumerable.Range(0, keyCount)], table);
    }

    private TablePlacement? PlacementOf(TableId table) => context.Catalog.TryFindTable(table, out TableEntry? entry) ? entry.Placement : null;

    private bool IsFree(ScalarExpression expression) => Shipping.IsFree(expression, static _ => false);

    /// <summary>The one shard that all of a plan reads, subqueries and all; null where there is none, or something in it is of this place.</summary>
    private Site? Whole(PhysicalPlan plan)
    {
        if (_whole.TryGetValue(plan, out Site? known))
            return known;
        WholeCheck check = new(table => PlacementOf(table) is null);
        Site? site = check.Fits(plan) && check.ReadsTables ? Site.Home : null;
        _whole.Add(plan, site);
        return site;
    }
}
