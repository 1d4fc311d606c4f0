namespace VecSQL.Engine.Tests.Statements;

public sealed class TableDefinitionTests : EngineTest
{
    [Theory]
    [InlineData("CREATE TABLE t (a int, a int)", "42701: column \"a\" specified more than once")]
    [InlineData("CREATE TABLE t (ctid int)", "42701: column name \"ctid\" conflicts with a system column name")]
    [InlineData("CREATE TABLE t (a int NULL NOT NULL)", "42601: conflicting NULL/NOT NULL declarations for column \"a\" of table \"t\"")]
    [InlineData("CREATE TABLE t (a int PRIMARY KEY PRIMARY KEY)", "42P16: multiple primary keys for table \"t\" are not allowed")]
    [InlineData("CREATE TABLE t (a int, PRIMARY KEY (b))", "42703: column \"b\" named in key does not exist")]
    [InlineData("CREATE TABLE t (a int, PRIMARY KEY (a, a))", "42701: column \"a\" appears twice in primary key constraint")]
    [InlineData("CREATE TABLE t (a int DEFAULT 'x')", "22P02: invalid input syntax for type integer: \"x\"")]
    [InlineData("CREATE TABLE t (a int DEFAULT b)", "0A000: cannot use column reference in DEFAULT expression")]
    [InlineData("CREATE TABLE t (a int DEFAULT (SELECT 1))", "0A000: cannot use subquery in DEFAULT expression")]
    [InlineData("CREATE TABLE t (a int DEFAULT count(*))", "42803: aggregate functions are not allowed in DEFAULT expressions")]
    [InlineData("CREATE TABLE t (a int DEFAULT 1 DEFAULT 2)",
        "42601: multiple default values specified for column \"a\" of table \"t\"")]
    [InlineData("CREATE TABLE t (a int DEFAULT 'abc'::text)",
        "42804: column \"a\" is of type integer but default expression is of type text")]
    [InlineData("CREATE TABLE t (a serial DEFAULT 1)", "42601: multiple default values specified for column \"a\" of table \"t\"")]
    [InlineData("CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY DEFAULT 3)",
        "42601: both default and identity specified for column \"a\" of table \"t\"")]
    [InlineData("CREATE TABLE t (a text GENERATED ALWAYS AS IDENTITY)",
        "22023: identity column type must be smallint, integer, or bigint")]
    [InlineData("CREATE TABLE t (a int GENERATED ALWAYS AS (a + 1) STORED)",
        "42P17: cannot use generated column \"a\" in column generation expression")]
    [InlineData("CREATE TABLE t (a int, b int GENERATED ALWAYS AS (c) STORED, c int GENERATED ALWAYS AS (a) STORED)",
        "42P17: cannot use generated column \"c\" in column generation expression")]
    [InlineData("CREATE TABLE t (a int, b float8 GENERATED ALWAYS AS (random()) STORED)",
        "42P17: generation expression is not immutable")]
    [InlineData("CREATE TABLE t (a int CHECK (a))", "42804: argument of CHECK must be type boolean, not type integer")]
    [InlineData("CREATE TABLE t (a int CHECK (b > 1))", "42703: column \"b\" does not exist")]
    [InlineData("CREATE TABLE t (a record)", "42P16: column \"a\" has pseudo-type record")]
    [InlineData("CREATE TABLE nope.t (a int)", "3F000: schema \"nope\" does not exist")]
    [InlineData("CREATE TABLE pg_catalog.t (a int)", "42501: permission denied to create \"pg_catalog.t\"")]
    [InlineData("CREATE TEMP TABLE public.t (a int)", "42P16: cannot create temporary relation in non-temporary schema")]
    [InlineData("CREATE TABLE t (a int REFERENCES u)", "42P01: relation \"u\" does not exist")]
    [InlineData("CREATE TABLE t (a int) WITH (foo = 1)", "22023: unrecognized parameter \"foo\"")]
    [InlineData("CREATE TABLE t (a serial[])", "0A000: array of serial is not implemented")]
    [InlineData("CREATE TABLE t (a int); CREATE TABLE t (a int)", "42P07: relation \"t\" already exists")]
    [InlineData("CREATE SCHEMA pg_foo", "42939: unacceptable schema name \"pg_foo\"")]
    [InlineData("DROP TABLE nope", "42P01: table \"nope\" does not exist")]
    [InlineData("CREATE TABLE t (a int); DROP VIEW t", "42809: \"t\" is not a view")]
    [InlineData("DROP TABLE pg_class", "42501: permission denied: \"pg_class\" is a system catalog")]
    [InlineData("CREATE EXTENSION hstore", "0A000: extension \"hstore\" is not available")]
    [InlineData("CREATE TABLE t (v vector(3)); CREATE INDEX ON t USING hnsw (v)",
        "42704: data type vector has no default operator class for access method \"hnsw\"")]
    [InlineData("DO 'declare x int; begin end'", "0A000: DECLARE in PL/pgSQL is not supported")]
    [InlineData("CREATE VIEW v AS SELECT 1 AS a, 2 AS a", "42701: column \"a\" specified more than once")]
    public async Task Definitions_that_cannot_be_fail_in_postgresql_words(string sql, string error) =>
        Assert.Equal(error, await Session.ErrorAsync(sql));

