namespace VecSQL.Engine.Tests.Settings;

public sealed class SettingTests : EngineTest
{
    [Theory]
    [InlineData("work_mem", "'1.5MB'", "1536kB")]
    [InlineData("work_mem", "'64MB'", "64MB")]
    [InlineData("work_mem", "128", "128kB")]
    [InlineData("statement_timeout", "'5 s'", "5s")]
    [InlineData("statement_timeout", "'90min'", "90min")]
    [InlineData("statement_timeout", "1500", "1500ms")]
    [InlineData("statement_timeout", "0", "0")]
    [InlineData("enable_sort", "of", "off")]
    [InlineData("enable_sort", "yes", "on")]
    [InlineData("DateStyle", "'german, ymd'", "German, YMD")]
    [InlineData("DateStyle", "german", "German, DMY")]
    [InlineData("TimeZone", "'+5'", "<+05>-05")]
    [InlineData("TimeZone", "utc", "UTC")]
    [InlineData("TimeZone", "'europe/berlin'", "Europe/Berlin")]
    [InlineData("search_path", "a, \"B c\", pg_catalog", "a, \"B c\", pg_catalog")]
    [InlineData("search_path", "'x, y'", "\"x, y\"")]
    [InlineData("client_min_messages", "WARNING", "warning")]
    [InlineData("client_encoding", "'utf-8'", "UTF8")]
    [InlineData("extra_float_digits", "-2", "-2")]
    [InlineData("hnsw.ef_search", "100", "100")]
    [InlineData("my.own", "anything", "anything")]
    public async Task A_value_set_is_shown_in_canonical_form(string name, string value, string shown)
    {
        Assert.Equal("SET", await Session.RunAsync($"SET {name} = {value}"));
        Assert.Equal(shown, await Session.ValueAsync($"SHOW {name}"));
    }

    [Theory]
    [InlineData("SET work_mem = '1kB'", "22023: 1 kB is outside the valid range for parameter \"work_mem\" (64 .. 2147483647)")]
    [InlineData("SET work_mem = 'abc'", "22023: invalid value for parameter \"work_mem\": \"abc\"")]
    [InlineData("SET work_mem = '64XB'", "22023: invalid value for parameter \"work_mem\": \"64XB\"")]
    [InlineData("SET enable_sort = maybe", "22023: parameter \"enable_sort\" requires a Boolean value")]
    [InlineData("SET client_min_messages = foo", "22023: invalid value for parameter \"client_min_messages\": \"foo\"")]
    [InlineData("SET foo = 1", "42704: unrecognized configuration parameter \"foo\"")]
    [InlineData("SHOW foo", "42704: unrecognized configuration parameter \"foo\"")]
    [InlineData("SHOW foo.bar", "42704: unrecognized configuration parameter \"foo.bar\"")]
    [InlineData("SET server_version = 'x'", "55P02: parameter \"server_version\" cannot be changed")]
    [InlineData("SET shared_buffers = '1GB'",
        "55P02: parameter \"shared_buffers\" cannot be changed without restarting the server")]
    [InlineData("SET fsync = off", "55P02: parameter \"fsync\" cannot be changed now")]
    [InlineData("SET extra_float_digits = 7", "22023: 7 is outside the valid range for parameter \"extra_float_digits\" (-15 .. 3)")]
    [InlineData("SET DateStyle = 'foo'", "22023: invalid value for parameter \"DateStyle\": \"foo\"")]
    [InlineData("SET TimeZone = 'Foo/Bar'", "22023: invalid value for parameter \"TimeZone\": \"Foo/Bar\"")]
    [InlineData("SET jit = 'on', 'off'", "22023: SET jit takes only one argument")]
    [InlineData("SET hnsw.nothing = 1", "42602: invalid configuration parameter name \"hnsw.nothing\"")]
    [InlineData("SET client_encoding = 'latin1'", "0A000: client_encoding latin1 is not supported")]
    [InlineData("SET array_nulls = off", "0A000: array_nulls = off is not supported")]
    [InlineData("SET log_statement = 'all'", "0A000: log_statement = all is not supported")]
    [InlineData("SET temp_file_limit = '1GB'", "0A000: temp_file_limit = 1GB is not supported")]
    [InlineData("SET ROLE somebody", "22023: role \"somebody\" does not exist")]
    public async Task A_bad_setting_is_refused_in_postgresql_words(string sql, string error) =>
        Assert.Equal(error, await Session.ErrorAsync(sql));

    [Fact]
    public async Task A_rollback_takes_settings_back_and_tells_the_client()
    {
        await Session.RunAsync("SET application_name = before");
        await Session.RunAsync("BEGIN; SET application_name = within");
        await Session.RunAsync("ROLLBACK");
        Assert.Equal("before", await Session.ValueAsync("SHOW application_name"));
        Assert.Equal(["application_name=before", "application_name=within", "application_name=before"], Session.Changes);
    }

