using System.Text;
using VecSQL.Ml.Embedders;
using VecSQL.Ml.Tokenizers;

namespace VecSQL.Ml.Models;

/// <summary>A model as SQL sees it: texts in, vectors out.</summary>
internal sealed class ModelEmbedder(ModelEntry entry, TextRole role, VectorCache cache) : ITextEmbedder
{
    private readonly byte[] _prefix = Encoding.UTF8.GetBytes(role switch
    {
        TextRole.Query => entry.Spec.QueryPrefix,
        TextRole.Document => entry.Spec.DocumentPrefix,
        _ => "",
    });

    public string Name => entry.Spec.Name;

    public int Version => entry.Spec.Version;

    public int Dimensions => entry.Spec.Dimensions;

    public void Embed(
        ReadOnlySpan<byte> texts,
        ReadOnlySpan<int> starts,
        ReadOnlySpan<int> lengths,
        Span<float> vectors,
        CancellationToken cancellation = default)
    {
        int dimensions = Dimensions;
        if (starts.Length != lengths.Length || vectors.Length != starts.Length * dimensions)
            throw new ArgumentException($"{vectors.Length} floats for {starts.Length} texts", nameof(vectors));
        Dictionary<TextKey, int> missing = []; // each text once, with its place among those that are run
        var places = new int[starts.Length];
        var keys = new TextKey[starts.Length];
        for (int i = 0; i < starts.Length; i++)
        {
            keys[i] = KeyOf(texts.Slice(starts[i], lengths[i]));
            places[i] = -1;
            if (missing.TryGetValue(keys[i], out int place))
                places[i] = place;
            else if (!cache.TryGet(keys[i], vectors.Slice(i * dimensions, dimensions)))
                missing[keys[i]] = places[i] = missing.Count;
        }
        entry.Count(starts.Length, starts.Length - missing.Count);
        if (missing.Count == 0)
            return;
        float[] made = Run(texts, starts, lengths, places, missing.Count, cancellation);
        for (int i = 0; i < starts.Length; i++)
        {
            if (places[i] < 0)
                continue;
            ReadOnlySpan<float> vector = made.AsSpan(places[i] * dimensions, dimensions);
            vector.CopyTo(vectors.Slice(i * dimensions, dimensions));
        }
        foreach ((TextKey key, int place) in missing)
            cache.Add(key, made.AsSpan(place * dimensions, dimensions));
    }

    /// <summary>Embeds each text that has a place, once.</summary>
    private float[] Run(
        ReadOnlySpan<byte> texts, ReadOnlySpan<int> starts, ReadOnlySpan<int> lengths, ReadOnlySpan<int> places, int count,
        CancellationToken cancellation)
    {
        LoadedModel model = entry.Acquire(cancellation);
        try
        {
            var tokens = new ReadOnlyMemory<int>[count];
            TokenList list = new();
            int next = 0;
            for (int i = 0; i < starts.Length; i++)
            {
                if (places[i] != next)
                    continue; // cached, or the same as one before
                cancellation.ThrowIfCancellationRequested();
                list.Clear();
                model.Tokenizer.Encode(Prefixed(texts.Slice(starts[i], lengths[i])), model.Facts.TokensMax, list);
                if (list.Count == 0)
                    list.Add(model.Tokenizer.PaddingId); // a text without tokens, under a tokenizer without special ones
                tokens[next++] = list.Span.ToArray();
            }
            var vectors = new float[count * Dimensions];
            model.Queue.Embed(new EmbedRequest(tokens, vectors, Dimensions, cancellation));
            return vectors;
        }
        finally
        {
            entry.Release();
        }
    }

    private TextKey KeyOf(ReadOnlySpan<byte> text) => TextKey.Of(entry.Number, Prefixed(text));

    private ReadOnlySpan<byte> Prefixed(ReadOnlySpan<byte> text)
    {
        if (_prefix.Length == 0)
            return text;
        var prefixed = new byte[_prefix.Length + text.Length];
        _prefix.CopyTo(prefixed, 0);
        text.CopyTo(prefixed.AsSpan(_prefix.Length));
        return prefixed;
    }
}
