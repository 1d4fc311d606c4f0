using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using VecSQL.Engine;
using VecSQL.Server.Configuration;
using VecSQL.Storage;
using VecSQL.Wire;

namespace VecSQL.Server.Hosting;

/// <summary>A running node: a database and the doors to it.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly WebApplication _host;
    private readonly PgListener _clients;
    private readonly IdleMemory _memory = IdleMemory.Watch();

    private Node(Database database, WebApplication host, PgListener clients)
    {
        Database = database;
        _host = host;
        _clients = clients;
    }

    public Database Database { get; }

    /// <summary>Opens the data and starts to listen.</summary>
    /// <exception cref="StorageException">The data directory cannot be used.</exception>
    /// <exception cref="IOException">An address is taken.</exception>
    public static async Task<Node> StartAsync(NodeSettings settings, CancellationToken cancellation)
    {
        Database database = Database.Open(new DatabaseOptions
        {
            Storage = new StorageOptions
            {
                Directory = settings.DataDirectory,
                DeltaBytesMax = settings.DeltaMemoryBytes,
            },
            QueryMemoryBytes = settings.QueryMemoryBytes,
            ConnectionsMax = settings.ConnectionsMax,
            NodeSettings =
            [
                KeyValuePair.Create("listen_addresses", settings.PgListen.Address.ToString()),
                KeyValuePair.Create("port", settings.PgListen.Port.ToString(CultureInfo.InvariantCulture)),
            ],
        });
        try
        {
            WebApplication host = BuildHost(settings);
            await host.StartAsync(cancellation);
            return new Node(database, host, await ListenAsync(settings, database, host));
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Completes when the node is told to stop: SIGINT, SIGTERM.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellation) => _host.WaitForShutdownAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await _clients.DisposeAsync();
        _memory.Dispose();
        await _host.StopAsync();
        await _host.DisposeAsync();
        await Database.DisposeAsync();
    }

    private static async Task<PgListener> ListenAsync(NodeSettings settings, Database database, WebApplication host)
    {
        try
        {
            return PgListener.Start(
                settings.PgListen, database, new WireOptions(), host.Services.GetRequiredService<ILogger<PgListener>>());
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    private static WebApplication BuildHost(NodeSettings settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd HH:mm:ss ";
            console.UseUtcTimestamp = true;
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // a failed start is told in our words
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(settings.HttpListen, listen => listen.Protocols = HttpProtocols.Http1);
        });
        WebApplication host = builder.Build();
        host.MapGet("/healthz", () => Results.Text("ok\n"));
        host.MapGet("/readyz", () => Results.Text("ready\n")); // listening begins after recovery
        return host;
    }
}