    [Fact]
    public async Task Set_local_ends_with_the_transaction_and_a_set_before_it_comes_back()
    {
        await Session.RunAsync("BEGIN; SET work_mem = '2MB'; SET LOCAL work_mem = '3MB'");
        Assert.Equal("3MB", await Session.ValueAsync("SHOW work_mem"));
        await Session.RunAsync("COMMIT");
        Assert.Equal("2MB", await Session.ValueAsync("SHOW work_mem"));
    }

    [Fact]
    public async Task A_savepoint_undoes_what_was_set_after_it_and_a_release_keeps_it()
    {
        await Session.RunAsync("BEGIN; SET work_mem = '2MB'; SAVEPOINT a; SET work_mem = '3MB'; ROLLBACK TO a");
        Assert.Equal("2MB", await Session.ValueAsync("SHOW work_mem"));
        await Session.RunAsync("SAVEPOINT b; SET LOCAL work_mem = '4MB'; RELEASE b");
        Assert.Equal("4MB", await Session.ValueAsync("SHOW work_mem"));
        await Session.RunAsync("COMMIT");
        Assert.Equal("2MB", await Session.ValueAsync("SHOW work_mem"));
    }

    [Fact]
    public async Task Set_local_outside_of_a_block_warns_and_does_nothing()
    {
        await Session.RunAsync("SET LOCAL work_mem = '3MB'");
        Assert.Equal("SET LOCAL can only be used in transaction blocks", Assert.Single(Session.Notices).Message);
        Assert.Equal("64MB", await Session.ValueAsync("SHOW work_mem"));
    }

    [Fact]
    public async Task Reset_goes_back_to_what_theSession_began_with()
    {
        await using TestSession session = Database.Session(("WORK_MEM", "8MB"), ("application_name", "me"));
        await session.RunAsync("SET work_mem = '1MB'; SET application_name = other; SET a.b = 1");
        await session.RunAsync("RESET work_mem");
        Assert.Equal("8MB", await session.ValueAsync("SHOW work_mem"));
        await session.RunAsync("RESET ALL");
        Assert.Equal("me", await session.ValueAsync("SHOW application_name"));
        Assert.Equal("", await session.ValueAsync("SHOW a.b"));
    }

    [Fact]
    public async Task Show_all_lists_every_setting_that_is_not_hidden()
    {
        string[] rows = await Session.RowsAsync("SHOW ALL");
        Assert.Contains(rows, row => row.StartsWith("work_mem|64MB|", StringComparison.Ordinal));
        Assert.DoesNotContain(rows, row => row.StartsWith("is_superuser|", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_setting_without_effect_says_so()
    {
        Assert.Equal("Allows compilation of expressions (accepted for compatibility, without effect).",
            await Session.ValueAsync("SELECT short_desc FROM pg_settings WHERE name = 'jit'"));
        Assert.Equal("Allows index lookups.",
            await Session.ValueAsync("SELECT short_desc FROM pg_settings WHERE name = 'enable_indexscan'"));
    }

    [Fact]
    public async Task Enable_indexscan_turns_lookups_by_key_into_scans()
    {
        await Session.RunAsync("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2)");
        Assert.Contains("Index Scan", string.Join('\n', await Session.RowsAsync("EXPLAIN SELECT * FROM t WHERE id = 1")), StringComparison.Ordinal);
        await Session.RunAsync("SET enable_indexscan = off");
        Assert.DoesNotContain("Lookup", string.Join('\n', await Session.RowsAsync("EXPLAIN SELECT * FROM t WHERE id = 1")), StringComparison.Ordinal);
        Assert.Equal(["1"], await Session.RowsAsync("SELECT * FROM t WHERE id = 1"));
    }

    [Fact]
    public void Clients_are_told_what_drivers_insist_on()
    {
        var reported = Session.Session.ReportedSettings.ToDictionary();
        Assert.StartsWith("15.", reported["server_version"], StringComparison.Ordinal);
        Assert.Equal("on", reported["integer_datetimes"]);
        Assert.Equal("on", reported["standard_conforming_strings"]);
        Assert.Equal("UTF8", reported["client_encoding"]);
        Assert.Equal("vecsql", reported["session_authorization"]);
        Assert.Equal("ISO, MDY", reported["DateStyle"]);
        Assert.Equal("0.1", reported["vecsql_version"]);
    }

    [Fact]
    public async Task Time_zones_are_taken_as_numbers_and_intervals()
    {
        await Session.RunAsync("SET TIME ZONE 3.5");
        Assert.Equal("<+03:30>-03:30", await Session.ValueAsync("SHOW timezone"));
        await Session.RunAsync("SET TIME ZONE INTERVAL '-08:00' HOUR TO MINUTE");
        Assert.Equal("<-08>+08", await Session.ValueAsync("SHOW TIME ZONE"));
        await Session.RunAsync("SET TIME ZONE DEFAULT");
        Assert.Equal("UTC", await Session.ValueAsync("SHOW timezone"));
    }
}
