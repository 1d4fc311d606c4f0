using VecSQL.Kit;

namespace VecSQL.Server.Tests;

/// <summary>A directory for a node's data, which goes at the end.</summary>
internal sealed class NodeDirectory : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("vecsql-node-").FullName;

    private string Manifest => System.IO.Path.Combine(Path, "MANIFEST");

    internal static NodeDirectory Empty() => new();

    /// <summary>A directory that a node has used and let go.</summary>
    internal static async Task<NodeDirectory> MakeAsync()
    {
        NodeDirectory made = new();
        await using ServerProcess server = await ServerProcess.StartAsync(made.Path);
        await Sql.RunAsync(server.Port, "CREATE TABLE t (a int)");
        await server.StopAsync();
        return made;
    }

    internal void ChangeManifest(Action<byte[]> change)
    {
        byte[] bytes = File.ReadAllBytes(Manifest);
        change(bytes);
        File.WriteAllBytes(Manifest, bytes);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
