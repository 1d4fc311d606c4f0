using System.Net;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;
using VecSQL.Core.Memory;
using VecSQL.Engine;
using VecSQL.Engine.Sessions;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;
using VecSQL.Flight.Sql;
using VecSQL.Flight.Transport;
using VecSQL.Storage;

namespace VecSQL.Flight.Tests.Sql;

/// <summary>A database in a directory of its own with the Flight door open, which go with it.</summary>
internal sealed class FlightNode : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vecsql-flight-").FullName;

    private FlightNode(FlightOptions options)
    {
        Options = options;
        Database = Database.Open(new DatabaseOptions { Storage = new StorageOptions { Directory = _directory } });
        Listener = FlightListener.Start(new IPEndPoint(IPAddress.Loopback, 0), Database, options, NullLogger.Instance);
    }

    public FlightOptions Options { get; }

    public Database Database { get; }

    public FlightListener Listener { get; }

    public int Port => Listener.Address.Port;

    public static FlightNode Start(FlightOptions? options = null) => new(options ?? new FlightOptions { StopTimeout = TimeSpan.FromSeconds(1) });

    public FlightClient Connect() => new(new Uri($"http://127.0.0.1:{Port}"), new GrpcChannelOptions());

    /// <summary>A session of the door's, beside its calls.</summary>
    public FlightSession Session(
        FlightOptions? options = null, MemoryBudget? memory = null, Func<SessionOptions, ISqlSession>? open = null) => new(
        open ?? Database.OpenSession, memory ?? Database.ClientMemory, new FlightLogin("vecsql", "vecsql", null, null, false, false), options ?? Options);

    /// <summary>Runs a script in a session beside Flight.</summary>
    public async Task RunAsync(string sql)
    {
        await using ISqlSession session = Database.OpenSession(new SessionOptions("vecsql", "vecsql", []));
        foreach (ScriptStatement statement in session.ParseScript(sql))
        {
            await using IStatementResult result = await session.RunAsync(statement, CancellationToken.None);
            while (await result.NextAsync(0, CancellationToken.None) is not null)
            {
                // Nobody looks.
            }
        }
        await session.EndScriptAsync(failed: false, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Listener.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    public static FlightDescriptor Command(IMessage command) =>
        new() { Type = FlightDescriptor.Types.DescriptorType.Cmd, Cmd = Any.Pack(command).ToByteString() };
}
