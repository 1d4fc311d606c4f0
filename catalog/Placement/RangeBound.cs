namespace VecSQL.Catalog.Placement;

/// <summary>Where a shard of a range group begins: the values of its first key, or of the first columns of that.</summary>
/// <param name="Key">The values in the form whose bytes are in the order of keys.</param>
/// <param name="Text">The values as SQL, in parentheses.</param>
public sealed record RangeBound(byte[] Key, string Text);
