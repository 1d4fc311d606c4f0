using System.Collections.Immutable;
using VecSQL.Ml.Embedders;

namespace VecSQL.Ml.Models;

/// <summary>The models of a node: loaded when first used, once for all sessions.</summary>
/// <remarks>Threads: any.</remarks>
public sealed class ModelLibrary(IModelFiles files, ModelLibraryOptions options) : IDisposable
{
    public ModelCacheState Cache => new(0, 0, 0, 0);

    /// <summary>The models that are known: got or warmed, and not evicted.</summary>
    public ImmutableArray<ModelState> Models => [];

    /// <summary>Loads the model, tries it with a text, and says what it is; keeps nothing of it.</summary>
    /// <exception cref="ModelException">It cannot be loaded or run, or is not as the spec says.</exception>
    public ModelFacts Inspect(ModelSpec spec)
    {
        files.Read(spec.OnnxPath, long.MaxValue);
        throw new ModelException(ModelFault.RuntimeMissing, "ONNX Runtime is not to be found", options.RuntimePath);
    }

    /// <summary>The model's embedder. Nothing is loaded before it is first used.</summary>
    /// <remarks>It may be kept and used also after <see cref="Evict"/>; the model is then loaded for each use.</remarks>
    public ITextEmbedder Get(ModelSpec spec, TextRole role = TextRole.Plain) =>
        throw new ModelException(ModelFault.RuntimeMissing, "ONNX Runtime is not to be found", options.RuntimePath);

    /// <summary>Loads the model now, unless it is.</summary>
    /// <exception cref="ModelException">It cannot be loaded or run, or is not as the spec says.</exception>
    public ModelFacts Warm(ModelSpec spec) => Inspect(spec);

    /// <summary>Forgets a model; it is unloaded once nobody runs it any more.</summary>
    public void Evict(string name, int version)
    {
    }

    public void Dispose()
    {
    }
}
