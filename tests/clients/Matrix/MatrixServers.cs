using VecSQL.Kit;

namespace VecSQL.Clients.Tests.Matrix;

/// <summary>A node and, where there is one, a PostgreSQL with the same rules, certificate, users and tables; and what clients said of them.</summary>
public sealed class MatrixServers : IAsyncLifetime
{
    private const string Rules =
        """
        hostssl all keeper 127.0.0.1/32 scram-sha-256
        host    all keeper 127.0.0.1/32 reject
        host    all all    127.0.0.1/32 trust

        """;

    public TestCertificates Certificates { get; } = new();

    private readonly MatrixTable _table = new();
    private ServerProcess? _node;
    private PostgresServer? _postgres;

    internal MatrixServer Ours { get; private set; } = new(0, "", HasVectors: true);

    /// <summary>Null where PostgreSQL is not installed.</summary>
    internal MatrixServer? Theirs { get; private set; }

    internal MatrixTable Table => _table;

    public async Task InitializeAsync()
    {
        _node = await ServerProcess.StartAsync(environment: new Dictionary<string, string>
        {
            ["VECSQL_HBA_FILE"] = Certificates.Write("hba.conf", Rules),
            ["VECSQL_SSL"] = "on",
            ["VECSQL_SSL_CERT_FILE"] = Certificates.ServerFile,
            ["VECSQL_SSL_KEY_FILE"] = Certificates.ServerKeyFile,
        });
        Ours = new(_node.Port, Certificates.AuthorityFile, HasVectors: true);
        await SetUpAsync(Ours);
        if (ForeignClients.WhyMissing(ForeignClients.Postgres, ForeignClients.Psql) is not null)
            return;
        _postgres = await PostgresServer.StartAsync(Certificates, Rules);
        // The first role owns all that comes with a server, and is called vecsql on the node. Nobody can rename the role of his own session.
        await AskAsync(_postgres.Port, "postgres", "postgres", "CREATE ROLE builder SUPERUSER LOGIN");
        await AskAsync(_postgres.Port, "builder", "postgres", "ALTER ROLE postgres RENAME TO vecsql");
        await AskAsync(_postgres.Port, "vecsql", "postgres", "DROP ROLE builder");
        await AskAsync(_postgres.Port, "vecsql", "postgres", "CREATE DATABASE vecsql");
        const string HasVectors =
            "SELECT count(*) FROM pg_available_extensions WHERE name = 'vector' AND string_to_array(default_version, '.')::int[] >= '{0,8}'";
        Theirs = new(_postgres.Port, Certificates.AuthorityFile, await AskAsync(_postgres.Port, "vecsql", "vecsql", HasVectors) == "1\n");
        await SetUpAsync(Theirs);
    }

    public async Task DisposeAsync()
    {
        _table.Write();
        if (_node is not null)
            await _node.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        Certificates.Dispose();
    }

    private static async Task SetUpAsync(MatrixServer server)
    {
        await AskAsync(server.Port, "vecsql", "vecsql", $"CREATE ROLE {MatrixServer.SecureUser} LOGIN PASSWORD '{MatrixServer.SecurePassword}'");
        await AskAsync(server.Port, "vecsql", "vecsql", $"CREATE DATABASE {MatrixServer.ToolDatabase}");
        foreach (string database in (string[])["vecsql", MatrixServer.ToolDatabase])
        {
            await AskAsync(server.Port, "vecsql", database, await ScriptAsync("setup.sql"));
            if (server.HasVectors)
                await AskAsync(server.Port, "vecsql", database, "CREATE EXTENSION vector");
        }
        await AskAsync(server.Port, "vecsql", MatrixServer.ToolDatabase, await ScriptAsync("tools.sql"));
    }

    private static Task<string> ScriptAsync(string name) => File.ReadAllTextAsync(Path.Combine(Programs.RepositoryRoot, "tests", "clients", name));

    private static async Task<string> AskAsync(int port, string user, string database, string sql)
    {
        ProgramResult result = await Programs.RunAsync("psql",
            ["-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", port.ToString(), "-U", user, "-d", database, "-f", "-"], input: sql);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException(result.Error);
    }
}