    [Theory]
    [InlineData("DROP TABLE IF EXISTS nope", "table \"nope\" does not exist, skipping")]
    [InlineData("DROP SEQUENCE IF EXISTS x.y", "schema \"x\" does not exist, skipping")]
    [InlineData("CREATE SCHEMA IF NOT EXISTS public", "schema \"public\" already exists, skipping")]
    [InlineData("CREATE EXTENSION IF NOT EXISTS vector", "extension \"vector\" already exists, skipping")]
    [InlineData("ALTER TABLE IF EXISTS nope ADD COLUMN a int", "relation \"nope\" does not exist, skipping")]
    public async Task Needless_statements_say_so(string sql, string notice)
    {
        await Session.RunAsync(sql);
        Assert.Equal(notice, Assert.Single(Session.Notices).Message);
    }

    [Fact]
    public async Task Constraints_are_named_as_postgresql_names_them()
    {
        await Session.RunAsync(
            """
            CREATE TABLE t (id serial PRIMARY KEY, x int CHECK (x > 0), CHECK (x < 10), CHECK (x > 1 AND x < y), y int, UNIQUE (x, y),
                z int UNIQUE, v int GENERATED BY DEFAULT AS IDENTITY);
            CREATE INDEX ON t (z); CREATE INDEX ON t (z)
            """);
        Assert.Equal(["t_check", "t_pkey", "t_x_check", "t_x_check1", "t_x_y_key", "t_z_key"],
            await Session.RowsAsync("SELECT conname FROM pg_constraint ORDER BY 1"));
        Assert.Equal(["t_id_seq", "t_pkey", "t_v_seq", "t_x_y_key", "t_z_idx", "t_z_idx1", "t_z_key"], await Session.RowsAsync(
            "SELECT relname FROM pg_class WHERE relnamespace = 2200 AND relkind IN ('i', 'S') ORDER BY 1"));
    }

    [Fact]
    public async Task The_default_users_tables_go_to_public()
    {
        await Session.RunAsync("CREATE TABLE t (a int)");
        Assert.Equal("public", await Session.ValueAsync("SELECT schemaname FROM pg_tables WHERE tablename = 't'"));
    }

    [Fact]
    public async Task Long_names_are_cut_to_fit()
    {
        string table = new('t', 60), column = new('c', 60);
        await Session.RunAsync($"CREATE TABLE {table} ({column} int UNIQUE)");
        string name = await Session.ValueAsync("SELECT conname FROM pg_constraint");
        Assert.Equal($"{new string('t', 29)}_{new string('c', 29)}_key", name);
    }

