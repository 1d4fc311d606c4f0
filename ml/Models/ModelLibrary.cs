using System.Collections.Immutable;
using VecSQL.Ml.Embedders;

namespace VecSQL.Ml.Models;

/// <summary>The models of a node: loaded when first used, once for all sessions.</summary>
/// <remarks>
/// What models it takes is in <see cref="Onnx.OnnxTextModel"/>, what tokenizers in
/// <see cref="Tokenizers.Files.TokenizerFile"/>. Loading tries the model with a text, with the tokenizer's last token and
/// with a long text, so that files that do not belong together are found then.
/// Deterministic: a text gives the same vector alone and beside others up to rounding, see ml/Models/README.md.
/// Threads: any.
/// </remarks>
public sealed class ModelLibrary(IModelFiles files, ModelLibraryOptions options) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ModelSpec, ModelEntry> _entries = [];
    private readonly VectorCache _cache = new(options.CacheBytes);
    private long _lastNumber;

    public ModelCacheState Cache => _cache.State;

    /// <summary>The models that are known: got or warmed, and not evicted.</summary>
    public ImmutableArray<ModelState> Models
    {
        get
        {
            ModelEntry[] entries;
            lock (_gate)
                entries = [.. _entries.Values];
            return [.. entries.Select(entry => entry.State)];
        }
    }

    /// <summary>Loads the model, tries it with texts, and says what it is; keeps nothing of it.</summary>
    /// <exception cref="ModelException">It cannot be loaded or run, or is not as the spec says.</exception>
    /// <exception cref="OperationCanceledException">Asked for before it had been tried.</exception>
    public ModelFacts Inspect(ModelSpec spec, CancellationToken cancellation = default)
    {
        using LoadedModel loaded = LoadedModel.Load(spec, files, options, cancellation);
        return loaded.Facts;
    }

    /// <summary>The model's embedder. Nothing is loaded before it is first used.</summary>
    /// <remarks>It may be kept and used also after <see cref="Evict(string, int)"/>; the model is then loaded for each use.</remarks>
    /// <param name="spec">With its dimensions.</param>
    public ITextEmbedder Get(ModelSpec spec, TextRole role = TextRole.Plain)
    {
        if (spec.Dimensions <= 0)
            throw new ArgumentException("a model to be run has dimensions", nameof(spec));
        return new ModelEmbedder(EntryOf(spec), role, _cache);
    }

    /// <summary>Loads the model now, unless it is.</summary>
    /// <exception cref="ModelException">It cannot be loaded or run, or is not as the spec says.</exception>
    /// <exception cref="OperationCanceledException">Asked for before it had been tried.</exception>
    public ModelFacts Warm(ModelSpec spec, CancellationToken cancellation = default)
    {
        ModelEntry entry = EntryOf(spec);
        ModelFacts facts = entry.Acquire(cancellation).Facts;
        entry.Release();
        return facts;
    }

    /// <summary>Forgets a model and its texts; it is unloaded once nobody runs it any more.</summary>
    public void Evict(string name, int version) =>
        Evict(spec => spec.Name == name && spec.Version == version);

    public void Dispose() => Evict(_ => true);

    private void Evict(Predicate<ModelSpec> isMeant)
    {
        List<ModelEntry> evicted = [];
        lock (_gate)
        {
            foreach (ModelEntry entry in _entries.Values.Where(entry => isMeant(entry.Spec)).ToArray())
            {
                _entries.Remove(entry.Spec);
                evicted.Add(entry);
            }
        }
        foreach (ModelEntry entry in evicted)
        {
            entry.Evict();
            _cache.Remove(entry.Number);
        }
    }

    private ModelEntry EntryOf(ModelSpec spec)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(spec, out ModelEntry? entry))
                _entries[spec] = entry = new ModelEntry(++_lastNumber, spec, files, options);
            return entry;
        }
    }
}
