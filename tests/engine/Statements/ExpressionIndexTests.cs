using VecSQL.Core.Errors;

namespace VecSQL.Engine.Tests.Statements;

/// <summary>What indexes on expressions and over a part of the rows keep, beyond what SQL alone can show.</summary>
public sealed class ExpressionIndexTests : EngineTest
{
    private const string Duplicate = "23505: duplicate key value violates unique constraint";

    [Fact]
    public async Task They_are_as_they_were_after_a_restart()
    {
        await Session.RunAsync("CREATE TABLE t (a int, b text, e vector(3)); INSERT INTO t VALUES (1, 'X', '[1,2,3]'), (2, 'y', '[3,2,1]')");
        await Session.RunAsync("CREATE UNIQUE INDEX whole ON t (lower(b)); CREATE UNIQUE INDEX part ON t (a) WHERE b > 'a'");
        await Session.RunAsync("CREATE INDEX near ON t USING hnsw ((e::halfvec(3)) halfvec_l2_ops) WHERE a > 0");
        string[] before = await Session.RowsAsync("SELECT indexdef FROM pg_indexes ORDER BY 1");
        foreach (bool isLast in (bool[])[false, true])
        {
            await Database.ReopenAsync();
            await using TestSession session = Database.Session();
            Assert.Equal(before, await session.RowsAsync("SELECT indexdef FROM pg_indexes ORDER BY 1"));
            Assert.StartsWith(Duplicate, await session.ErrorAsync("INSERT INTO t VALUES (3, 'x')"));
            Assert.StartsWith(Duplicate, await session.ErrorAsync("INSERT INTO t VALUES (2, 'z')"));
            Assert.Equal("1|X|[1,2,3]", await session.ValueAsync("SELECT * FROM t WHERE lower(b) = 'x'"));
            if (!isLast)
                await session.RunAsync("CHECKPOINT"); // first from the log, then from a segment
        }
    }

    [Fact]
    public async Task Copy_keeps_them_up_and_does_not_show_them()
    {
        await Session.RunAsync("CREATE TABLE t (a int, b text, c int)");
        await Session.RunAsync("CREATE UNIQUE INDEX ON t (lower(b)); ALTER TABLE t ADD d int DEFAULT 7");
        await Session.CopyInAsync("COPY t FROM STDIN", "1\tX\t2\t3\n4\tY\t5\t6\n");
        Assert.Equal(["1|X|2|3", "4|Y|5|6"], await Session.RowsAsync("SELECT * FROM t ORDER BY a"));
        Assert.Equal("4|Y|5|6", await Session.ValueAsync("SELECT * FROM t WHERE lower(b) = 'y'"));
        SqlException twice = await Assert.ThrowsAsync<SqlException>(() => Session.CopyInAsync("COPY t (b) FROM STDIN", "x\n"));
        Assert.Equal("Key (lower(b))=(x) already exists.", twice.Detail);
        await Session.RunAsync("ALTER TABLE t ADD CHECK (a < 100)");
        SqlException failed = await Session.FailAsync("INSERT INTO t VALUES (200, 'z')");
        Assert.Equal("Failing row contains (200, z, null, 7).", failed.Detail);
    }

    [Fact]
    public async Task A_rolled_back_index_leaves_the_table_as_it_was()
    {
        await Session.RunAsync("CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (2, 'X')");
        Assert.Equal("23505: could not create unique index \"t_lower_idx\"", await Session.ErrorAsync("CREATE UNIQUE INDEX ON t (lower(b))"));
        await Session.RunAsync("BEGIN; CREATE INDEX ON t (lower(b)); INSERT INTO t VALUES (3, 'y'); ROLLBACK");
        await Session.RunAsync("INSERT INTO t VALUES (4, 'z')");
        Assert.Equal(["1|x", "2|X", "4|z"], await Session.RowsAsync("SELECT * FROM t ORDER BY a"));
        Assert.Equal("0", await Session.ValueAsync("SELECT count(*) FROM pg_indexes"));
    }

    [Fact]
    public async Task Generated_columns_may_be_in_expressions_and_predicates()
    {
        await Session.RunAsync("CREATE TABLE t (a int, g int GENERATED ALWAYS AS (a * 2) STORED)");
        await Session.RunAsync("CREATE UNIQUE INDEX ON t ((g + 1)); CREATE UNIQUE INDEX ON t ((g % 10)) WHERE g > 100");
        await Session.RunAsync("INSERT INTO t VALUES (1), (51), (2)");
        Assert.StartsWith(Duplicate, await Session.ErrorAsync("UPDATE t SET a = 2 WHERE a = 1"));
        Assert.StartsWith(Duplicate, await Session.ErrorAsync("UPDATE t SET a = 56 WHERE a = 1"));
        await Session.RunAsync("UPDATE t SET a = 57 WHERE a = 1");
        Assert.Equal("57|114", await Session.ValueAsync("SELECT * FROM t WHERE g + 1 = 115"));
    }

    [Fact]
    public async Task A_lookup_by_an_expression_of_a_unique_index_reads_one_row()
    {
        await Session.RunAsync("CREATE TABLE t (a int, b text); INSERT INTO t SELECT g, 'Name ' || g FROM generate_series(1, 5000) g");
        await Session.RunAsync("CREATE UNIQUE INDEX by_name ON t (lower(b))");
        Assert.Equal(["Index Scan using by_name on t", "  Index Cond: (lower(b) = 'name 77'::text)"],
            await Session.RowsAsync("EXPLAIN (COSTS OFF) SELECT a FROM t WHERE lower(b) = 'name 77'"));
        await Session.RunAsync("PREPARE find(text) AS SELECT a FROM t WHERE lower(b) = $1");
        Assert.Equal("77", await Session.ValueAsync("EXECUTE find('name 77')"));
    }
}
