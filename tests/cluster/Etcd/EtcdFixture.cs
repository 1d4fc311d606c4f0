using System.Net.Http.Json;
using Microsoft.Extensions.Logging.Abstractions;
using VecSQL.Cluster.Etcd;
using VecSQL.Kit;

namespace VecSQL.Cluster.Tests.Etcd;

/// <summary>One etcd of one member for the tests of a class; none where etcd is not on the machine.</summary>
public sealed class EtcdFixture : IAsyncLifetime
{
    private EtcdServer? _server;

    public EtcdMetadataStore? Store { get; private set; }

    public EtcdServer Server => _server ?? throw new InvalidOperationException("no etcd");

    public async Task InitializeAsync()
    {
        if (EtcdServer.WhyMissing is not null)
            return;
        _server = await EtcdServer.StartAsync("--heartbeat-interval", "50", "--election-timeout", "500");
        Store = new EtcdMetadataStore(Options(_server), TimeProvider.System, NullLogger.Instance);
    }

    public static EtcdOptions Options(params EtcdServer[] servers) => new()
    {
        Endpoints = [.. servers.Select(server => server.Address)],
        Seed = 1,
        // A machine that builds and tests at once is slow at times.
        RequestTimeout = TimeSpan.FromSeconds(10),
        LeaseTimeout = TimeSpan.FromSeconds(10),
    };

    public Task CompactAsync(long revision) => PostAsync(Server.Address, "/v3/kv/compaction", new { revision = revision.ToString() });

    /// <summary>What the store has no need of: administration.</summary>
    public static async Task PostAsync(Uri address, string path, object body)
    {
        using HttpClient http = new();
        using HttpResponseMessage response = await http.PostAsJsonAsync(new Uri(address, path), body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task DisposeAsync()
    {
        Store?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
