using VecSQL.Cluster.Transport;
using VecSQL.Engine.Models;

namespace VecSQL.Server.Hosting;

/// <summary>Copies models' files between the nodes of a cluster.</summary>
internal sealed class ModelPeers(FileRelay files) : IModelPeers
{
    private IModelCopies? _own;

    public IModelCopies? Own
    {
        get => _own;
        set
        {
            _own = value;
            files.Find = value is null ? null : value.Find;
            files.Take = value is null ? null : value.TakeAsync;
        }
    }

    public IEnumerable<IAsyncEnumerable<ReadOnlyMemory<byte>>> CopiesOf(string name) => files.CopiesOf(name);

    public async ValueTask<IReadOnlyList<(int Node, string Error)>> SpreadAsync(IReadOnlyList<string> names, CancellationToken cancellation) =>
        [.. (await files.SpreadAsync(names, cancellation)).Select(static failed => (failed.Node.Value, failed.Error))];
}
