using VecSQL.Clients.Tests.Wire;
using VecSQL.Kit;

namespace VecSQL.Clients.Tests.Security;

/// <summary>A node with rules and a certificate, and users to connect as.</summary>
public sealed class SecureNode : IAsyncLifetime
{
    private ServerProcess? _server;

    public TestCertificates Certificates { get; } = new();

    public ServerProcess Server => _server ?? throw new InvalidOperationException("the node has not been started");

    public string ClientFiles { get; private set; } = "";

    public async Task InitializeAsync()
    {
        ClientFiles = Certificates.Issue("client", "carl");
        string rules = Certificates.Write("hba.conf",
            """
            local   all all                  peer
            host    all vecsql  127.0.0.1/32 trust
            host    all mallory 127.0.0.1/32 reject
            hostssl all carl,eve 127.0.0.1/32 cert
            hostssl all paul    127.0.0.1/32 password
            host    all plain   127.0.0.1/32 trust
            hostssl all tess    127.0.0.1/32 scram-sha-256
            host    all joe,old,nopass,nologin,nobody 127.0.0.1/32 scram-sha-256
            """);
        _server = await ServerProcess.StartAsync(environment: new Dictionary<string, string>
        {
            ["VECSQL_HBA_FILE"] = rules,
            ["VECSQL_SSL"] = "on",
            ["VECSQL_SSL_CERT_FILE"] = Certificates.ServerFile,
            ["VECSQL_SSL_KEY_FILE"] = Certificates.ServerKeyFile,
            ["VECSQL_SSL_CA_FILE"] = Certificates.AuthorityFile,
        });
        await using RawClient client = await RawClient.ConnectAsync(Server.Port);
        await client.AskAsync(
            "CREATE USER joe PASSWORD 'p\u00E4ss w\u00F6rd'; CREATE USER tess PASSWORD 'tls'; CREATE USER paul PASSWORD 'clear'; CREATE USER carl; "
            + "CREATE USER eve; CREATE USER old PASSWORD 'x' VALID UNTIL '1999-01-01'; CREATE USER nopass; CREATE ROLE nologin PASSWORD 'x'");
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        Certificates.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class SecureCollection : ICollectionFixture<SecureNode>
{
    public const string Name = "one secure node";
}
