namespace VecSQL.Text.Search;

/// <summary>Gives the texts of documents, in which phrases are looked for.</summary>
public interface ITextReader
{
    /// <summary>The document's text, which has all terms of a phrase. Valid until the next call.</summary>
    ReadOnlySpan<byte> Read(int document);
}
