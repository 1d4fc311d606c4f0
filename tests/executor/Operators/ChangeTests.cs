using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Tests.Operators;

public sealed class ChangeTests
{
    // t(id int8 primary key, name text, double int4 generated always as (n + n) stored, n int4 check (n < 100))
    private static readonly ColumnEntry[] Columns =
    [
        new(1, "id", SqlType.Int8) { IsNotNull = true },
        new(2, "name", SqlType.Text) { IsNotNull = true },
        new(3, "double", SqlType.Int4) { IsGenerated = true },
        new(4, "n", SqlType.Int4),
    ];

    private static readonly ImmutableArray<GeneratedColumn> Generated =
        [new(2, Rig.Operator("+", Rig.Input(SqlType.Int4, 3), Rig.Input(SqlType.Int4, 3)))];

    private static readonly ImmutableArray<RowCheck> Checks =
        [new("t_n_check", Rig.Operator("<", Rig.Input(SqlType.Int4, 3), Rig.Constant(SqlType.Int4, 100)))];

    private static object?[] Row(long? id, string? name, int? n) => [id, name, null, n];

    private static async Task<string[]> ContentAsync(TestTable table)
    {
        await using Transaction transaction = table.Begin();
        var scan = new TableScanPlan(table.Id, "t", [1, 2, 3, 4]) { Output = [.. table.Types] };
        return Rig.Sorted(await new Rig { Transaction = transaction }.RunAsync(scan));
    }

    private static InsertPlan Insert(Rig rig, TestTable table, params object?[][] rows) =>
        new(table.Id, rig.Source(table.Types, rows))
        {
            Generated = Generated,
            Checks = Checks,
            Returning = [.. table.Types.Select((type, i) => Rig.Input(type, i))],
            Output = [.. table.Types],
        };

    private static async Task<(
        List<object?[]> Rows, long Changed)> RunAsync(TestTable table, Func<Rig, PhysicalPlan> plan)
    {
        await using Transaction transaction = table.Begin();
        var rig = new Rig { Transaction = transaction };
        List<object?[]> rows = await rig.RunAsync(plan(rig));
        await transaction.CommitAsync(isDurable: false, default);
        return (rows, rig.Changed);
    }

    private static async Task<SqlException> FailAsync(TestTable table, Func<Rig, PhysicalPlan> plan) =>
        await Assert.ThrowsAsync<SqlException>(() => RunAsync(table, plan));

    [Fact]
    public async Task Insert_computes_generated_columns_and_returns_the_stored_rows()
    {
        await using TestTable table = await TestTable.CreateAsync(Columns);
        (List<object?[]> rows, long changed) = await RunAsync(table, rig =>
            Insert(rig, table, Row(1, "a", 4), Row(2, "b", null)));
        Assert.Equal(["1|a|8|4", "2|b|~|~"], Rig.Lines(rows));
        Assert.Equal(2, changed);
        Assert.Equal(["1|a|8|4", "2|b|~|~"], await ContentAsync(table));
    }

    [Fact]
    public async Task A_row_that_breaks_a_rule_is_named_with_its_values()
    {
        await using TestTable table = await TestTable.CreateAsync(Columns);
        SqlException missing = await FailAsync(table, rig => Insert(rig, table, Row(1, "a", 4), Row(2, null, 5)));
        Assert.Equal(("23502", "null value in column \"name\" of relation \"t\" violates not-null constraint",
            "Failing row contains (2, null, 10, 5).", "name"), (missing.State.Code, missing.Message, missing.Detail,
                missing.ColumnName));
        string text = new string('x', 63) + "éé";
        SqlException check = await FailAsync(table, rig => Insert(rig, table, Row(3, text, 100)));
        Assert.Equal(("23514", "new row for relation \"t\" violates check constraint \"t_n_check\"",
            $"Failing row contains (3, {new string('x', 63)}..., 200, 100).", "t_n_check"),
            (check.State.Code, check.Message, check.Detail, check.ConstraintName));
        Assert.Empty(await ContentAsync(table));
    }

    [Fact]
    public async Task The_first_row_that_fails_decides_the_error()
    {
        await using TestTable table = await TestTable.CreateAsync(Columns);
        SqlException error = await FailAsync(table, rig =>
            Insert(rig, table, Row(1, "a", 4), Row(1, "b", 4), Row(2, null, 5)));
        Assert.Equal("23505", error.State.Code);
    }

    [Fact]
    public async Task On_conflict_do_nothing_keeps_what_is_there()
    {
        await using TestTable table = await TestTable.CreateAsync(Columns);
        await RunAsync(table, rig => Insert(rig, table, Row(1, "a", 4)));
        (List<object?[]> rows, long changed) = await RunAsync(table, rig =>
            Insert(rig, table, Row(1, "z", 9), Row(2, "b", 5), Row(2, "c",
                6)) with { OnConflict = new ConflictPlan([]) });
        Assert.Equal(["2|b|10|5"], Rig.Lines(rows));
        Assert.Equal(1, changed);
        Assert.Equal(["1|a|8|4", "2|b|10|5"], await ContentAsync(table));
    }

