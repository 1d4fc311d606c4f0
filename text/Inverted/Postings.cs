namespace VecSQL.Text.Inverted;

/// <summary>The documents that have a term, ascending, and how often each has it.</summary>
public sealed class Postings(int[] documents, int[] frequencies, int count)
{
    public int Count => count;

    public ReadOnlySpan<int> Documents => documents.AsSpan(0, count);

    public ReadOnlySpan<int> Frequencies => frequencies.AsSpan(0, count);
}
