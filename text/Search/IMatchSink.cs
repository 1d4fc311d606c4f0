namespace VecSQL.Text.Search;

/// <summary>Takes the documents that a search finds.</summary>
public interface IMatchSink
{
    /// <summary>Documents that score less are not wanted. Never falls.</summary>
    double Threshold { get; }

    void Add(int document, double score);
}
