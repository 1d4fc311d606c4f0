namespace VecSQL.Clients.Tests.Matrix;

/// <summary>Every client against every check, on a node and on PostgreSQL: what works there works here.</summary>
public sealed class ClientMatrixTests(MatrixServers servers) : IClassFixture<MatrixServers>
{
    [MatrixFact(nameof(ClientMatrix.Npgsql))]
    public Task Npgsql() => CheckAsync(ClientMatrix.Npgsql);

    [MatrixFact(nameof(ClientMatrix.Dapper))]
    public Task Dapper() => CheckAsync(ClientMatrix.Dapper);

    [MatrixFact(nameof(ClientMatrix.EfCore))]
    public Task Ef_core() => CheckAsync(ClientMatrix.EfCore);

    [MatrixFact(nameof(ClientMatrix.Psycopg2Client))]
    public Task Psycopg2() => CheckAsync(ClientMatrix.Psycopg2Client);

    [MatrixFact(nameof(ClientMatrix.Psycopg3Client))]
    public Task Psycopg3() => CheckAsync(ClientMatrix.Psycopg3Client);

    [MatrixFact(nameof(ClientMatrix.Asyncpg))]
    public Task Asyncpg() => CheckAsync(ClientMatrix.Asyncpg);

    [MatrixFact(nameof(ClientMatrix.SqlAlchemy))]
    public Task SqlAlchemy() => CheckAsync(ClientMatrix.SqlAlchemy);

    [MatrixFact(nameof(ClientMatrix.Django))]
    public Task Django() => CheckAsync(ClientMatrix.Django);

    [MatrixFact(nameof(ClientMatrix.Odbc))]
    public Task Odbc() => CheckAsync(ClientMatrix.Odbc);

    [MatrixFact(nameof(ClientMatrix.NodePostgres))]
    public Task Node_postgres() => CheckAsync(ClientMatrix.NodePostgres);

    [MatrixFact(nameof(ClientMatrix.PostgresJs))]
    public Task Postgres_js() => CheckAsync(ClientMatrix.PostgresJs);

    [MatrixFact(nameof(ClientMatrix.Knex))]
    public Task Knex() => CheckAsync(ClientMatrix.Knex);

    [MatrixFact(nameof(ClientMatrix.Drizzle))]
    public Task Drizzle() => CheckAsync(ClientMatrix.Drizzle);

    [MatrixFact(nameof(ClientMatrix.TypeOrm))]
    public Task TypeOrm() => CheckAsync(ClientMatrix.TypeOrm);

    [MatrixFact(nameof(ClientMatrix.Prisma))]
    public Task Prisma() => CheckAsync(ClientMatrix.Prisma);

    [MatrixFact(nameof(ClientMatrix.Sequelize))]
    public Task Sequelize() => CheckAsync(ClientMatrix.Sequelize);

    [MatrixFact(nameof(ClientMatrix.Jdbc))]
    public Task Jdbc() => CheckAsync(ClientMatrix.Jdbc);

    [MatrixFact(nameof(ClientMatrix.Perl))]
    public Task Perl() => CheckAsync(ClientMatrix.Perl);

    [MatrixFact(nameof(ClientMatrix.Ruby))]
    public Task Ruby() => CheckAsync(ClientMatrix.Ruby);

    [MatrixFact(nameof(ClientMatrix.PhpPgsql))]
    public Task Php_pgsql() => CheckAsync(ClientMatrix.PhpPgsql);

    [MatrixFact(nameof(ClientMatrix.PhpPdo))]
    public Task Php_pdo() => CheckAsync(ClientMatrix.PhpPdo);

    [MatrixFact(nameof(ClientMatrix.PgBouncerSessions))]
    public Task Pgbouncer_with_session_pooling() => CheckAsync(ClientMatrix.PgBouncerSessions);

    [MatrixFact(nameof(ClientMatrix.PgBouncerTransactions))]
    public Task Pgbouncer_with_transaction_pooling() => CheckAsync(ClientMatrix.PgBouncerTransactions);

    [MatrixFact(nameof(ClientMatrix.PsqlTool))]
    public Task Psql_itself() => CheckAsync(ClientMatrix.PsqlTool);

    [MatrixFact(nameof(ClientMatrix.PgDump))]
    public Task Pg_dump() => CheckAsync(ClientMatrix.PgDump);

