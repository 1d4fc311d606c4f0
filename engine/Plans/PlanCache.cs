using VecSQL.Catalog.Snapshots;
using VecSQL.Parser;
using VecSQL.Planner;

namespace VecSQL.Engine.Plans;

/// <summary>Plans of a node's statements by their shapes, for all sessions; those that were asked for longest ago go first.</summary>
/// <remarks>
/// All plans are of one catalog, the newest, as one or another database has it: a newer one empties the cache. Shapes that come once leave nothing but a mark of fixed size.
/// Memory: bounded by a guess at what plans take, by their texts' lengths.
/// Threads: any.
/// </remarks>
internal sealed class PlanCache(long bytesMax)
{
    // A plan with its expressions and their code, by what small and large ones were measured to take.
    private const long PlanBytes = 4_096, CharacterBytes = 96;

    // Of one shape, plans that depend on different values.
    private const int PlansMax = 8;

    private const int MarksShift = 19;

    private readonly Lock _lock = new();
    private readonly Dictionary<PlanKey, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = []; // the last one used is first
    private readonly int[] _marks = new int[1 << (32 - MarksShift)];
    private CatalogSnapshot? _catalog;
    private long _bytes, _hits;

    /// <summary>How many statements were spared their planning.</summary>
    internal long Hits => Volatile.Read(ref _hits);

    internal int Count
    {
        get
        {
            lock (_lock)
                return _entries.Count;
        }
    }

    /// <summary>Whether the key has come before; it has from now on. Now and then a key is forgotten, or taken for another.</summary>
    internal bool Mark(in PlanKey key)
    {
        int hash = key.GetHashCode() | 1;
        return Interlocked.Exchange(ref _marks[(uint)hash >> MarksShift], hash) == hash;
    }

    /// <summary>A plan for the statement; null where there is none that holds.</summary>
    internal CachedPlan? Find(in PlanKey key, StatementShape shape, CatalogSnapshot catalog, ITableStatistics statistics)
    {
        CachedPlan? found;
        lock (_lock)
        {
            if (!ReferenceEquals(_catalog, catalog.InDatabase(0)) || !_entries.TryGetValue(key, out LinkedListNode<Entry>? node))
                return null;
            if (_byUse.First != node)
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
            }
            found = node.Value.Plans.Find(plan => plan.Fits(shape));
            if (found is not null && !found.Basis.Holds(catalog, statistics))
            {
                node.Value.Plans.Remove(found);
                found = null;
            }
        }
        if (found is not null)
            Interlocked.Increment(ref _hits);
        return found;
    }

    /// <summary>Whether plans of the shape were found to be no use: each of its statements is planned for its own values.</summary>
    internal bool IsHopeless(in PlanKey key, CatalogSnapshot catalog)
    {
        lock (_lock)
        {
            return ReferenceEquals(_catalog, catalog.InDatabase(0))
                && _entries.TryGetValue(key, out LinkedListNode<Entry>? node) && node.Value.IsHopeless;
        }
    }

    /// <param name="catalog">The newest.</param>
    /// <param name="plan">Null where no plan of the shape is any use.</param>
    internal void Put(in PlanKey key, CatalogSnapshot catalog, CachedPlan? plan)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_catalog, catalog.InDatabase(0)))
                Empty(catalog.InDatabase(0));
            if (!_entries.TryGetValue(key, out LinkedListNode<Entry>? node))
                _entries.Add(key, node = _byUse.AddFirst(new Entry(key)));
            Entry entry = node.Value;
            _bytes -= entry.Bytes;
            entry.Put(plan);
            _bytes += entry.Bytes = (1 + entry.Plans.Count) * (PlanBytes + (CharacterBytes * key.Shape.Length));
            while (_bytes > bytesMax && _byUse.Last is { } last && last != node)
                Remove(last);
        }
    }

    private void Empty(CatalogSnapshot catalog)
    {
        _entries.Clear();
        _byUse.Clear();
        (_bytes, _catalog) = (0, catalog);
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _entries.Remove(node.Value.Key);
        _byUse.Remove(node);
        _bytes -= node.Value.Bytes;
    }

    private sealed class Entry(PlanKey key)
    {
        internal PlanKey Key => key;

        internal List<CachedPlan> Plans { get; } = [];

        internal bool IsHopeless { get; private set; }

        internal long Bytes { get; set; }

        internal void Put(CachedPlan? plan)
        {
            IsHopeless = plan is null;
            if (plan is null)
            {
                Plans.Clear();
                return;
            }
            if (Plans.Count == PlansMax)
                Plans.RemoveAt(0);
            Plans.Add(plan);
        }
    }
}
