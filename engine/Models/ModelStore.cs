using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Ml.Embedders;
using VecSQL.Ml.Models;
using VecSQL.Storage.Files;

namespace VecSQL.Engine.Models;

/// <summary>The models of a node: their files, and what runs them.</summary>
/// <remarks>Threads: any. A statement that has got an embedder may use it to its end, whatever becomes of the model.</remarks>
internal sealed class ModelStore : IDisposable
{
    private readonly Func<CatalogSnapshot> _catalog;

    /// <param name="catalog">The catalog of all databases, as it is committed.</param>
    internal ModelStore(IFileSystem files, string dataDirectory, Func<CatalogSnapshot> catalog, Func<IModelFiles, IModelRuntime> run, IModelPeers? peers)
    {
        _catalog = catalog;
        Files = new ModelFiles(files, Path.Combine(dataDirectory, "models"), catalog, peers);
        Peers = peers;
        peers?.Own = Files;
        Runtime = run(Files);
    }

    internal ModelFiles Files { get; }

    /// <summary>Null where the node is alone.</summary>
    internal IModelPeers? Peers { get; }

    internal IModelRuntime Runtime { get; }

    internal ITextEmbedder Embedder(ModelEntry model, ModelVersion version, TextRole role) =>
        model.IsBuiltIn ? WordsEmbedder.Instance : Runtime.Get(SpecOf(model, version), role);

    /// <summary>What the node runs now of a version; null where it has not been asked for.</summary>
    internal ModelState? StateOf(ModelEntry model, ModelVersion version) =>
        Runtime.Models.FirstOrDefault(state => state.Name == NameOf(model) && state.Version == version.Number);

    internal static ModelSpec SpecOf(ModelEntry model, ModelVersion version) => new(
        NameOf(model), version.Number, ModelFiles.OnnxName(version.OnnxSha256), ModelFiles.TokenizerName(version.TokenizerSha256))
    {
        Dimensions = version.Dimensions,
        TokensMax = version.TokensMax,
        Pooling = version.Pooling switch
        {
            "cls" => ModelPooling.Cls,
            "last" => ModelPooling.Last,
            _ => ModelPooling.Mean,
        },
        IsNormalized = version.IsNormalized,
        QueryPrefix = version.QueryPrefix,
        DocumentPrefix = version.DocumentPrefix,
        OutputName = version.OutputName,
        Device = version.Device switch
        {
            "cpu" => ModelDevice.Cpu,
            "cuda" => ModelDevice.Cuda,
            _ => ModelDevice.Auto,
        },
        Threads = version.Threads,
        OnnxSha256 = version.OnnxSha256,
        TokenizerSha256 = version.TokenizerSha256,
    };

    /// <summary>Lets go of what no catalog has any more: files and loaded models.</summary>
    internal void Sweep()
    {
        Files.Sweep();
        ModelEntry[] models = [.. _catalog().Objects.OfType<ModelEntry>()];
        HashSet<(string, int)> known = [.. models.SelectMany(static model => model.Versions.Select(version => (NameOf(model), version.Number)))];
        foreach (ModelState state in Runtime.Models.Where(state => !known.Contains((state.Name, state.Version))))
            Runtime.Evict(state.Name, state.Version);
    }

    public void Dispose() => Runtime.Dispose();

    /// <summary>What the runtime calls the model, as nothing else: databases may have models of one name, and names what looks like a database.</summary>
    private static string NameOf(ModelEntry model) => model.DatabaseOid == DatabaseEntry.FirstOid && !model.Name.Contains('/', StringComparison.Ordinal)
        ? model.Name
        : $"{model.DatabaseOid}/{model.Name}";
}
