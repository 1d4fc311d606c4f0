using VecSQL.Clients.Tests.Dotnet;

namespace VecSQL.Clients.Tests.Matrix;

/// <summary>What is checked of each client, and the clients.</summary>
internal static class ClientMatrix
{
    /// <summary>The columns of the table.</summary>
    public static readonly string[] Checks =
    [
        "connect", "secure", "types", "nulls", "arrays", "vectors", "prepared", "transactions", "errors", "bulk", "stream", "cancel", "metadata",
        "migrate", "pool", "pipeline", "listen", "unicode", "large",
    ];

    /// <summary>The columns of the table of tools that are not run, but whose statements are.</summary>
    public static readonly string[] ToolChecks =
    [
        "session", "databases", "schemas", "tables", "columns", "keys", "indexes", "views", "functions", "types", "sequences", "roles", "depends",
        "activity", "preview", "query", "edit",
    ];

    private const string Psycopg2 = "python3-psycopg2";

    private static readonly string[] JdbcPackages = ["default-jdk-headless", "libpostgresql-jdbc-java"];

    public static readonly MatrixClient
        Psycopg2Client = Python("psycopg2", "psycopg2_client.py", Psycopg2),
        Psycopg3Client = Python("psycopg 3", "psycopg3_client.py", "python3-psycopg"),
        Asyncpg = Python("asyncpg", "asyncpg_client.py", "python3-asyncpg"),
        PgBouncerSessions = PgBouncer("session"),
        PgBouncerTransactions = PgBouncer("transaction"),
        SqlAlchemy = Python("SQLAlchemy", "sqlalchemy_client.py", "python3-sqlalchemy", Psycopg2),
        Django = Python("Django", "django_client.py", "python3-django", Psycopg2),
        Odbc = Python("psqlODBC", "pyodbc_client.py", "odbcinst", "odbc-postgresql", "python3-pyodbc"),
        NodePostgres = Node("node-postgres, pgvector", "pg.js", "pg", "pg-cursor", "pg-copy-streams", "pgvector"),
        PostgresJs = Node("postgres.js", "postgresjs.js", "postgres", "pgvector"),
        Knex = Node("Knex", "knex.js", "knex", "pg", "pg-query-stream", "pgvector"),
        Drizzle = Node("Drizzle", "drizzle.js", "drizzle-orm", "pg"),
        TypeOrm = Node("TypeORM", "typeorm.js", "typeorm", "reflect-metadata", "pg", "pg-query-stream"),
        Prisma = Node("Prisma", "prisma.js", "prisma", "@prisma/client", "@prisma/adapter-pg"),
        Sequelize = Node("Sequelize", "sequelize.js", "sequelize", "pg", "pgvector"),
        Jdbc = MatrixClient.Script("JDBC", JdbcPackages,
            "java", "-cp", "/usr/share/java/postgresql.jar", "{folder}/java/Jdbc.java"),
        Perl = MatrixClient.Script("Perl DBD::Pg", ["libdbd-pg-perl"], "perl", "{folder}/perl/client.pl"),
        Ruby = MatrixClient.Script("Ruby pg", ["ruby-pg"], "ruby", "{folder}/ruby/client.rb"),
        PhpPgsql = MatrixClient.Script("PHP pgsql", ["php-cli", "php-pgsql"], "php", "{folder}/php/pgsql.php"),
        PhpPdo = MatrixClient.Script("PHP PDO", ["php-cli", "php-pgsql"], "php", "{folder}/php/pdo.php"),
        Npgsql = InProcessClient.Of("Npgsql", server => new NpgsqlClient(server)),
        Dapper = InProcessClient.Of("Dapper", server => new DapperClient(server)),
        EfCore = InProcessClient.Of("EF Core", server => new EfCoreClient(server)),
        Go = MatrixClient.Script("Go lib/pq", ["golang-go", "golang-github-lib-pq-dev"], "go", "run", "{folder}/go/client.go");

    public static readonly MatrixClient
        PsqlTool = Tool("psql"),
        PgDump = Tool("pg_dump"),
        PgBench = Tool("pgbench");

    public static readonly MatrixClient
        PgAdmin = MatrixClient.Recorded("pgAdmin 4", "pgadmin.sql", "psycopg", "python3-psycopg"),
        DBeaver = MatrixClient.Recorded("DBeaver", "dbeaver.sql", "jdbc_relay", JdbcPackages),
        DataGrip = MatrixClient.Recorded("DataGrip", "datagrip.sql", "jdbc_relay", JdbcPackages),
        Metabase = MatrixClient.Recorded("Metabase", "metabase.sql", "jdbc_relay", JdbcPackages),
        Superset = MatrixClient.Recorded("Superset", "superset.sql", "psycopg2", Psycopg2),
        Tableau = MatrixClient.Recorded("Tableau", "tableau.sql", "jdbc_relay", JdbcPackages),
        PowerBi = MatrixClient.Recorded("Power BI", "powerbi.sql", "psycopg_binary", "python3-psycopg"),
        Grafana = MatrixClient.Recorded("Grafana", "grafana.sql", "psycopg2", Psycopg2);

    /// <summary>Tools by their statements.</summary>
    public static readonly MatrixClient[] Tools = [PgAdmin, DBeaver, DataGrip, Metabase, Superset, Tableau, PowerBi, Grafana];

    public static readonly MatrixClient[] Clients =
    [
        PsqlTool, PgDump, PgBench,
        Npgsql, Dapper, EfCore, Psycopg2Client, Psycopg3Client, Asyncpg, SqlAlchemy, Django, NodePostgres, PostgresJs, Knex, Drizzle, TypeOrm, Prisma, Sequelize, Jdbc, Odbc, Perl,
        Ruby, PhpPgsql, PhpPdo, Go, PgBouncerSessions, PgBouncerTransactions,
    ];

    private static MatrixClient Python(string name, string script, params string[] packages) =>
        MatrixClient.Script(name, packages, ForeignClients.Python, "{folder}/python/" + script);

    private static MatrixClient Tool(string name) =>
        MatrixClient.Script(name, [ForeignClients.Psql, ForeignClients.Postgres], ForeignClients.Python, "{folder}/python/tool_client.py", name);

    private static MatrixClient PgBouncer(string mode) => MatrixClient.Script($"psycopg2 by pgbouncer, {mode} pooling", ["pgbouncer", Psycopg2],
        ForeignClients.Python, "{folder}/python/pgbouncer_client.py", mode);

    private static MatrixClient Node(string name, string script, params string[] packages) =>
        MatrixClient.Script(name, [.. packages.Select(package => "npm:" + package)], "node", "{folder}/node/" + script);
}
