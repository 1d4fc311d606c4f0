using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Shards.Methods;

/// <summary>What a method of dividing tables makes of keys: places among the shards of a group.</summary>
/// <remarks>Threads: any.</remarks>
internal interface IKeyPlaces
{
    /// <summary>The place of each key's shard.</summary>
    /// <param name="keys">The columns of the key, integers as int8, none of them a constant.</param>
    void Find(ReadOnlySpan<Column> keys, Span<int> places);

    /// <summary>The places that keys can be of which begin with some values, and whose next value is within limits; null for all places.</summary>
    /// <param name="prefix">Values of the first columns of the key, of one row.</param>
    Range? Within(ReadOnlySpan<Column> prefix, KeyLimit low, KeyLimit high);
}
