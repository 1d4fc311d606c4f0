using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Indexes;

/// <summary>
/// Finds rows of a segment by unique key: by its sidecar, or by a map in memory where the index is newer than the
/// segment.
/// </summary>
/// <remarks>Threads: any.</remarks>
internal static class SegmentKeys
{
    private const int FewPositions = 16;

    /// <summary>Positions of rows that have the key, deleted or not, in no order.</summary>
    public static int[] Find(SegmentSlot segment, UniqueIndex index, KeyBatch keys, int row)
    {
        SegmentReader reader = segment.Reader;
        if (!reader.HasKey(index.Oid))
            return FindLate(segment, index, keys, row);
        Span<int> few = stackalloc int[FewPositions];
        int count = reader.FindKey(index.Oid, keys.Hashes[row], few);
        if (count == 0)
            return [];
        if (count > few.Length)
        {
            int[] many = new int[count];
            count = reader.FindKey(index.Oid, keys.Hashes[row], many);
            return Verified(segment, index, keys, row, many.AsSpan(0, count));
        }
        return Verified(segment, index, keys, row, few[..count]);
    }

    public static long RowIdAt(SegmentSlot segment, int position)
    {
        ReadOnlySpan<int> positions = [position];
        return ((FixedColumn<long>)segment.Reader.Gather(positions, SegmentReader.RowIdColumn))[0];
    }

    private static int[] Verified(SegmentSlot segment, UniqueIndex index, KeyBatch keys, int row,
        ReadOnlySpan<int> positions)
    {
        int[] found = new int[positions.Length];
        int count = 0;
        foreach (int position in positions)
        {
            if (index.Matches(new RowPlace(segment, position), keys, row))
                found[count++] = position;
        }
        return count == found.Length ? found : found[..count];
    }

    private static int[] FindLate(SegmentSlot segment, UniqueIndex index, KeyBatch keys, int row)
    {
        KeyMap map = LateMap(segment, index);
        List<int> found = [];
        for (int entry = map.First(keys.Hashes[row]); entry >= 0; entry = map.Next(entry))
        {
            int position = (int)map.RowIdAt(entry);
            if (index.Matches(new RowPlace(segment, position), keys, row))
                found.Add(position);
        }
        return [.. found];
    }

    /// <summary>
    /// The segment's keys of an index that it was written without; made once. Its entries name positions.
    /// </summary>
    private static KeyMap LateMap(SegmentSlot segment, UniqueIndex index)
    {
        lock (segment)
        {
            segment.LateKeys ??= [];
            if (segment.LateKeys.TryGetValue(index.Oid, out KeyMap? known))
                return known;
            KeyMap map = new();
            SegmentReader reader = segment.Reader;
            for (int batch = 0; batch < reader.BatchCount; batch++)
            {
                ColumnBatch rows = reader.ReadBatch(batch, index.Columns);
                KeyBatch keys = index.KeysOf(rows.Columns, rows.RowCount);
                for (int i = 0; i < rows.RowCount; i++)
                {
                    if (!keys.IsSkipped(i))
                        map.Add(keys.Hashes[i], reader.BatchStart(batch) + i, null);
                }
            }
            segment.LateKeys.Add(index.Oid, map);
            return map;
        }
    }
}
