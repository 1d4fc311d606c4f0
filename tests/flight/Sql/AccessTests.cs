using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using VecSQL.Engine.Access;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;
using VecSQL.Flight.Protocol.Sql;
using VecSQL.Flight.Sql;
using VecSQL.Flight.Transport;
using VecSQL.Kit;

namespace VecSQL.Flight.Tests.Sql;

/// <summary>The rules of PostgreSQL's port, at this one.</summary>
public sealed class AccessTests : IAsyncLifetime, IDisposable
{
    private readonly TestCertificates _certificates = new();
    private FlightNode? _node;

    private FlightNode Node => _node ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        TlsIdentity identity = TlsIdentity.Read(await File.ReadAllTextAsync(_certificates.ServerFile),
            await File.ReadAllTextAsync(_certificates.ServerKeyFile), await File.ReadAllTextAsync(_certificates.AuthorityFile), onlyTls13: false);
        HostRules rules = HostRules.Parse(
            """
            host    vecsql joe     127.0.0.1/32 scram-sha-256
            hostssl vecsql tess    127.0.0.1/32 scram-sha-256
            hostssl vecsql carl    127.0.0.1/32 cert
            host    vecsql vecsql  127.0.0.1/32 trust
            host    all    mallory 127.0.0.1/32 reject
            """, "rules");
        _node = FlightNode.Start(new FlightOptions { Security = () => new DoorSecurity(rules, identity), StopTimeout = TimeSpan.FromSeconds(1) });
        await Node.RunAsync("CREATE USER joe PASSWORD 'right'; CREATE USER tess PASSWORD 'tls'; CREATE USER carl");
    }

    public async Task DisposeAsync() => await Node.DisposeAsync();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task A_password_lets_in_and_a_wrong_one_does_not()
    {
        using FlightClient joe = Connect();
        await joe.AuthenticateAsync("joe", "right", CancellationToken.None);
        Assert.Equal(["joe"], await joe.QueryAsync("SELECT current_user"));
        foreach ((string user, string password, string state) in new[]
        {
            ("joe", "wrong", "28P01"), ("joe", "", "28P01"), ("mallory", "x", "28000"), ("nobody", "x", "28000"), ("tess", "tls", "28000"),
        })
        {
            using FlightClient client = Connect();
            Assert.Equal((GrpcStatusCode.Unauthenticated, state),
                await FlightSqlClient.ErrorAsync(async () => await client.AuthenticateAsync(user, password, CancellationToken.None)));
        }
    }

    [Fact]
    public async Task Nobody_reaches_anything_without_having_shown_who_they_are()
    {
        using FlightClient client = new(new Uri($"http://127.0.0.1:{Node.Port}"), new GrpcChannelOptions());
        client.Headers.Add("authorization", "Basic am9l"); // no colon
        Assert.Equal((GrpcStatusCode.Unauthenticated, "28000"), await FlightSqlClient.ErrorAsync(() => client.QueryAsync("SELECT 1")));
        using FlightClient trusted = Connect();
        Assert.Equal(["vecsql"], await trusted.QueryAsync("SELECT current_user"));
    }

    [Fact]
    public async Task A_ticket_is_its_users_only()
    {
        using FlightClient joe = Connect(), trusted = Connect();
        await joe.AuthenticateAsync("joe", "right", CancellationToken.None);
        FlightInfo info = await trusted.GetInfoAsync(FlightNode.Command(new CommandStatementQuery { Query = "SELECT 1" }), CancellationToken.None);
        Assert.Equal(GrpcStatusCode.NotFound, (await FlightSqlClient.ErrorAsync(() => joe.ReadAsync(info.Endpoint[0].Ticket))).Code);
        Google.Protobuf.ByteString transaction = await trusted.BeginAsync();
        Assert.Equal(GrpcStatusCode.NotFound, (await FlightSqlClient.ErrorAsync(() => joe.UpdateAsync("SELECT 1", transaction))).Code);
        Assert.Equal(["1"], await trusted.ReadAsync(info.Endpoint[0].Ticket));
    }

    [Fact]
    public async Task Rules_for_tls_and_certificates_hold()
    {
        using FlightClient tess = Connect(isEncrypted: true);
        await tess.AuthenticateAsync("tess", "tls", CancellationToken.None);
        Assert.Equal(["true"], await tess.QueryAsync("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"));
        using FlightClient without = Connect(isEncrypted: true);
        Assert.Equal((GrpcStatusCode.Unauthenticated, "28000"),
            await FlightSqlClient.ErrorAsync(async () => await without.AuthenticateAsync("carl", "", CancellationToken.None)));
        string files = _certificates.Issue("client", "carl");
        using FlightClient carl = Connect(isEncrypted: true, files);
        await carl.AuthenticateAsync("carl", "", CancellationToken.None);
        Assert.Equal(["carl|CN=carl"], await carl.QueryAsync("SELECT current_user, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()"));
    }

    private FlightClient Connect(bool isEncrypted = false, string? certificateFiles = null)
    {
        SslClientAuthenticationOptions tls = new()
        {
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
        };
        tls.CertificateChainPolicy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(_certificates.AuthorityFile));
        if (certificateFiles is not null)
        {
            using X509Certificate2 own = X509Certificate2.CreateFromPemFile(certificateFiles + ".crt", certificateFiles + ".key");
            tls.ClientCertificates = [X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null)];
        }
        FlightClient client = new(new Uri($"{(isEncrypted ? "https" : "http")}://127.0.0.1:{Node.Port}"), new GrpcChannelOptions { Tls = isEncrypted ? tls : null });
        client.Headers.Add("database", "vecsql");
        return client;
    }
}
