using System.Collections.Concurrent;
using System.Collections.Frozen;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Fragments;

/// <summary>The records that plans are made of which go to other nodes, and the numbers that stand for them.</summary>
/// <remarks>
/// A number is never given again. Where a record's members change, <see cref="FragmentOrder.Version"/> grows: nodes of two versions refuse each other's.
/// Not here: plans that change or lock rows, that read what only the session's node has, and expressions of such things.
/// Threads: any.
/// </remarks>
internal static class PlanRecords
{
    private static readonly (uint Number, Type Type)[] All =
    [
        (1, typeof(ValuesPlan)), (2, typeof(EmptyPlan)), (3, typeof(TableScanPlan)), (4, typeof(KeyLookupPlan)), (5, typeof(RowLookupPlan)),
        (6, typeof(VectorTopKPlan)), (7, typeof(TextMatchPlan)), (8, typeof(TextTopKPlan)), (9, typeof(FunctionScanPlan)), (10, typeof(FilterPlan)),
        (11, typeof(GatePlan)), (12, typeof(KeyFilterPlan)), (13, typeof(ProjectPlan)), (14, typeof(ProjectSetPlan)), (15, typeof(HashJoinPlan)),
        (16, typeof(NestedLoopJoinPlan)), (17, typeof(ApplyPlan)), (18, typeof(AggregatePlan)), (19, typeof(SortPlan)), (20, typeof(TopNPlan)),
        (21, typeof(DeepeningPlan)), (22, typeof(LimitPlan)), (23, typeof(DistinctPlan)), (24, typeof(DistinctOnPlan)), (25, typeof(WindowPlan)),
        (26, typeof(AppendPlan)), (27, typeof(SetOperationPlan)), (28, typeof(RecursiveUnionPlan)), (29, typeof(WorkTableScanPlan)), (30, typeof(WithPlan)),
        (31, typeof(CommonTableScanPlan)), (32, typeof(ReceivedPlan)),

        (50, typeof(ZonePredicate)), (51, typeof(FilterCondition)), (52, typeof(FunctionSource)), (53, typeof(OuterValue)), (54, typeof(AggregateCall)),
        (55, typeof(SortKey)), (56, typeof(WindowCall)), (57, typeof(WindowFramePlan)), (58, typeof(RangeArithmetic)), (59, typeof(CommonTablePlan)),
        (60, typeof(CaseBranch)), (61, typeof(SubscriptBounds)),

        (80, typeof(ConstantExpression)), (81, typeof(ParameterExpression)), (82, typeof(InputExpression)), (83, typeof(OuterExpression)),
        (84, typeof(CallExpression)), (85, typeof(RelabelExpression)), (86, typeof(TextCastExpression)), (87, typeof(ArrayCastExpression)),
        (88, typeof(LogicalOperation)), (89, typeof(NotOperation)), (90, typeof(NullTest)), (91, typeof(BooleanTest)), (92, typeof(DistinctTest)),
        (93, typeof(CaseOperation)), (94, typeof(CoalesceOperation)), (95, typeof(NullIfOperation)), (96, typeof(MinMaxOperation)),
        (97, typeof(ArrayComparison)), (98, typeof(InListOperation)), (99, typeof(ArrayConstruction)), (100, typeof(RowConstruction)),
        (101, typeof(RowComparison)), (102, typeof(SubscriptOperation)), (103, typeof(FieldOperation)), (104, typeof(SubplanExpression)),
        (105, typeof(SampleTest)),
    ];

    private static readonly FrozenDictionary<Type, uint> NumberOf = All.ToFrozenDictionary(static known => known.Type, static known => known.Number);

    private static readonly FrozenDictionary<uint, Type> TypeOf = All.ToFrozenDictionary(static known => known.Number, static known => known.Type);

    private static readonly ConcurrentDictionary<Type, RecordShape> Shapes = [];

    /// <summary>The shapes of all of them, by number.</summary>
    internal static IEnumerable<RecordShape> Known => All.Select(static known => Shape(known.Type)!);

    /// <summary>Whether values of the type, or of what derives from it, can go along.</summary>
    internal static bool Travels(Type type) => type == typeof(PhysicalPlan) || type == typeof(ScalarExpression) || NumberOf.ContainsKey(type);

    /// <summary>Null for what stays where it is.</summary>
    internal static RecordShape? Shape(Type type) => !NumberOf.TryGetValue(type, out uint number) ? null
        : Shapes.TryGetValue(type, out RecordShape? shape) ? shape : Shapes.GetOrAdd(type, RecordShape.Of(number, type));

    /// <summary>Null where the number stands for nothing.</summary>
    internal static RecordShape? Shape(uint number) => TypeOf.TryGetValue(number, out Type? type) ? Shape(type) : null;

    /// <summary>All records of a tree, each before those below it; the same for equal trees.</summary>
    internal static void Walk(object record, Action<object> visit)
    {
        visit(record);
        Shape(record.GetType())?.Visit(record, below => Walk(below, visit));
    }
}
