namespace VecSQL.Engine.Tests.Statements;

public sealed class AlterTableTests : EngineTest
{
    private async Task MakeTableAsync() =>
        await Session.RunAsync("CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, '10'), (2, '20')");

    [Fact]
    public async Task A_new_column_fills_old_rows_with_its_default()
    {
        await MakeTableAsync();
        await Session.RunAsync("ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 7, ADD COLUMN d text");
        Assert.Equal(["1|10|7|NULL", "2|20|7|NULL"], await Session.RowsAsync("SELECT * FROM t ORDER BY a"));
        await Session.RunAsync("ALTER TABLE t ALTER c SET DEFAULT 8; INSERT INTO t (a) VALUES (3)");
        Assert.Equal(["7", "7", "8"], await Session.RowsAsync("SELECT c FROM t ORDER BY a"));
    }

    [Fact]
    public async Task A_new_column_with_a_value_of_its_own_in_each_row_rewrites_them()
    {
        await MakeTableAsync();
        await Session.RunAsync("ALTER TABLE t ADD COLUMN id serial; ALTER TABLE t ADD COLUMN g int GENERATED ALWAYS AS (a * 100) STORED");
        Assert.Equal(["1|10|1|100", "2|20|2|200"], await Session.RowsAsync("SELECT * FROM t ORDER BY a"));
        await Session.RunAsync("ALTER TABLE t ADD PRIMARY KEY (id)");
        Assert.StartsWith("23505", await Session.ErrorAsync("INSERT INTO t (a, id) VALUES (9, 1)"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_of_type_converts_every_row()
    {
        await MakeTableAsync();
        Assert.Equal("42804: column \"b\" cannot be cast automatically to type integer",
            await Session.ErrorAsync("ALTER TABLE t ALTER b TYPE int"));
        await Session.RunAsync("ALTER TABLE t ALTER b TYPE int USING b::int + 1; ALTER TABLE t ALTER a TYPE text");
        Assert.Equal(["1|11", "2|21"], await Session.RowsAsync("SELECT * FROM t ORDER BY a"));
        Assert.Equal("22001: value too long for type character varying(0)".Replace("(0)", "(1)", StringComparison.Ordinal),
            await Session.ErrorAsync("INSERT INTO t VALUES ('long', 1); ALTER TABLE t ALTER a TYPE varchar(1)"));
    }

    [Fact]
    public async Task Keys_survive_a_change_of_type()
    {
        await Session.RunAsync("CREATE TABLE k (a int PRIMARY KEY, b int UNIQUE); INSERT INTO k VALUES (1, 1), (2, 2)");
        await Session.RunAsync("ALTER TABLE k ALTER a TYPE bigint");
        Assert.StartsWith("23505", await Session.ErrorAsync("INSERT INTO k VALUES (2, 9)"), StringComparison.Ordinal);
        Assert.Equal("23505: could not create unique index \"k_b_key\"",
            await Session.ErrorAsync("ALTER TABLE k ALTER b TYPE int USING 5"));
        Assert.Equal(["1|1", "2|2"], await Session.RowsAsync("SELECT * FROM k ORDER BY a"));
    }

    [Theory]
    [InlineData("ADD COLUMN n int NOT NULL", "23502: column \"n\" of relation \"t\" contains null values")]
    [InlineData("ADD CHECK (a > 5)", "23514: check constraint \"t_a_check\" of relation \"t\" is violated by some row")]
    [InlineData("ADD COLUMN a int", "42701: column \"a\" of relation \"t\" already exists")]
    [InlineData("DROP COLUMN zz", "42703: column \"zz\" of relation \"t\" does not exist")]
    [InlineData("RENAME COLUMN zz TO y", "42703: column \"zz\" does not exist")]
    [InlineData("ALTER zz SET DEFAULT 1", "42703: column \"zz\" of relation \"t\" does not exist")]
    [InlineData("DROP CONSTRAINT nope", "42704: constraint \"nope\" of relation \"t\" does not exist")]
    [InlineData("SET SCHEMA nope", "3F000: schema \"nope\" does not exist")]
    [InlineData("OWNER TO nope", "42704: role \"nope\" does not exist")]
    [InlineData("ALTER a DROP IDENTITY", "55000: column \"a\" of relation \"t\" is not an identity column")]
    [InlineData("ALTER a DROP EXPRESSION", "55000: column \"a\" of relation \"t\" is not a stored generated column")]
    [InlineData("ADD FOREIGN KEY (a) REFERENCES u", "42P01: relation \"u\" does not exist")]
    [InlineData("ENABLE TRIGGER ALL", "0A000: ALTER TABLE ... ENABLE TRIGGER is not supported")]
    public async Task Alterations_that_cannot_be_leave_the_table_as_it_was(string action, string error)
    {
        await MakeTableAsync();
        Assert.Equal(error, await Session.ErrorAsync($"ALTER TABLE t {action}"));
        Assert.Equal(["1|10", "2|20"], await Session.RowsAsync("SELECT * FROM t ORDER BY a"));
    }

    [Fact]
    public async Task Existing_rows_are_tested_before_a_constraint_holds()
    {
        await MakeTableAsync();
        await Session.RunAsync("ALTER TABLE t ALTER a SET NOT NULL, ADD UNIQUE (b), ADD CONSTRAINT small CHECK (a < 10)");
        Assert.StartsWith("23502", await Session.ErrorAsync("INSERT INTO t VALUES (NULL, 'x')"), StringComparison.Ordinal);
        Assert.StartsWith("23505", await Session.ErrorAsync("INSERT INTO t VALUES (3, '10')"), StringComparison.Ordinal);
        Assert.StartsWith("23514", await Session.ErrorAsync("INSERT INTO t VALUES (11, 'x')"), StringComparison.Ordinal);
        await Session.RunAsync("INSERT INTO t VALUES (3, NULL), (3, NULL)");
        var error = await Session.FailAsync("ALTER TABLE t ADD PRIMARY KEY (a)");
        Assert.Equal("could not create unique index \"t_pkey\"", error.Message);
        Assert.Equal("Key (a)=(3) is duplicated.", error.Detail);
        await Session.RunAsync("ALTER TABLE t DROP CONSTRAINT small, DROP CONSTRAINT t_b_key, ALTER a DROP NOT NULL");
        await Session.RunAsync("INSERT INTO t VALUES (NULL, '10'), (11, '10')");
    }

    [Fact]
    public async Task A_check_not_valid_spares_old_rows_until_it_is_validated()
    {
        await MakeTableAsync();
        await Session.RunAsync("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1) NOT VALID");
        Assert.StartsWith("23514", await Session.ErrorAsync("INSERT INTO t VALUES (0, 'x')"), StringComparison.Ordinal);
        Assert.StartsWith("23514", await Session.ErrorAsync("ALTER TABLE t VALIDATE CONSTRAINT c"), StringComparison.Ordinal);
        await Session.RunAsync("DELETE FROM t WHERE a = 1; ALTER TABLE t VALIDATE CONSTRAINT c");
    }

    [Fact]
    public async Task A_dropped_column_is_gone_with_its_constraints()
    {
        await Session.RunAsync("CREATE TABLE t (a int PRIMARY KEY, b int CHECK (b > 0), c int UNIQUE); INSERT INTO t VALUES (1, 2, 3)");
        await Session.RunAsync("ALTER TABLE t DROP COLUMN b; ALTER TABLE t DROP COLUMN c; INSERT INTO t VALUES (2)");
        Assert.Equal(["1", "2"], await Session.RowsAsync("SELECT * FROM t ORDER BY a"));
        Assert.Equal(["t_pkey"], await Session.RowsAsync("SELECT conname FROM pg_constraint"));
        await Session.RunAsync("ALTER TABLE t ADD COLUMN b text DEFAULT 'again'");
        Assert.Equal(["1|again", "2|again"], await Session.RowsAsync("SELECT * FROM t ORDER BY a"));
    }

    [Fact]
    public async Task Renaming_a_column_follows_into_checks_and_generated_columns()
    {
        await Session.RunAsync("CREATE TABLE t (a int CHECK (a > 0), g int GENERATED ALWAYS AS (a + 1) STORED, s text CHECK (s <> 'a'))");
        await Session.RunAsync("ALTER TABLE t RENAME COLUMN a TO \"B c\"; INSERT INTO t VALUES (1, DEFAULT, 'x')");
        Assert.Equal("1|2|x", await Session.ValueAsync("SELECT * FROM t"));
        Assert.StartsWith("23514", await Session.ErrorAsync("INSERT INTO t VALUES (0)"), StringComparison.Ordinal);
        Assert.StartsWith("23514", await Session.ErrorAsync("INSERT INTO t (s) VALUES ('a')"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_and_schemas_can_change()
    {
        await MakeTableAsync();
        await Session.RunAsync("CREATE SCHEMA s; ALTER TABLE t RENAME TO u; ALTER TABLE u SET SCHEMA s");
        Assert.Equal("2", await Session.ValueAsync("SELECT count(*) FROM s.u"));
        await Session.RunAsync("ALTER SCHEMA s RENAME TO z");
        Assert.Equal("2", await Session.ValueAsync("SELECT count(*) FROM z.u"));
    }

    [Fact]
    public async Task Truncate_empties_and_may_restart_identities()
    {
        await Session.RunAsync("CREATE TABLE t (id serial, a int); INSERT INTO t (a) VALUES (1), (2)");
        await Session.RunAsync("TRUNCATE t; INSERT INTO t (a) VALUES (3)");
        Assert.Equal(["3|3"], await Session.RowsAsync("SELECT * FROM t"));
        await Session.RunAsync("TRUNCATE TABLE t RESTART IDENTITY; INSERT INTO t (a) VALUES (4)");
        Assert.Equal(["1|4"], await Session.RowsAsync("SELECT * FROM t"));
    }
}
