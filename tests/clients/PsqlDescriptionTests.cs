using System.Text.RegularExpressions;
using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

/// <summary>psql's backslash commands beside a real PostgreSQL.</summary>
public sealed partial class PsqlDescriptionTests(PsqlDescriptionTests.Pair pair) : IClassFixture<PsqlDescriptionTests.Pair>
{
    [ClientTheory(ForeignClients.Psql, ForeignClients.Postgres)]
    [InlineData(@"\d")]
    [InlineData(@"\d psql_t")]
    [InlineData(@"\d+ psql_t")]
    [InlineData(@"\d psql_v")]
    [InlineData(@"\d psql_s")]
    [InlineData(@"\d psql_t_price_idx")]
    [InlineData(@"\d psql_nothing")]
    [InlineData(@"\dt")]
    [InlineData(@"\dt psql_sch*.*")]
    [InlineData(@"\dn psql_*")]
    [InlineData(@"\di")]
    [InlineData(@"\di psql_t_price*")]
    [InlineData(@"\dv")]
    [InlineData(@"\ds")]
    [InlineData(@"\du")]
    [InlineData(@"\df psql_*")]
    [InlineData(@"\copy psql_t (name, price) to stdout")]
    [InlineData(@"\copy (select name from psql_t order by 1) to stdout csv header")]
    [InlineData(@"\copy psql_t (name) from /dev/null")]
    public async Task Commands_show_what_they_show_on_postgresql(string command)
    {
        await pair.PrepareAsync();
        Assert.Equal(await pair.AskPostgresAsync(command), await pair.AskVecSqlAsync(command));
    }

    /// <summary>What these list differs; its columns do not.</summary>
    [ClientTheory(ForeignClients.Psql, ForeignClients.Postgres)]
    [InlineData(@"\l")]
    [InlineData(@"\l+")]
    [InlineData(@"\dx")]
    [InlineData(@"\dn")]
    [InlineData(@"\dn+")]
    [InlineData(@"\dt+")]
    [InlineData(@"\df abs")]
    [InlineData(@"\df+ abs")]
    [InlineData(@"\dT int*")]
    public async Task Lists_have_the_columns_that_they_have_on_postgresql(string command)
    {
        await pair.PrepareAsync();
        Assert.Equal(Head(await pair.AskPostgresAsync(command)), Head(await pair.AskVecSqlAsync(command)));
    }

    [ClientFact(ForeignClients.Psql, ForeignClients.Postgres)]
    public async Task Conninfo_names_the_database_and_the_user()
    {
        await pair.PrepareAsync();
        string expected = @"You are connected to database ""vecsql"" as user ""vecsql"" on host ""127.0.0.1"" at port ""N""." + "\n";
        Assert.Equal(expected, Digits().Replace(await pair.AskVecSqlAsync(@"\conninfo"), "\"N\""));
    }

    private static string Head(string table) => string.Join('\n', table.Split('\n').Take(2)
        .Select(line => string.Join('|', line.Split('|').Select(cell => cell.Trim()))));

    [GeneratedRegex("\"\\d+\"")]
    private static partial Regex Digits();

    /// <summary>A node and a PostgreSQL with the same tables.</summary>
    public sealed class Pair : IAsyncLifetime
    {
        private const string Setup = """
            CREATE TABLE psql_t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'x' UNIQUE,
                price numeric(10,2), CHECK (id > 0), added timestamptz DEFAULT now(), tags text[],
                dot text GENERATED ALWAYS AS ('.') STORED);
            CREATE INDEX ON psql_t (price);
            CREATE VIEW psql_v AS SELECT id, name FROM psql_t WHERE price > 1;
            CREATE SEQUENCE psql_s INCREMENT 2 START 5;
            CREATE SCHEMA psql_schema;
            CREATE TABLE psql_schema.inner_t (a bigint, b double precision, PRIMARY KEY (a, b));
            COMMENT ON TABLE psql_t IS 'goods';
            COMMENT ON COLUMN psql_t.name IS 'what it is called';
            INSERT INTO psql_t (name, price) VALUES ('one', 1), ('two', 2.5), ('tab	in', NULL);
            """;

        private readonly Lock _gate = new();
        private Task? _prepared;
        private ServerProcess? _server;
        private PostgresServer? _postgres;

        public Task InitializeAsync() => Task.CompletedTask;

        /// <summary>Starts both, the first time that a test asks: none does where a program is missing.</summary>
        public Task PrepareAsync()
        {
            lock (_gate)
                return _prepared ??= StartBothAsync();
        }

        private async Task StartBothAsync()
        {
            _server = await ServerProcess.StartAsync();
            _postgres = await PostgresServer.StartAsync();
            // The bootstrap role cannot be dropped; a name that starts with pg_ hides it from lists.
            await RunAsync(_postgres.Port, "postgres", "CREATE ROLE vecsql SUPERUSER CREATEDB CREATEROLE REPLICATION BYPASSRLS LOGIN",
                user: "postgres");
            await RunAsync(_postgres.Port, "postgres", "CREATE DATABASE vecsql OWNER vecsql", user: "postgres");
            await RunAsync(_postgres.Port, "vecsql", "ALTER SCHEMA public OWNER TO vecsql");
            await RunAsync(_postgres.Port, "vecsql", "UPDATE pg_authid SET rolname = 'pg_root' WHERE rolname = 'postgres'");
            string expected = await RunAsync(_postgres.Port, "vecsql", Setup);
            Assert.Equal(expected, await RunAsync(_server.Port, "vecsql", Setup));
        }

        public async Task DisposeAsync()
        {
            if (_server is not null)
                await _server.DisposeAsync();
            if (_postgres is not null)
                await _postgres.DisposeAsync();
        }

        internal Task<string> AskVecSqlAsync(string command) => RunAsync((_server ?? throw Unprepared()).Port, "vecsql", command);

        internal Task<string> AskPostgresAsync(string command) => RunAsync((_postgres ?? throw Unprepared()).Port, "vecsql", command);

        private static InvalidOperationException Unprepared() => new("not prepared");

        private static async Task<string> RunAsync(int port, string database, string command, string user = "vecsql")
        {
            ProgramResult result = await Programs.RunAsync("psql",
                ["-X", "-h", "127.0.0.1", "-p", port.ToString(), "-U", user, "-d", database, "-c", command]);
            return result.Output + result.Error;
        }
    }
}
