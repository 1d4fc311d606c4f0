using System.Collections.Immutable;
using VecSQL.Ml.Embedders;
using VecSQL.Ml.Models;

namespace VecSQL.Engine.Models;

/// <summary>What runs models: <see cref="ModelLibrary"/>, or in tests what stands for it.</summary>
/// <remarks>Threads: any.</remarks>
public interface IModelRuntime : IDisposable
{
    ImmutableArray<ModelState> Models { get; }

    ModelCacheState Cache { get; }

    /// <summary>Loads the model, tries it with a text, and says what it is; keeps nothing of it.</summary>
    /// <exception cref="ModelException">It cannot be loaded or run, or is not as the spec says.</exception>
    ModelFacts Inspect(ModelSpec spec, CancellationToken cancellation);

    /// <summary>The model's embedder. Nothing is loaded before it is first used.</summary>
    ITextEmbedder Get(ModelSpec spec, TextRole role);

    /// <summary>Loads the model now, unless it is.</summary>
    /// <exception cref="ModelException">It cannot be loaded or run.</exception>
    ModelFacts Warm(ModelSpec spec, CancellationToken cancellation);

    /// <summary>Forgets a model; it is unloaded once nobody runs it any more.</summary>
    void Evict(string name, int version);
}
