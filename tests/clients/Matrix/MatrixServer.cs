namespace VecSQL.Clients.Tests.Matrix;

/// <summary>A server that clients are run against, with what <c>setup.sql</c> makes in it; in the database of tools with what <c>tools.sql</c> makes
/// besides.</summary>
/// <param name="HasVectors">Whether it has pgvector's types, all of them.</param>
internal sealed record MatrixServer(int Port, string AuthorityFile, bool HasVectors)
{
    public const string ToolDatabase = "tools";

    public const string SecureUser = "keeper", SecurePassword = "keep it safe";

    /// <summary>The database that scripts connect to.</summary>
    public string Database { get; init; } = "vecsql";

    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=vecsql;Database=vecsql;Include Error Detail=true;Command Timeout=60";

    public string SecureConnectionString(string password) => $"Host=localhost;Port={Port};Username={SecureUser};Password={password};"
        + $"Database=vecsql;Ssl Mode=VerifyFull;Root Certificate={AuthorityFile}";

    /// <summary>What scripts read of it, and libpq too.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["PGHOST"] = "127.0.0.1",
        ["PGPORT"] = Port.ToString(),
        ["PGUSER"] = "vecsql",
        ["PGDATABASE"] = Database,
        ["SECURE_USER"] = SecureUser,
        ["SECURE_PASSWORD"] = SecurePassword,
        ["SECURE_CA"] = AuthorityFile,
        ["VECSQL_NODE_PACKAGES"] = ForeignClients.NodePackages,
        ["NODE_NO_WARNINGS"] = "1",
        ["PYTHONDONTWRITEBYTECODE"] = "1",
        ["PYTHONWARNINGS"] = "ignore",
        ["GO111MODULE"] = "off",
        ["GOPATH"] = "/usr/share/gocode",
        ["TZ"] = "UTC",
    };
}
