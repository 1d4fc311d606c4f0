using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using VecSQL.Clients.Tests.Wire;
using VecSQL.Kit;

namespace VecSQL.Clients.Tests.Security;

/// <summary>Rules and certificates that change while the node runs.</summary>
public sealed class ReloadTests : IAsyncLifetime, IDisposable
{
    private readonly TestCertificates _certificates = new();
    private ServerProcess? _server;

    private ServerProcess Server => _server ?? throw new InvalidOperationException("the node has not been started");

    public async Task InitializeAsync()
    {
        string rules = _certificates.Write("hba.conf", "host all vecsql 127.0.0.1/32 trust");
        _server = await ServerProcess.StartAsync(environment: new Dictionary<string, string>
        {
            ["VECSQL_HBA_FILE"] = rules, ["VECSQL_SSL"] = "on",
            ["VECSQL_SSL_CERT_FILE"] = _certificates.ServerFile, ["VECSQL_SSL_KEY_FILE"] = _certificates.ServerKeyFile,
        });
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task New_rules_hold_for_new_connections_and_bad_ones_change_nothing()
    {
        await using RawClient client = await RawClient.ConnectAsync(Server.Port);
        _certificates.Write("hba.conf", "host all vecsql 127.0.0.1/32 nonsense");
        Assert.Equal("columns | row(f) | SELECT 1 | ready I", await client.AskAsync("SELECT pg_reload_conf()"));
        await using (await RawClient.ConnectAsync(Server.Port))
        {
        }
        _certificates.Write("hba.conf", "host all vecsql 127.0.0.1/32 reject");
        Assert.Equal("columns | row(t) | SELECT 1 | ready I", await client.AskAsync("SELECT pg_reload_conf()"));
        Assert.Equal("columns | row(reject) | SELECT 1 | ready I", await client.AskAsync("SELECT auth_method FROM pg_hba_file_rules"));
        await using RawClient late = await RawClient.OpenAsync(Server.Port);
        await late.SendStartupAsync("user", "vecsql");
        Assert.Equal("FATAL 28000", RawClient.Draw(await late.UntilReadyAsync()));
    }

    [Fact]
    public async Task A_new_certificate_is_shown_after_a_signal()
    {
        string before = await SerialAsync();
        _certificates.Issue("server", "localhost");
        using (Process kill = Process.Start("kill", ["-HUP", Server.ProcessId.ToString()]))
            await kill.WaitForExitAsync();
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while (await SerialAsync() == before)
            limit.Token.ThrowIfCancellationRequested(); // the signal is on its way
    }

    private async Task<string> SerialAsync()
    {
        using TcpClient socket = new();
        await socket.ConnectAsync("127.0.0.1", Server.Port);
        await using SslStream encrypted = new(socket.GetStream(), leaveInnerStreamOpen: false,
            static (_, certificate, _, _) => certificate?.Issuer == "CN=test authority");
        await encrypted.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost", ApplicationProtocols = [new SslApplicationProtocol("postgresql")],
        });
        return (encrypted.RemoteCertificate as X509Certificate2)?.SerialNumber ?? "";
    }
}