    [Fact]
    public async Task Serial_identity_and_default_fill_in_what_is_left_out()
    {
        await Session.RunAsync("CREATE TABLE t (id serial, g int GENERATED ALWAYS AS IDENTITY (START 10 INCREMENT 5), x int DEFAULT 7)");
        Assert.Equal(["1|10|7", "2|15|7"], await Session.RowsAsync("INSERT INTO t VALUES (DEFAULT, DEFAULT), (DEFAULT, DEFAULT) RETURNING *"));
        Assert.StartsWith("428C9", await Session.ErrorAsync("INSERT INTO t (g) VALUES (1)"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dropping_takes_dependents_only_when_told()
    {
        await Session.RunAsync("CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT a FROM v");
        var error = await Session.FailAsync("DROP TABLE t");
        Assert.Equal("cannot drop table t because other objects depend on it", error.Message);
        Assert.Equal("view v depends on table t\nview w depends on view v", error.Detail);
        await Session.RunAsync("DROP TABLE t CASCADE");
        Assert.Equal("drop cascades to 2 other objects", Assert.Single(Session.Notices).Message);
        Assert.StartsWith("42P01", await Session.ErrorAsync("SELECT * FROM w"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_goes_with_what_is_in_it()
    {
        await Session.RunAsync("CREATE SCHEMA s; CREATE TABLE s.x (a int); CREATE TABLE s.y (a serial)");
        var error = await Session.FailAsync("DROP SCHEMA s");
        Assert.Equal("table s.x depends on schema s\ntable s.y depends on schema s", error.Detail);
        await Session.RunAsync("DROP SCHEMA s CASCADE");
        Assert.Equal("0", await Session.ValueAsync("SELECT count(*) FROM pg_class WHERE oid >= 20000"));
    }

    [Fact]
    public async Task Create_table_as_and_select_into_store_the_rows()
    {
        Assert.Equal("SELECT 2", await Session.RunAsync("CREATE TABLE t (n) AS SELECT * FROM (VALUES (1, 'a'), (2, 'b')) x"));
        Assert.Equal("SELECT 1", await Session.RunAsync("SELECT n AS m INTO u FROM t WHERE n > 1"));
        Assert.Equal(["2"], await Session.RowsAsync("SELECT m FROM u"));
        Assert.Equal(["n|integer", "column2|text"], await Session.RowsAsync(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 't' ORDER BY ordinal_position"));
    }

    [Fact]
    public async Task Temporary_tables_hide_others_and_end_with_the_session()
    {
        await Session.RunAsync("CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE TEMP TABLE t (b int); INSERT INTO t VALUES (2)");
        Assert.Equal("2", await Session.ValueAsync("SELECT * FROM t"));
        Assert.Equal("2", await Session.ValueAsync("SELECT * FROM pg_temp.t"));
        Assert.Equal("1", await Session.ValueAsync("SELECT * FROM public.t"));
        await using TestSession other = Database.Session();
        Assert.Equal("1", await other.ValueAsync("SELECT * FROM t"));
        await Session.RunAsync("DISCARD TEMP");
        Assert.Equal("1", await Session.ValueAsync("SELECT * FROM t"));
        await Session.RunAsync("BEGIN; CREATE TEMP TABLE d (a int) ON COMMIT DROP; CREATE TEMP TABLE e (a int) ON COMMIT DELETE ROWS");
        await Session.RunAsync("INSERT INTO d VALUES (1); INSERT INTO e VALUES (1); COMMIT");
        Assert.Equal("0", await Session.ValueAsync("SELECT count(*) FROM e"));
        Assert.StartsWith("42P01", await Session.ErrorAsync("SELECT * FROM d"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Like_copies_what_it_is_told_to()
    {
        await Session.RunAsync("CREATE TABLE t (a int PRIMARY KEY, b int DEFAULT 5 CHECK (b > 0), c int GENERATED ALWAYS AS (a + 1) STORED)");
        await Session.RunAsync("CREATE TABLE plain (LIKE t); CREATE TABLE whole (LIKE t INCLUDING ALL)");
        Assert.Equal("2|NULL|NULL", await Session.ValueAsync("INSERT INTO plain (a) VALUES (2) RETURNING *"));
        Assert.Equal("2|5|3", await Session.ValueAsync("INSERT INTO whole (a) VALUES (2) RETURNING *"));
        Assert.Equal("23505: duplicate key value violates unique constraint \"whole_pkey\"",
            await Session.ErrorAsync("INSERT INTO whole (a) VALUES (2)"));
        Assert.StartsWith("23514", await Session.ErrorAsync("INSERT INTO whole VALUES (3, 0)"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Definitions_roll_back_with_their_transaction()
    {
        await Session.RunAsync("CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
        await Session.RunAsync("BEGIN; ALTER TABLE t ADD COLUMN b int DEFAULT 2; DROP TABLE t; CREATE TABLE t (z text); ROLLBACK");
        Assert.Equal(["1"], await Session.RowsAsync("SELECT * FROM t"));
    }
}
