using VecSQL.Catalog.Types;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Tests.Operators;

public sealed class JoinTests
{
    public static TheoryData<PhysicalJoinKind, int, int> KindsAndCounts
    {
        get
        {
            var data = new TheoryData<PhysicalJoinKind, int, int>();
            foreach (PhysicalJoinKind kind in Enum.GetValues<PhysicalJoinKind>())
            {
                data.Add(kind, 0, 30);
                data.Add(kind, 30, 0);
                data.Add(kind, 300, 200);
                data.Add(kind, 5, 3000);
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(KindsAndCounts))]
    public void Hash_join_gives_what_comparing_every_pair_gives(PhysicalJoinKind kind, int leftCount, int rightCount)
    {
        for (int keyCount = 1; keyCount <= (kind == PhysicalJoinKind.NullAwareAnti ? 1 : 3); keyCount++)
        {
            foreach (bool hasResidual in new[] { false, true })
            {
                if (hasResidual && kind == PhysicalJoinKind.NullAwareAnti)
                    continue;
                List<object?[]> left = RandomRows.Make(leftCount + 1, leftCount),
                    right = RandomRows.Make(rightCount + 2, rightCount);
                var rig = new Rig(keyCount);
                Assert.Equal(Rig.Sorted(Model(kind, left, right, keyCount, hasResidual)),
                    Rig.Sorted(rig.Run(HashJoin(rig, kind, left, right, keyCount, hasResidual))));
            }
        }
    }

    [Theory]
    [InlineData(PhysicalJoinKind.Inner)]
    [InlineData(PhysicalJoinKind.Left)]
    [InlineData(PhysicalJoinKind.Right)]
    [InlineData(PhysicalJoinKind.Full)]
    [InlineData(PhysicalJoinKind.Semi)]
    [InlineData(PhysicalJoinKind.Anti)]
    [InlineData(PhysicalJoinKind.NullAwareAnti)]
    public void Hash_join_gives_the_same_rows_when_it_spills(PhysicalJoinKind kind)
    {
        List<object?[]> left = RandomRows.Make(1, 3000, spread: 4000), right = RandomRows.Make(2, 3000, spread: 4000);
        if (kind == PhysicalJoinKind.NullAwareAnti)
            right.RemoveAll(row => row[0] is null);
        var rig = new Rig(3) { WorkMemoryBytes = 20_000 };
        Assert.Equal(Rig.Sorted(Model(kind, left, right, 1, false)),
            Rig.Sorted(rig.Run(HashJoin(rig, kind, left, right, 1, false))));
        Assert.True(rig.SpillCount > 16);
    }

    [Fact]
    public void A_key_whose_rows_alone_are_too_many_is_joined_all_the_same()
    {
        List<object?[]> left = [[1, "x", 0.5]], right = [.. Enumerable.Range(0, 5000).Select(i =>
            new object?[] { 1, "y", i / 2.0 })];
        var rig = new Rig(3) { WorkMemoryBytes = 10_000 };
        Assert.Equal(5000, rig.Run(HashJoin(rig, PhysicalJoinKind.Inner, left, right, 1, false)).Count);
    }

    [Theory, MemberData(nameof(KindsAndCounts))]
    public void Nested_loop_join_gives_what_comparing_every_pair_gives(
        PhysicalJoinKind kind, int leftCount, int rightCount)
    {
        List<object?[]> left = RandomRows.Make(leftCount + 1, leftCount), right = RandomRows.Make(rightCount + 2,
            rightCount);
        foreach (long memory in new[] { 1L << 20, 0L })
        {
            var rig = new Rig(5) { WorkMemoryBytes = memory };
            PhysicalPlan leftPlan = rig.Source(RandomRows.Types, left), rightPlan = rig.Source(RandomRows.Types, right);
            ScalarExpression condition = Rig.Operator("=", Rig.Input(SqlType.Int4, 0), Rig.Input(SqlType.Int4, 3));
            var plan = new NestedLoopJoinPlan(kind, leftPlan, rightPlan, condition) { Output = OutputOf(kind) };
            Assert.Equal(Rig.Sorted(Model(kind, left, right, 1, false)), Rig.Sorted(rig.Run(plan)));
        }
    }

    [Theory]
    [InlineData(PhysicalJoinKind.Inner)]
    [InlineData(PhysicalJoinKind.Left)]
    [InlineData(PhysicalJoinKind.Semi)]
    [InlineData(PhysicalJoinKind.Anti)]
    public void Apply_runs_the_right_plan_with_each_left_row(PhysicalJoinKind kind)
    {
        List<object?[]> left = RandomRows.Make(1, 200), right = RandomRows.Make(2, 150);
        var rig = new Rig(5);
        PhysicalPlan leftPlan = rig.Source(RandomRows.Types, left), rightPlan = rig.Source(RandomRows.Types, right);
        var filter = new FilterPlan(rightPlan,
            Rig.Operator("=", Rig.Input(SqlType.Int4, 0), new OuterExpression(SqlType.Int4,
                7))) { Output = rightPlan.Output };
        System.Collections.Immutable.ImmutableArray<SqlType> all = OutputOf(kind);
        int[] places = [.. Enumerable.Range(0, all.Length)];
        foreach (int[] kept in new[] { places, places[1..], [all.Length - 1, 0], [] }) // in any order, and none
        {
            var plan = new ApplyPlan(kind, leftPlan, filter, [new OuterValue(7, Rig.Input(SqlType.Int4, 0))], null, [.. kept])
            {
                Output = [.. kept.Select(i => all[i])],
            };
            IEnumerable<object?[]> expected = Model(kind, left, right, 1, false).Select(row => kept.Select(i => row[i]).ToArray());
            Assert.Equal(Rig.Sorted([.. expected]), Rig.Sorted(rig.Run(plan)));
        }
    }

    private static System.Collections.Immutable.ImmutableArray<SqlType> OutputOf(PhysicalJoinKind kind) =>
        KeepsLeftOnly(kind) ? [.. RandomRows.Types] : [.. RandomRows.Types, .. RandomRows.Types];

    private static bool KeepsLeftOnly(PhysicalJoinKind kind) =>
        kind is PhysicalJoinKind.Semi or PhysicalJoinKind.Anti or PhysicalJoinKind.NullAwareAnti;

    private static HashJoinPlan HashJoin(
        Rig rig, PhysicalJoinKind kind, List<object?[]> left, List<object?[]> right, int keyCount, bool hasResidual)
    {
        PhysicalPlan leftPlan = rig.Source(RandomRows.Types, left), rightPlan = rig.Source(RandomRows.Types, right);
        ScalarExpression[] keys = [.. Enumerable.Range(0, keyCount).Select(i => Rig.Input(RandomRows.Types[i], i))];
        ScalarExpression residual = Rig.Operator("<", Rig.Input(SqlType.Text, 1), Rig.Input(SqlType.Text, 4));
        return new HashJoinPlan(kind, leftPlan, rightPlan, [.. keys], [.. keys], [.. RandomRows.Types[..keyCount]],
            hasResidual ? residual : null, [.. Enumerable.Range(0, OutputOf(kind).Length)]) { Output = OutputOf(kind) };
    }

    private static List<object?[]> Model(
        PhysicalJoinKind kind, List<object?[]> left, List<object?[]> right, int keyCount, bool hasResidual)
    {
        var rows = new List<object?[]>();
        var rightMatched = new bool[right.Count];
        object?[] nulls = new object?[3];
        foreach (object?[] l in left)
        {
            bool isMatched = false, isUnknown = false;
            for (int i = 0; i < right.Count; i++)
            {
                bool? truth = Match(l, right[i], keyCount, hasResidual);
                isUnknown |= truth is null;
                if (truth != true)
                    continue;
                isMatched = rightMatched[i] = true;
                if (!KeepsLeftOnly(kind))
                    rows.Add([.. l, .. right[i]]);
            }
            bool keeps = kind switch
            {
                PhysicalJoinKind.Semi => isMatched,
                PhysicalJoinKind.Anti => !isMatched,
                PhysicalJoinKind.NullAwareAnti => !isMatched && !isUnknown,
                _ => false,
            };
            if (keeps)
                rows.Add(l);
            else if (!isMatched && (kind is PhysicalJoinKind.Left or PhysicalJoinKind.Full))
                rows.Add([.. l, .. nulls]);
        }
        for (int i = 0; i < right.Count && (kind is PhysicalJoinKind.Right or PhysicalJoinKind.Full); i++)
        {
            if (!rightMatched[i])
                rows.Add([.. nulls, .. right[i]]);
        }
        return rows;
    }

    private static bool? Match(object?[] left, object?[] right, int keyCount, bool hasResidual)
    {
        bool? truth = true;
        for (int i = 0; i < keyCount; i++)
        {
            bool? equal = ModelOrder.AreEqual(left[i], right[i]);
            truth = equal == false || truth == false ? false : equal is null ? null : truth;
        }
        if (!hasResidual)
            return truth;
        return truth == true && left[1] is not null && right[1] is not null
            && ModelOrder.Compare(left[1], right[1]) < 0;
    }
}
