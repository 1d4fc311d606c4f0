namespace VecSQL.Ml.Embedders;

/// <summary>The built-in embedder: lexical, deterministic, without a download.</summary>
public sealed class HashingEmbedder : ITextEmbedder
{
    public static readonly HashingEmbedder Instance = new();

    public string Name => "hashing";

    public int Dimensions => 384;

    public int Version => 1;

    public void Embed(ReadOnlySpan<byte> texts, ReadOnlySpan<int> starts, ReadOnlySpan<int> lengths, Span<float> vectors) =>
        throw new NotImplementedException();
}
