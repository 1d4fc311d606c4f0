namespace VecSQL.Text.Search;

/// <summary>How scores answer to frequencies and lengths.</summary>
/// <param name="K1">How soon more of the same term adds no more: 0 at once.</param>
/// <param name="B">How much long documents are held back, 0 to 1.</param>
public sealed record Bm25Parameters(double K1 = 1.2, double B = 0.75)
{
    public static Bm25Parameters Default { get; } = new();
}
