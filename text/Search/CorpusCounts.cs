namespace VecSQL.Text.Search;

/// <summary>What scores take from the whole corpus.</summary>
/// <param name="DocumentCount">Documents that have any term.</param>
/// <param name="TermTotal">Terms of all documents, counted as often as they stand in them.</param>
public readonly record struct CorpusCounts(long DocumentCount, long TermTotal);
