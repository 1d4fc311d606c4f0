namespace VecSQL.Storage.Segments;

/// <summary>Bounds of the values of one column in one record batch.</summary>
/// <remarks>
/// Bounds are keys of <see cref="ZoneKey"/>: order-preserving, though unequal values may share one. A batch may hold a
/// row with
/// <c>value = c</c> only if Min ≤ key(c) ≤ Max; <c>value &lt; c</c> or <c>&lt;= c</c> only if Min ≤ key(c); and so on.
/// </remarks>
/// <param name="NullCount">How many rows are null.</param>
/// <param name="HasBounds">False where the type has no key or all rows are null.</param>
public readonly record struct Zone(int NullCount, bool HasBounds, long Min, long Max);
