using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Tests.Operators;

/// <summary>What mining holds, and how it ends.</summary>
public sealed class MiningLifeTests
{
    private const int Count = 10_000;

    private static readonly SqlType Vector = new(TypeOid.Vector, 1);

    [Fact]
    public void Labels_are_held_of_the_querys_memory()
    {
        SqlType[] types = [SqlType.Int4, Vector, SqlType.Text];
        var rig = new Rig { Memory = new MemoryBudget("this query", 2 << 20) };
        Assert.Equal(Count, rig.Run(Plan(rig.Source(types, Rows(static i => "the same")))).Count);
        Assert.Equal("53200", Assert.Throws<SqlException>(() => rig.Run(Plan(rig.Source(types, Rows(static i => new string('x', 200) + i))))).State.Code);
        Assert.Equal(0, rig.Memory.UsedBytes);

        static List<object?[]> Rows(Func<int, string> label) => [.. Enumerable.Range(0, Count).Select(i => new object?[] { i, BitConverter.GetBytes((float)i), label(i) })];

        static MiningPlan Plan(PhysicalPlan source) => new(
            MiningKind.Pairs, source, null, [MiningPart.AnchorKey], [new MiningSetting(MiningOption.Negatives, "negatives", Rig.Long(0))])
        {
            HasLabels = true,
            Output = [SqlType.Int4],
        };
    }

    [Fact]
    public void Keys_that_rows_are_found_by_are_held_of_the_querys_memory()
    {
        foreach (bool isEnough in new[] { true, false })
        {
            var rig = new Rig { Memory = new MemoryBudget("this query", isEnough ? 16 << 20 : 6 << 20) };
            MiningPlan plan = HardNegatives(rig, Count, null, null, null);
            if (isEnough)
                Assert.Equal(10, rig.Run(plan).Count);
            else
                Assert.Equal("53200", Assert.Throws<SqlException>(() => rig.Run(plan)).State.Code);
            Assert.Equal(0, rig.Memory.UsedBytes);
        }
    }

    [Fact]
    public void Every_input_is_ended_though_another_fails_to()
    {
        var rig = new Rig();
        List<string> ended = [];
        MiningPlan plan = HardNegatives(rig, 20, () => End("rows"), () => End("anchors"), () => End("candidates"));
        Assert.Throws<IOException>(() => rig.Run(plan));
        Assert.Equal(["rows", "anchors", "candidates"], ended);

        void End(string input)
        {
            ended.Add(input);
            throw new IOException(input);
        }
    }

    /// <summary>Ten rows for the first of so many, whose keys are long.</summary>
    private static MiningPlan HardNegatives(Rig rig, int count, Action? rowsEnded, Action? anchorsEnded, Action? candidatesEnded)
    {
        SqlType[] types = [SqlType.Text, Vector, SqlType.Text];
        List<object?[]> rows = [.. Enumerable.Range(0, count).Select(i => new object?[] { Key(i), BitConverter.GetBytes(i + 1f), null })];
        PhysicalPlan source = rig.Source(types, rows, rowsEnded), anchors = rig.Source([.. types, SqlType.Text], [[.. rows[0], Key(1)]], anchorsEnded);
        return new MiningPlan(MiningKind.HardNegatives, source, anchors, [MiningPart.OtherKey], [])
        {
            Candidates = candidatesEnded is null ? null : rig.Source([SqlType.Int8, SqlType.Text], [[0L, Key(2)]], candidatesEnded),
            Output = [SqlType.Text],
        };

        static string Key(int i) => new string('k', 300) + i.ToString("d6");
    }
}
