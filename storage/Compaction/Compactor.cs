using VecSQL.Catalog.Objects;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Compaction;

/// <summary>Merges segments, so that a table has few of them and none that is mostly deleted rows.</summary>
/// <remarks>
/// Which, says <see cref="MergePolicy"/>. Readers, writers and checkpoints go on meanwhile; only putting the merged segment in the
/// place of the others is done alone.
/// Threads: one merge at a time.
/// </remarks>
internal sealed class Compactor(StorageState state) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);

    public void Dispose() => _gate.Dispose();

    /// <summary>Merges what is worth it, until nothing is. Returns how many merges were made.</summary>
    public async ValueTask<int> CompactAllAsync(CancellationToken cancellation)
    {
        int count = 0;
        foreach (TableStore store in state.Stores)
        {
            while (await CompactAsync(store, Choose, state.Background, cancellation).ConfigureAwait(false))
                count++;
        }
        return count;
    }

    /// <summary>Merges all segments of a table.</summary>
    public async ValueTask CompactWholeAsync(TableId table, CancellationToken cancellation)
    {
        if (state.TryFindStore(table, out TableStore? store))
            await CompactAsync(store, ChooseAll, TaskScheduler.Default, cancellation).ConfigureAwait(false);
    }

    /// <summary>Merges a table's segments into as few as may be, for searches that cost as much in a small one as in a large
    /// one.</summary>
    public async ValueTask CompactForSearchAsync(TableStore store, CancellationToken cancellation)
    {
        while (await CompactAsync(store, ChooseWhatFits, TaskScheduler.Default, cancellation).ConfigureAwait(false))
        {
            // until no two fit into one
        }
    }

    private async ValueTask<bool> CompactAsync(TableStore store, Func<TableStore, TableEntry, List<SegmentSlot>> choose,
        TaskScheduler threads, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (!DecisionTable.TryFindTable(state.Catalog, store.Id, out TableEntry? table) || table.IsTemporary)
                return false;
            List<SegmentSlot> chosen = choose(store, table);
            if (chosen.Count == 0)
                return false;
            await MergeAsync(store, table, chosen, threads, cancellation).ConfigureAwait(false);
            return true;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async ValueTask MergeAsync(
        TableStore store, TableEntry table, List<SegmentSlot> chosen, TaskScheduler threads, CancellationToken cancellation)
    {
        SegmentBuilder builder = new(state.Segments, table, state.Snapshots.Oldest());
        bool isBuilt = false;
        try
        {
            await Task.Factory.StartNew(() => builder.Build([], chosen, cancellation), cancellation,
                TaskCreationOptions.DenyChildAttach, threads).ConfigureAwait(false);
            // With its indexes, for searches should not become slow when it takes its sources' place.
            foreach (SegmentSlot segment in builder.Segments)
                await state.Indexer.BuildAsync(table, segment, threads, cancellation).ConfigureAwait(false);
            isBuilt = true;
        }
        finally
        {
            if (!isBuilt)
                builder.Discard();
        }
        await state.Checkpoints.ReplaceAsync(store, chosen, builder, cancellation).ConfigureAwait(false);
        state.Indexer.DropIfGone(store, table);
    }

    private List<SegmentSlot> ChooseAll(TableStore store, TableEntry table)
    {
        List<SegmentSlot> chosen = [.. store.Parts.Segments.Where(segment => segment.IsCheckpointed)];
        bool isWhole = chosen.Count == 1 && CountDead(chosen[0]) == 0;
        return isWhole ? [] : chosen;
    }

    private List<SegmentSlot> ChooseWhatFits(TableStore store, TableEntry table)
    {
        (List<SegmentSlot> segments, List<MergeCandidate> candidates, _) = Candidates(store, table, CountDead);
        return [.. MergePolicy.ChooseWhatFits(candidates).Select(number => segments[number])];
    }

    private List<SegmentSlot> Choose(TableStore store, TableEntry table)
    {
        // Rows that were ever deleted are counted without a look at each, and are seldom enough for a merge.
        List<SegmentSlot> chosen = Choose(store, table, static segment => segment.Deletes.Count);
        return chosen.Count == 0 ? chosen : Choose(store, table, CountDead);
    }

    private List<SegmentSlot> Choose(TableStore store, TableEntry table, Func<SegmentSlot, int> countDead)
    {
        (List<SegmentSlot> segments, List<MergeCandidate> candidates, bool isSearched) = Candidates(store, table, countDead);
        List<int> chosen = MergePolicy.Choose(candidates, isSearched, state.Time.GetElapsedTime(store.LastWrite));
        return [.. chosen.Select(number => segments[number])];
    }

    private int CountDead(SegmentSlot segment) => segment.CountDead(state.Snapshots.Oldest());

    private static (List<SegmentSlot> Segments, List<MergeCandidate> Candidates, bool IsSearched) Candidates(
        TableStore store, TableEntry table, Func<SegmentSlot, int> countDead)
    {
        SegmentIndexDefinition[] indexes = [.. SegmentIndexDefinition.AllOf(table)];
        List<SegmentSlot> segments = [];
        List<MergeCandidate> candidates = [];
        foreach (SegmentSlot segment in store.Parts.Segments)
        {
            if (!segment.IsCheckpointed)
                continue;
            segments.Add(segment);
            candidates.Add(new MergeCandidate(segment.Info.SizeBytes, segment.Info.RowCount, countDead(segment),
                Array.Exists(indexes, segment.IsIndexDue)));
        }
        return (segments, candidates, indexes.Length > 0);
    }
}
