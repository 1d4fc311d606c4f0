using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using VecSQL.Engine.Models;
using VecSQL.Ml.Embedders;
using VecSQL.Ml.Models;

namespace VecSQL.Engine.Tests.Models;

/// <summary>Stands for ONNX Runtime: a model's file is <c>model DIMENSIONS SEED</c>, a tokenizer's <c>tokenizer</c>.</summary>
/// <remarks>A vector depends on the seed and the text with its prefix, and on nothing else.</remarks>
internal sealed class FakeModels(IModelFiles files) : IModelRuntime
{
    private readonly ConcurrentDictionary<(string Name, int Version), ModelFacts> _loaded = new();

    /// <summary>How many texts each call had.</summary>
    public ConcurrentQueue<int> Batches { get; } = new();

    /// <summary>What a call of Embed waits for; null for nothing.</summary>
    public Func<CancellationToken, Task>? Gate { get; set; }

    /// <summary>A text that the model fails on; null for none.</summary>
    public string? Poison { get; set; }

    public ConcurrentQueue<string> Evicted { get; } = new();

    public ImmutableArray<ModelState> Models =>
        [.. _loaded.Select(pair => new ModelState(pair.Key.Name, pair.Key.Version, pair.Value, Batches.Sum(), Batches.Count))];

    public ModelCacheState Cache => new(0, 0, 0, 0);

    public ModelFacts Inspect(ModelSpec spec, CancellationToken cancellation) => FactsOf(spec);

    public ITextEmbedder Get(ModelSpec spec, TextRole role) => new Embedder(this, spec, role);

    public ModelFacts Warm(ModelSpec spec, CancellationToken cancellation) => _loaded[(spec.Name, spec.Version)] = FactsOf(spec);

    public void Evict(string name, int version)
    {
        Evicted.Enqueue($"{name}@{version}");
        _loaded.TryRemove((name, version), out _);
    }

    public void Dispose()
    {
    }

    private ModelFacts FactsOf(ModelSpec spec)
    {
        byte[] model = files.Read(spec.OnnxPath, 1000), tokenizer = files.Read(spec.TokenizerPath, 1000);
        string[] words = Encoding.UTF8.GetString(model).Split(' ');
        if (words is not ["model", var count, _])
            throw new ModelException(ModelFault.FileInvalid, $"file \"{spec.OnnxPath}\" is no ONNX model", spec.OnnxPath);
        if (Encoding.UTF8.GetString(tokenizer) != "tokenizer")
            throw new ModelException(ModelFault.FileInvalid, $"file \"{spec.TokenizerPath}\" is no tokenizer", spec.TokenizerPath);
        int dimensions = int.Parse(count, CultureInfo.InvariantCulture);
        if (spec.Dimensions > 0 && spec.Dimensions != dimensions)
            throw new ModelException(ModelFault.Mismatch, $"the model gives {dimensions} dimensions, not {spec.Dimensions}");
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(model)), tokens = Convert.ToHexStringLower(SHA256.HashData(tokenizer));
        if (spec.OnnxSha256 != sha256 || spec.TokenizerSha256 != tokens)
            throw new ModelException(ModelFault.FileChanged, $"file \"{spec.OnnxPath}\" has changed", spec.OnnxPath);
        return new ModelFacts(dimensions, spec.TokensMax > 0 ? spec.TokensMax : 128, ["input_ids"], "out", false, ModelDevice.Cpu, model.Length,
            sha256, tokens);
    }

    private sealed class Embedder(FakeModels models, ModelSpec spec, TextRole role) : ITextEmbedder
    {
        public string Name => spec.Name;

        public int Version => spec.Version;

        public int Dimensions => spec.Dimensions;

        public void Embed(
            ReadOnlySpan<byte> texts, ReadOnlySpan<int> starts, ReadOnlySpan<int> lengths, Span<float> vectors, CancellationToken cancellation)
        {
            models.Batches.Enqueue(starts.Length);
            models.Gate?.Invoke(cancellation).GetAwaiter().GetResult();
            models._loaded.GetOrAdd((spec.Name, spec.Version), _ => models.FactsOf(spec));
            string seed = Encoding.UTF8.GetString(models.Read(spec)).Split(' ')[2];
            string prefix = role == TextRole.Query ? spec.QueryPrefix : role == TextRole.Document ? spec.DocumentPrefix : "";
            for (int i = 0; i < starts.Length; i++)
            {
                if (Encoding.UTF8.GetString(texts.Slice(starts[i], lengths[i])) == models.Poison)
                    throw new ModelException(ModelFault.RunFailed, "the model failed");
                string text = seed + prefix + Encoding.UTF8.GetString(texts.Slice(starts[i], lengths[i]));
                byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
                for (int d = 0; d < Dimensions; d++)
                    vectors[(i * Dimensions) + d] = hash[d % hash.Length] / 256f;
            }
        }
    }

    private byte[] Read(ModelSpec spec) => files.Read(spec.OnnxPath, 1000);
}
