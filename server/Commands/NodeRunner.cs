using Microsoft.AspNetCore.Connections;
using VecSQL.Cluster.Nodes;
using VecSQL.Server.Configuration;
using VecSQL.Server.Hosting;
using VecSQL.Storage;
using VecSQL.Storage.Files;

namespace VecSQL.Server.Commands;

/// <summary>Starts a node for a verb, and turns what can go wrong into a message and an exit code.</summary>
internal static class NodeRunner
{
    /// <summary>Runs <paramref name="work"/> with a started node.</summary>
    /// <returns>The work's exit code; 1 where the node could not start.</returns>
    public static async Task<int> RunAsync(
        Func<NodeSettings> load, Func<NodeSettings, Node, CancellationToken, Task<int>> work, CancellationToken cancellation)
    {
        try
        {
            NodeSettings settings = load();
            await using Node node = await Node.StartAsync(settings, cancellation);
            return await work(settings, node, cancellation);
        }
        catch (SettingException invalid)
        {
            return Refuse(invalid.Message);
        }
        catch (Exception unusable) when (unusable is StorageException or FileFaultException or CorruptFileException or JoinRefusedException)
        {
            return Refuse(unusable.Message);
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            return Refuse($"{taken.Message.Replace("http://", "", StringComparison.Ordinal)} Another server is using it: " +
                "stop that one, or choose another address with --pg-listen, --flight-listen and --http-listen.");
        }
        catch (IOException failed) // a file or directory that cannot be used
        {
            return Refuse(failed.Message);
        }
        catch (UnauthorizedAccessException denied)
        {
            return Refuse(denied.Message);
        }
    }

    private static int Refuse(string message)
    {
        Console.Error.WriteLine($"vecsql: {message}");
        return 1;
    }
}
