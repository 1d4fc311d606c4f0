using VecSQL.Catalog.Placement;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Shards;

/// <summary>Dividing rows among shards, and putting parts together again.</summary>
internal static class BatchParts
{
    /// <summary>The places of each shard's rows, in order; shards in their order.</summary>
    public static IEnumerable<(ShardId Shard, int[] Places)> ByShard(ShardId[] shards, IEnumerable<int>? places = null)
    {
        SortedDictionary<ShardId, List<int>> found = [];
        foreach (int place in places ?? Enumerable.Range(0, shards.Length))
        {
            if (!found.TryGetValue(shards[place], out List<int>? part))
                found.Add(shards[place], part = []);
            part.Add(place);
        }
        return found.Select(static part => (part.Key, part.Value.ToArray()));
    }

    /// <summary>The rows at the places; the batch itself where these are all.</summary>
    public static ColumnBatch Take(ColumnBatch rows, int[] places) => places.Length == rows.RowCount ? rows : rows.Take(places);

    public static T[] Take<T>(ReadOnlySpan<T> values, int[] places)
    {
        var taken = new T[places.Length];
        for (int i = 0; i < taken.Length; i++)
            taken[i] = values[places[i]];
        return taken;
    }

    /// <summary>Puts values at their places.</summary>
    public static void Put<T>(ReadOnlySpan<T> values, int[] places, T[] target)
    {
        for (int i = 0; i < places.Length; i++)
            target[places[i]] = values[i];
    }

    /// <summary>The rows of all batches, one after the other.</summary>
    public static ColumnBatch Together(IReadOnlyList<ColumnBatch> batches)
    {
        if (batches.Count == 1)
            return batches[0];
        var columns = new Column[batches[0].Columns.Length];
        int rowCount = 0;
        foreach (ColumnBatch batch in batches)
            rowCount += batch.RowCount;
        for (int i = 0; i < columns.Length; i++)
            columns[i] = Concatenation.Of(batches[0].Columns[i].Type, [.. batches.Select(batch => batch.Columns[i])]);
        return new ColumnBatch(columns, rowCount);
    }
}
