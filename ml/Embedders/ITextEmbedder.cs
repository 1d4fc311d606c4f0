namespace VecSQL.Ml.Embedders;

/// <summary>Turns texts into vectors of equal length whose nearness follows the texts' likeness.</summary>
/// <remarks>Threads: any. Deterministic: equal text gives equal floats, on every machine, for a given name and
/// version.</remarks>
public interface ITextEmbedder
{
    string Name { get; }

    /// <summary>Changes whenever any output changes.</summary>
    int Version { get; }

    int Dimensions { get; }

    /// <summary>Embeds a batch of UTF-8 texts.</summary>
    /// <param name="texts">All texts' bytes.</param>
    /// <param name="starts">Where each text begins.</param>
    /// <param name="lengths">How long each is.</param>
    /// <param name="vectors">texts × <see cref="Dimensions"/> floats, row by row.</param>
    /// <exception cref="OperationCanceledException">Asked for between two batches.</exception>
    void Embed(
        ReadOnlySpan<byte> texts,
        ReadOnlySpan<int> starts,
        ReadOnlySpan<int> lengths,
        Span<float> vectors,
        CancellationToken cancellation = default);
}
