using VecSQL.Catalog.Objects;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Compaction;

/// <summary>Merges segments, so that a table has few of them and none that is mostly deleted rows.</summary>
/// <remarks>
/// Segments of similar size are merged four at a time, so that a row is rewritten about log4(size) times in its life; a
/// segment
/// of which a fifth is deleted for all readers is rewritten alone. Readers and writers go on meanwhile.
/// </remarks>
internal sealed class Compactor(StorageState state)
{
    /// <summary>Segments of one size class that are merged together.</summary>
    private const int MergeWidth = 4;

    /// <summary>Larger segments are merged no further: merging them gains little and costs their size.</summary>
    private const long MergedBytesMax = 256L << 20;

    /// <summary>The size class of the smallest segments; all below it are alike.</summary>
    private const long SmallestClassBytes = 1L << 20;

    private const double DeletedShareMax = 0.2;

    /// <summary>Merges what is worth it, until nothing is. Returns how many merges were made.</summary>
    public async ValueTask<int> CompactAllAsync(CancellationToken cancellation)
    {
        int count = 0;
        foreach (TableStore store in state.Stores)
        {
            while (await CompactAsync(store, Choose, cancellation).ConfigureAwait(false))
                count++;
        }
        return count;
    }

    /// <summary>Merges all segments of a table.</summary>
    public async ValueTask CompactWholeAsync(TableId table, CancellationToken cancellation)
    {
        if (state.TryFindStore(table, out TableStore? store))
            await CompactAsync(store, ChooseAll, cancellation).ConfigureAwait(false);
    }

    /// <summary>Merges a table's segments into as few as may be, for searches that cost as much in a small one as in a large
    /// one.</summary>
    public async ValueTask CompactForSearchAsync(TableStore store, CancellationToken cancellation)
    {
        while (await CompactAsync(store, ChooseForSearch, cancellation).ConfigureAwait(false))
        {
            // until no two fit into one
        }
    }

    private async ValueTask<bool> CompactAsync(
        TableStore store, Func<TableStore, long, List<SegmentSlot>> choose, CancellationToken cancellation)
    {
        using IDisposable turn = await state.Checkpoints.EnterAsync(cancellation).ConfigureAwait(false);
        if (!state.Catalog.TryFindTable(store.Id, out TableEntry? table) || table.IsTemporary)
            return false;
        long oldest = state.Snapshots.Oldest();
        List<SegmentSlot> chosen = choose(store, oldest);
        if (chosen.Count == 0)
            return false;
        SegmentBuilder builder = new(state.Segments, table, oldest);
        bool isBuilt = false;
        try
        {
            builder.Build([], chosen, cancellation);
            // With its indexes, for searches should not become slow when it takes its sources' place.
            foreach (SegmentSlot segment in builder.Segments)
                await state.Indexer.BuildAsync(table, segment, cancellation).ConfigureAwait(false);
            isBuilt = true;
        }
        finally
        {
            if (!isBuilt)
                builder.Discard();
        }
        await state.Checkpoints.ReplaceAsync(store, chosen, builder).ConfigureAwait(false);
        state.Indexer.DropIfGone(store, table);
        return true;
    }

    private static List<SegmentSlot> ChooseAll(TableStore store, long oldest)
    {
        List<SegmentSlot> chosen = [.. store.Parts.Segments.Where(segment => segment.IsCheckpointed)];
        bool isWhole = chosen.Count == 1 && CountDead(chosen[0], oldest) == 0;
        return isWhole ? [] : chosen;
    }

    private static List<SegmentSlot> ChooseForSearch(TableStore store, long oldest)
    {
        List<SegmentSlot> chosen = [];
        long bytes = 0;
        foreach (SegmentSlot segment in store.Parts.Segments)
        {
            if (!segment.IsCheckpointed || bytes + segment.Info.SizeBytes > SegmentBuilder.SegmentBytesMax)
                continue;
            chosen.Add(segment);
            bytes += segment.Info.SizeBytes;
        }
        return chosen.Count > 1 ? chosen : [];
    }

    private static List<SegmentSlot> Choose(TableStore store, long oldest)
    {
        Dictionary<int, List<SegmentSlot>> classes = [];
        foreach (SegmentSlot segment in store.Parts.Segments)
        {
            if (!segment.IsCheckpointed)
                continue;
            if (CountDead(segment, oldest) > segment.Info.RowCount * DeletedShareMax)
                return [segment];
            if (segment.Info.SizeBytes > MergedBytesMax)
                continue;
            int sizeClass = SizeClass(segment.Info.SizeBytes);
            if (!classes.TryGetValue(sizeClass, out List<SegmentSlot>? alike))
                classes.Add(sizeClass, alike = []);
            alike.Add(segment);
            if (alike.Count == MergeWidth)
                return alike;
        }
        return [];
    }

    private static int SizeClass(long bytes)
    {
        int sizeClass = 0;
        for (long limit = SmallestClassBytes; bytes > limit; limit *= MergeWidth)
            sizeClass++;
        return sizeClass;
    }

    /// <summary>Rows that no snapshot sees.</summary>
    private static int CountDead(SegmentSlot segment, long oldest)
    {
        if (segment.Deletes.Count == 0)
            return 0;
        int dead = 0;
        foreach ((_, long timestamp) in segment.Deletes.Marks())
            dead += timestamp <= oldest ? 1 : 0;
        return dead;
    }
}
