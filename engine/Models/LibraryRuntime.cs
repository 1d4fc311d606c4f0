using System.Collections.Immutable;
using VecSQL.Ml.Embedders;
using VecSQL.Ml.Models;

namespace VecSQL.Engine.Models;

/// <summary>Models by ONNX Runtime.</summary>
internal sealed class LibraryRuntime(ModelLibrary library) : IModelRuntime
{
    public ImmutableArray<ModelState> Models => library.Models;

    public ModelCacheState Cache => library.Cache;

    public ModelFacts Inspect(ModelSpec spec, CancellationToken cancellation) => library.Inspect(spec, cancellation);

    public ITextEmbedder Get(ModelSpec spec, TextRole role) => library.Get(spec, role);

    public ModelFacts Warm(ModelSpec spec, CancellationToken cancellation) => library.Warm(spec, cancellation);

    public void Evict(string name, int version) => library.Evict(name, version);

    public void Dispose() => library.Dispose();
}