    [MatrixFact(nameof(ClientMatrix.PgBench))]
    public Task Pgbench() => CheckAsync(ClientMatrix.PgBench);

    [MatrixFact(nameof(ClientMatrix.Go))]
    public Task Go() => CheckAsync(ClientMatrix.Go);

    [MatrixFact(nameof(ClientMatrix.PgAdmin))]
    public Task What_pgadmin_sends() => CheckAsync(ClientMatrix.PgAdmin);

    [MatrixFact(nameof(ClientMatrix.DBeaver))]
    public Task What_dbeaver_sends() => CheckAsync(ClientMatrix.DBeaver);

    [MatrixFact(nameof(ClientMatrix.DataGrip))]
    public Task What_datagrip_sends() => CheckAsync(ClientMatrix.DataGrip);

    [MatrixFact(nameof(ClientMatrix.Metabase))]
    public Task What_metabase_sends() => CheckAsync(ClientMatrix.Metabase);

    [MatrixFact(nameof(ClientMatrix.Superset))]
    public Task What_superset_sends() => CheckAsync(ClientMatrix.Superset);

    [MatrixFact(nameof(ClientMatrix.Tableau))]
    public Task What_tableau_sends() => CheckAsync(ClientMatrix.Tableau);

    [MatrixFact(nameof(ClientMatrix.PowerBi))]
    public Task What_power_bi_sends() => CheckAsync(ClientMatrix.PowerBi);

    [MatrixFact(nameof(ClientMatrix.Grafana))]
    public Task What_grafana_sends() => CheckAsync(ClientMatrix.Grafana);

    private async Task CheckAsync(MatrixClient client)
    {
        Task<MatrixReport>? asked = servers.Theirs is { } reference ? client.RunAsync(reference) : null;
        MatrixReport ours = await client.RunAsync(servers.Ours);
        servers.Table.Add(client, ours);
        MatrixReport theirs = asked is null ? ours : await asked;
        List<string> wrong = [];
        foreach (string check in client.Checks)
        {
            if (ours.Failure(check) is { } failure)
                wrong.Add($"{check} here: {failure}");
            if (check == "vectors" && servers.Theirs is not { HasVectors: true })
                continue;
            if (theirs.Failure(check) is { } expectation)
                wrong.Add($"{check} on PostgreSQL: {expectation}");
            else if (theirs.Lacking(check) != ours.Lacking(check))
                wrong.Add($"{check} here: {ours.Lacking(check)}; on PostgreSQL: {theirs.Lacking(check)}");
        }
        foreach ((string step, string said) in ours.Said)
        {
            bool isWithoutVectors = step.StartsWith("vectors", StringComparison.Ordinal) && servers.Theirs is not { HasVectors: true };
            if (!isWithoutVectors && theirs.Said.GetValueOrDefault(step, said) is var expected && expected != said)
                wrong.Add($"{step} differs:\n{Difference(expected, said)}");
        }
        Assert.True(wrong.Count == 0, $"{client.Name}\n{string.Join('\n', wrong)}");
        if (Environment.GetEnvironmentVariable("VECSQL_UPDATE_GOLDEN") == "1")
            return;
        string page = await File.ReadAllTextAsync(MatrixTable.DocumentationFile);
        foreach (string line in MatrixTable.Reasons(client, ours).Prepend(MatrixTable.Row(client, ours)))
            Assert.True(page.Contains(line, StringComparison.Ordinal), $"docs/guides/clients.md lacks {line}; VECSQL_UPDATE_GOLDEN=1 writes it");
    }

    /// <summary>The lines that are on one side only.</summary>
    private static string Difference(string expected, string actual)
    {
        string[] theirs = expected.Split('\n'), ours = actual.Split('\n');
        return string.Join('\n', theirs.Except(ours).Select(static line => "there: " + line).Concat(
            ours.Except(theirs).Select(static line => "here: " + line)).DefaultIfEmpty("the order of lines"));
    }

    /// <summary>A test of a client, skipped where its packages are missing.</summary>
    private sealed class MatrixFactAttribute : FactAttribute
    {
        public MatrixFactAttribute(string client) => Skip = ForeignClients.WhyMissing(
            [.. (typeof(ClientMatrix).GetField(client)?.GetValue(null) as MatrixClient)?.Packages ?? throw new ArgumentException(client), ForeignClients.Psql]);
    }
}
