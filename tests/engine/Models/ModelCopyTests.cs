using System.Security.Cryptography;
using System.Text;
using VecSQL.Engine.Models;
using VecSQL.Storage.Files;

namespace VecSQL.Engine.Tests.Models;

/// <summary>Copies of models' files that come from other nodes.</summary>
public sealed class ModelCopyTests : ModelTest
{
    private readonly Nodes _nodes = new();

    [Fact]
    public async Task Only_what_is_the_file_that_its_name_says_is_taken()
    {
        await using TestSession session = await OpenAsync();
        IModelCopies own = _nodes.Own ?? throw new InvalidOperationException("the database has not said what it has");
        byte[] file = Encoding.UTF8.GetBytes("a model");
        string name = NameOf(file);
        foreach (string wrong in new[] { "../a.onnx", "a.onnx", name.ToUpperInvariant(), name + ".part", new string('0', 32) + ".part" })
        {
            Assert.Null(own.Find(wrong));
            await Assert.ThrowsAsync<IOException>(async () => await own.TakeAsync(wrong, Pieces(file), default));
        }
        await Assert.ThrowsAsync<IOException>(async () => await own.TakeAsync(name, Pieces(file[1..]), default));
        await Assert.ThrowsAsync<IOException>(async () => await own.TakeAsync(name, Broken(file), default));
        Assert.Empty(KeptFiles);
        await own.TakeAsync(name, Pieces(file), default);
        await own.TakeAsync(name, Broken(file), default); // which is there
        using IFile copy = own.Find(name)!;
        Assert.Equal(file.Length, copy.Length);
        Assert.Equal([".onnx"], KeptFiles);
    }

    [Fact]
    public async Task A_file_that_is_missing_is_taken_from_the_first_node_that_has_it_whole()
    {
        await using TestSession session = await OpenAsync();
        _nodes.Refusal = "it has no room";
        await session.RunAsync("CREATE MODEL a FROM 'file:a.onnx'");
        Assert.Contains(session.Notices, static notice => notice.Severity == "WARNING" && notice.Detail == "it has no room");
        Assert.Equal(2, _nodes.Spread.Count);
        Dictionary<string, byte[]> files = Directory.GetFiles(ModelDirectory).ToDictionary(path => Path.GetFileName(path)!, File.ReadAllBytes);
        foreach (string name in files.Keys)
            File.Delete(Path.Combine(ModelDirectory, name));
        _nodes.Copies = name => [Broken(files[name]), Pieces(files[name][1..]), Pieces(files[name])];
        await session.RunAsync("SELECT embed('a', 'text')");
        Assert.Equal([".json", ".onnx"], KeptFiles);
    }

    private async Task<TestSession> OpenAsync()
    {
        await Session.DisposeAsync();
        Database.Peers = _nodes;
        await Database.ReopenAsync();
        return Database.Session();
    }

    private static string NameOf(byte[] file) => Convert.ToHexStringLower(SHA256.HashData(file)) + ".onnx";

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Pieces(byte[] file)
    {
        await Task.CompletedTask;
        yield return file.AsMemory(0, file.Length / 2);
        yield return file.AsMemory(file.Length / 2);
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Broken(byte[] file)
    {
        await Task.CompletedTask;
        yield return file.AsMemory(0, file.Length / 2);
        throw new IOException("the node has gone");
    }

    private sealed class Nodes : IModelPeers
    {
        public IModelCopies? Own { get; set; }

        public Func<string, IEnumerable<IAsyncEnumerable<ReadOnlyMemory<byte>>>> Copies { get; set; } = static _ => [];

        public string? Refusal { get; set; }

        public List<string> Spread { get; } = [];

        public IEnumerable<IAsyncEnumerable<ReadOnlyMemory<byte>>> CopiesOf(string name) => Copies(name);

        public ValueTask<IReadOnlyList<(int Node, string Error)>> SpreadAsync(IReadOnlyList<string> names, CancellationToken cancellation)
        {
            Spread.AddRange(names);
            return new ValueTask<IReadOnlyList<(int Node, string Error)>>(Refusal is null ? [] : [(2, Refusal)]);
        }
    }
}
