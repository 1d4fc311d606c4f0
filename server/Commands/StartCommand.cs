using System.CommandLine;

namespace VecSQL.Server.Commands;

/// <summary><c>vecsql start</c>: runs a node in the foreground until SIGINT or SIGTERM.</summary>
internal static class StartCommand
{
    public static Command Build()
    {
        Command command = new("start", "Runs a node in the foreground.");
        NodeOptions options = new();
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => NodeRunner.RunAsync(() => options.Read(parsed), async (settings, node, stop) =>
        {
            string flight = settings.FlightListen is { } address ? $"Flight SQL clients on {address}, " : "";
            Console.WriteLine($"vecsql: ready for PostgreSQL clients on {settings.PgListen}, {flight}HTTP on {settings.HttpListen}, " +
                $"data in {settings.DataDirectory}");
            Task stopped = node.WaitForShutdownAsync(stop);
            if (await Task.WhenAny(stopped, node.Failed) == stopped)
                return 0;
            Console.Error.WriteLine($"vecsql: {await node.Failed}");
            return 1;
        }, cancellation));
        return command;
    }
}
