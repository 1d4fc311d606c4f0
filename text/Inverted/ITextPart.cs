namespace VecSQL.Text.Inverted;

/// <summary>Documents of a corpus whose terms are known: of a stored index, or of rows in memory.</summary>
/// <remarks>Threads: any.</remarks>
public interface ITextPart
{
    int DocumentCount { get; }

    /// <summary>How many terms each document has; one without any has no text.</summary>
    ReadOnlyMemory<int> Lengths { get; }

    /// <summary>How many documents have a term, be they deleted or not.</summary>
    int CountOf(string term);

    /// <summary>Begins to read the documents that have a term; null where there are none.</summary>
    PostingCursor? Open(string term, TermScore score);
}
