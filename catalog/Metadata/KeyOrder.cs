namespace VecSQL.Catalog.Metadata;

/// <summary>Orders keys by their UTF-8 bytes, as etcd does.</summary>
/// <remarks>Differs from the ordinal order of strings only where surrogates meet U+E000 to U+FFFF, which are below them in UTF-8.</remarks>
public sealed class KeyOrder : IComparer<string>
{
    public static readonly KeyOrder Instance = new();

    private KeyOrder()
    {
    }

    public int Compare(string? x, string? y)
    {
        ReadOnlySpan<char> left = x, right = y;
        int same = left.CommonPrefixLength(right);
        if (same == left.Length || same == right.Length)
            return left.Length.CompareTo(right.Length);
        return Rank(left[same]).CompareTo(Rank(right[same]));
    }

    /// <summary>Surrogates stand for what is above all that takes one unit.</summary>
    private static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
}