    [Fact]
    public async Task On_conflict_do_update_sees_both_rows_and_may_change_each_only_once()
    {
        await using TestTable table = await TestTable.CreateAsync(Columns);
        await RunAsync(table, rig => Insert(rig, table, Row(1, "a", 4), Row(3, "c", 60)));
        // SET name = excluded.name, n = t.n + excluded.n WHERE t.n < 50
        var conflict = new ConflictPlan([])
        {
            Assignments =
            [
                Rig.Input(SqlType.Int8, 0), Rig.Input(SqlType.Text, 5), Rig.Input(SqlType.Int4, 2),
                Rig.Operator("+", Rig.Input(SqlType.Int4, 3), Rig.Input(SqlType.Int4, 7)),
            ],
            Where = Rig.Operator("<", Rig.Input(SqlType.Int4, 3), Rig.Constant(SqlType.Int4, 50)),
            Generated = Generated,
        };
        (List<object?[]> rows, long changed) = await RunAsync(table, rig =>
            Insert(rig, table, Row(2, "b", 5), Row(1, "z", 9), Row(3, "y", 1), Row(4, "d",
                7)) with { OnConflict = conflict });
        Assert.Equal(["2|b|10|5", "1|z|26|13", "4|d|14|7"], Rig.Lines(rows));
        Assert.Equal(3, changed);
        Assert.Equal(["1|z|26|13", "2|b|10|5", "3|c|120|60", "4|d|14|7"], await ContentAsync(table));
        foreach (object?[][] twice in new[] { new[] { Row(1, "p", 1), Row(1, "q", 1) }, new[] { Row(9, "p", 1), Row(9,
            "q", 1) } })
        {
            SqlException error = await FailAsync(table, rig =>
                Insert(rig, table, twice) with { OnConflict = conflict });
            Assert.Equal("21000", error.State.Code);
            Assert.Equal("ON CONFLICT DO UPDATE command cannot affect row a second time", error.Message);
        }
    }

    [Fact]
    public async Task Update_changes_each_row_once_and_recomputes_generated_columns()
    {
        await using TestTable table = await TestTable.CreateAsync(Columns);
        await RunAsync(table, rig => Insert(rig, table, Row(1, "a", 4), Row(2, "b", 5), Row(3, "c", 6)));
        // The scan's rows twice over, with n + 1 the first time and n + 2 the second.
        (List<object?[]> rows, long changed) = await RunAsync(table, rig =>
        {
            PhysicalPlan Scan(int more)
            {
                var scan = new TableScanPlan(table.Id, "t", [1, 2, 3, 4])
                {
                    WithRowId = true,
                    Filter = Rig.Operator(">", Rig.Input(SqlType.Int4, 3), Rig.Constant(SqlType.Int4, 4)),
                    Output = [.. table.Types, SqlType.Int8],
                };
                return new ProjectPlan(scan,
                [
                    Rig.Input(SqlType.Int8, 4), Rig.Input(SqlType.Int8, 0), Rig.Input(SqlType.Text, 1),
                        Rig.Input(SqlType.Int4, 2),
                    Rig.Operator("+", Rig.Input(SqlType.Int4, 3), Rig.Constant(SqlType.Int4, more)),
                ]) { Output = [SqlType.Int8, .. table.Types] };
            }
            var both = new AppendPlan([Scan(1), Scan(2)]) { Output = [SqlType.Int8, .. table.Types] };
            return new UpdatePlan(table.Id, both)
            {
                Generated = Generated, Checks = Checks, Assigned = [3],
                Returning = [Rig.Input(SqlType.Int8, 1), Rig.Input(SqlType.Int4, 3), Rig.Input(SqlType.Int4, 4)],
                Output = [SqlType.Int8, SqlType.Int4, SqlType.Int4],
            };
        });
        Assert.Equal(["2|12|6", "3|14|7"], Rig.Lines(rows));
        Assert.Equal(2, changed);
        Assert.Equal(["1|a|8|4", "2|b|12|6", "3|c|14|7"], await ContentAsync(table));
    }

    [Fact]
    public async Task Delete_returns_the_rows_it_removed()
    {
        await using TestTable table = await TestTable.CreateAsync(Columns);
        await RunAsync(table, rig => Insert(rig, table, Row(1, "a", 4), Row(2, "b", 5), Row(3, "c", 6)));
        (List<object?[]> rows, long changed) = await RunAsync(table, rig =>
        {
            var lookup = new KeyLookupPlan(table.Id, "t", table.Entry.Indexes[0].Oid, [2],
                [[Rig.Long(3)], [Rig.Long(1)], [Rig.Long(3)], [Rig.Long(null)], [Rig.Long(77)]])
            {
                WithRowId = true,
                Output = [SqlType.Text, SqlType.Int8],
            };
            var input = new ProjectPlan(lookup, [Rig.Input(SqlType.Int8, 1), Rig.Input(SqlType.Text, 0)])
            {
                Output = [SqlType.Int8, SqlType.Text],
            };
            return new DeletePlan(table.Id, input) { Returning = [Rig.Input(SqlType.Text, 1)],
                Output = [SqlType.Text] };
        });
        Assert.Equal(["a", "c"], Rig.Sorted(rows));
        Assert.Equal(2, changed);
        Assert.Equal(["2|b|10|5"], await ContentAsync(table));
    }

    [Fact]
    public async Task An_insert_from_its_own_table_sees_only_what_was_there()
    {
        await using TestTable table = await TestTable.CreateAsync(Columns);
        await RunAsync(table, rig => Insert(rig, table, [.. Enumerable.Range(1, 9000).Select(i => Row(i, "a", 1))]));
        (_, long changed) = await RunAsync(table, rig =>
        {
            var scan = new TableScanPlan(table.Id, "t", [1, 2, 3, 4]) { Output = [.. table.Types] };
            var moved = new ProjectPlan(scan,
            [
                Rig.Operator("+", Rig.Input(SqlType.Int8, 0), Rig.Long(9000)), Rig.Input(SqlType.Text, 1),
                Rig.Input(SqlType.Int4, 2), Rig.Input(SqlType.Int4, 3),
            ]) { Output = [.. table.Types] };
            return new InsertPlan(table.Id, moved) { Generated = Generated, Output = [] };
        });
        Assert.Equal(9000, changed);
        Assert.Equal(18000, (await ContentAsync(table)).Length);
    }
}
