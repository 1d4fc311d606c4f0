using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Shards;

/// <summary>Where values of a column of a shard key begin or end.</summary>
/// <param name="Value">Of one row; null for no limit.</param>
/// <param name="IsInclusive">Whether the value itself is among them.</param>
public readonly record struct KeyLimit(Column? Value, bool IsInclusive);
