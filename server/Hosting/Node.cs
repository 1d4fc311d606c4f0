using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using VecSQL.Core.Errors;
using VecSQL.Engine;
using VecSQL.Engine.Introspection;
using VecSQL.Flight;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Sql;
using VecSQL.Ml.Models;
using VecSQL.Server.Configuration;
using VecSQL.Storage;
using VecSQL.Wire;

namespace VecSQL.Server.Hosting;

/// <summary>A running node: a database and the doors to it.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly WebApplication _host;
    private readonly PgListener _clients;
    private readonly FlightListener? _flight;
    private readonly PosixSignalRegistration? _reload;
    private readonly IdleMemory _memory = IdleMemory.Watch();

    private readonly ClusterMember? _member;

    /// <summary>How long a node of a cluster that stops waits for its clients' commits to be settled; then their outcome stays unknown to them.</summary>
    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(5);

    private Node(
        Database database, WebApplication host, (PgListener Clients, FlightListener? Flight) doors, NodeSecurity security, ClusterMember? member)
    {
        _member = member;
        _reload = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true; // else the process would end
            security.Reload();
        });
        Database = database;
        _host = host;
        (_clients, _flight) = doors;
    }

    public Database Database { get; }

    /// <summary>Completes with the reason when a node of a cluster may not go on.</summary>
    public Task<string> Failed => _member?.Failed ?? Never;

    private static Task<string> Never { get; } = new TaskCompletionSource<string>().Task;

    /// <summary>Opens the data and starts to listen.</summary>
    /// <exception cref="StorageException">The data directory cannot be used.</exception>
    /// <exception cref="IOException">An address is taken.</exception>
    /// <exception cref="SettingException">The rules of who may connect, or the certificate, cannot be used.</exception>
    public static async Task<Node> StartAsync(NodeSettings settings, CancellationToken cancellation)
    {
        NodeSecurity security = NodeSecurity.Read(settings, TimeProvider.System);
        WebApplication host = BuildHost(settings);
        MachineWatch machine = new(settings.DataDirectory, TimeProvider.System);
        ClusterMember? member = settings.Cluster is { } cluster
            ? new ClusterMember(settings, cluster, machine, host.Services.GetRequiredService<ILogger<ClusterMember>>()) : null;
        Action<GrpcMethods>? methods = null;
        IStorage? tables = null;
        if (member is not null)
        {
            methods = await member.JoinAsync(cancellation);
            tables = await member.StartAsync(cancellation);
        }
        Database database = Database.Open(new DatabaseOptions
        {
            Rules = security,
            Cluster = member ?? (IClusterInfo)new NodeAlone(() => Describe(settings, machine)),
            Storage = settings.ToStorage(),
            Tables = tables,
            NodeNumber = member?.NodeNumber ?? 0,
            Notifications = member,
            ModelPeers = member?.Models,
            SessionPeers = member?.Sessions,
            QueryMemoryBytes = settings.QueryMemoryBytes,
            FileRoot = settings.FileRoot,
            ConnectionsMax = settings.ConnectionsMax,
            Models = new ModelLibraryOptions
            {
                RuntimePath = settings.ModelRuntimePath, Threads = settings.ModelThreads, CacheBytes = settings.ModelCacheBytes,
            },
            NodeSettings =
            [
                KeyValuePair.Create("listen_addresses", settings.PgListen.Address.ToString()),
                KeyValuePair.Create("hba_file", settings.HbaFile ?? ""),
                KeyValuePair.Create("ssl", settings.HasTls ? "on" : "off"),
                KeyValuePair.Create("ssl_cert_file", settings.TlsCertificateFile ?? "server.crt"),
                KeyValuePair.Create("ssl_key_file", settings.TlsKeyFile ?? "server.key"),
                KeyValuePair.Create("ssl_ca_file", settings.TlsAuthorityFile ?? ""),
                KeyValuePair.Create("ssl_min_protocol_version", settings.NeedsTls13 ? "TLSv1.3" : "TLSv1.2"),
                KeyValuePair.Create("port", settings.PgListen.Port.ToString(CultureInfo.InvariantCulture)),
            ],
        });
        try
        {
            await host.StartAsync(cancellation);
            (PgListener Clients, FlightListener? Flight) doors = await ListenAsync(settings, security, database, host, methods, cancellation);
            if (member is not null)
            {
                await member.WaitForTablesAsync(cancellation); // which other nodes may have to hear from this one for
                await DropLeftAsync(database, host.Services.GetRequiredService<ILogger<Database>>(), cancellation);
            }
            return new Node(database, host, doors, security, member);
        }
        catch
        {
            if (member is not null)
                await member.DisposeAsync();
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Completes when the node is told to stop: SIGINT, SIGTERM.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellation) => _host.WaitForShutdownAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        _reload?.Dispose();
        if (_member is not null)
            await _member.LeaveAsync(); // while clients are still served
        Task clients = _clients.DisposeAsync().AsTask();
        if (_member is not null)
        {
            await Task.WhenAny(clients, Task.Delay(SettlePatience)); // by other nodes' messages, which are taken until then
            await _member.EndAsync();
        }
        await Task.WhenAll(clients, _flight?.DisposeAsync().AsTask() ?? Task.CompletedTask);
        if (_member is not null)
            await _member.DisposeAsync();
        _memory.Dispose();
        await _host.StopAsync();
        await _host.DisposeAsync();
        await Database.DisposeAsync();
    }

    private static async Task<(PgListener Clients, FlightListener? Flight)> ListenAsync(
        NodeSettings settings, NodeSecurity security, Database database, WebApplication host, Action<GrpcMethods>? methods, CancellationToken cancellation)
    {
        FlightListener? flight = null;
        try
        {
            security.Logger = host.Services.GetRequiredService<ILogger<NodeSecurity>>();
            security.Warn();
            ILogger<Database> statements = host.Services.GetRequiredService<ILogger<Database>>();
            database.StatementLogged += line => Log.Statement(statements, line);
            if (settings.FlightListen is { } address)
            {
                flight = FlightListener.Start(address, database, new FlightOptions { Security = () => security.Current, MoreMethods = methods },
                    host.Services.GetRequiredService<ILogger<FlightListener>>());
            }
            PgListener clients = PgListener.Start(settings.PgListen, database, new WireOptions { Security = () => security.Current },
                host.Services.GetRequiredService<ILogger<PgListener>>());
            return (clients, flight);
        }
        catch
        {
            if (flight is not null)
                await flight.DisposeAsync();
            await host.DisposeAsync();
            throw;
        }
    }

    private static async Task DropLeftAsync(Database database, ILogger log, CancellationToken cancellation)
    {
        try
        {
            await database.DropLeftTemporariesAsync(cancellation);
        }
        catch (SqlException refused)
        {
            Log.TemporariesLeft(log, refused.Message);
        }
    }

    private static NodeDescription Describe(NodeSettings settings, MachineWatch machine)
    {
        (long free, long total) = machine.Disk;
        return new NodeDescription(1, Environment.MachineName, "", "healthy", null)
        {
            SqlAddress = settings.PgListen.ToString(),
            FlightAddress = settings.FlightListen?.ToString(),
            Version = typeof(Node).Assembly.GetName().Version?.ToString(3),
            Cpu = machine.Cpu,
            MemoryBytes = MachineWatch.MemoryBytes,
            MemoryBytesMax = MachineWatch.MemoryBytesMax,
            DiskFreeBytes = free,
            DiskBytes = total,
        };
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
        builder.Logging.SetMinimumLevel(settings.LogLevel);
        builder.Logging.AddFilter(typeof(Database).FullName, LogLevel.Information); // what log_min_duration_statement asks for
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
