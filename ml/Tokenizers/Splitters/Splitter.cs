namespace VecSQL.Ml.Tokenizers.Splitters;

/// <summary>Cuts a piece of text into smaller ones (a "pre-tokenizer"). Threads: any.</summary>
internal abstract class Splitter
{
    /// <summary>How often a text is gone through.</summary>
    internal virtual int PassCount => 1;

    /// <param name="isFirst">Whether the piece begins where the text does.</param>
    internal abstract void Split(ReadOnlySpan<char> piece, bool isFirst, PieceList target);
}
