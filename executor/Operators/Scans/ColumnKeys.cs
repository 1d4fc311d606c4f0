using System.Runtime.CompilerServices;
using VecSQL.Columnar.Batches;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Tables;
using VecSQL.Vectors.Cells;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>The keys of columns by which rows of indexed segments were filtered lately.</summary>
/// <remarks>
/// A segment does not change, so its keys do not either. They are made when a filter first asks for them, unless the index has them from
/// its build; gone with the index, and where they take more than they may together, those that were used the longest time ago.
/// Cost:    of making them about a tenth of a second for a million rows.
/// Threads: any; who asks for keys that another makes, waits.
/// </remarks>
public sealed class ColumnKeys(long bytesMax)
{
    private readonly Lock _lock = new();
    private readonly ConditionalWeakTable<CellIndex, List<Entry>> _entries = [];
    private readonly LinkedList<WeakReference<Entry>> _order = []; // the one used last is last

    internal CellKeys Find(CellIndex index, KeyCondition condition, IReadOnlyList<(ScanUnit Unit, int Start)> units)
    {
        if (condition.IsHashed == FilterKeys.AreHashed(condition.Type) && index.FindKeys(condition.Column) is { } built)
            return built;
        Entry? entry;
        lock (_lock)
        {
            List<Entry> known = _entries.GetOrCreateValue(index);
            entry = known.Find(other => other.Column == condition.Column && other.IsHashed == condition.IsHashed);
            if (entry is null)
            {
                entry = new Entry(condition.Column, condition.IsHashed, known, new Lazy<CellKeys>(() => Make(index, condition, units)));
                known.Add(entry);
                entry.Place = _order.AddLast(new WeakReference<Entry>(entry));
            }
            else if (entry.Place is { } place)
            {
                _order.Remove(place);
                _order.AddLast(place);
            }
        }
        bool isMade = entry.Keys.IsValueCreated;
        CellKeys keys = entry.Keys.Value;
        if (!isMade)
            Trim();
        return keys;
    }

    /// <summary>Bytes of the keys that are kept.</summary>
    internal long Bytes
    {
        get
        {
            lock (_lock)
                return CountBytes();
        }
    }

    private void Trim()
    {
        lock (_lock)
        {
            long bytes = CountBytes();
            for (LinkedListNode<WeakReference<Entry>>? place = _order.First, next; place is not null && bytes > bytesMax; place = next)
            {
                next = place.Next;
                if (!place.Value.TryGetTarget(out Entry? oldest) || !oldest.Keys.IsValueCreated)
                    continue;
                bytes -= oldest.Keys.Value.Bytes;
                oldest.OfIndex.Remove(oldest);
                oldest.Place = null;
                _order.Remove(place);
            }
        }
    }

    private long CountBytes()
    {
        long bytes = 0;
        for (LinkedListNode<WeakReference<Entry>>? place = _order.First, next; place is not null; place = next)
        {
            next = place.Next;
            if (!place.Value.TryGetTarget(out Entry? entry))
                _order.Remove(place); // gone with its index
            else if (entry.Keys.IsValueCreated)
                bytes += entry.Keys.Value.Bytes;
        }
        return bytes;
    }

    private static CellKeys Make(CellIndex index, KeyCondition condition, IReadOnlyList<(ScanUnit Unit, int Start)> units)
    {
        FilterKeys keys = new(condition.Type, condition.IsHashed, units[^1].Start + units[^1].Unit.RowCountMax);
        short[] columns = [condition.Column];
        foreach ((ScanUnit unit, int start) in units)
        {
            for (int first = 0; first < unit.RowCountMax; first += ColumnBatch.RowsMax)
            {
                int count = Math.Min(ColumnBatch.RowsMax, unit.RowCountMax - first);
                keys.Add(start + first, unit.Slice(first, count, columns).Columns[0]);
            }
        }
        return keys.Build(index);
    }

    private sealed class Entry(short column, bool isHashed, List<Entry> ofIndex, Lazy<CellKeys> keys)
    {
        internal short Column { get; } = column;

        internal bool IsHashed { get; } = isHashed;

        internal List<Entry> OfIndex { get; } = ofIndex;

        internal Lazy<CellKeys> Keys { get; } = keys;

        internal LinkedListNode<WeakReference<Entry>>? Place { get; set; }
    }
}
