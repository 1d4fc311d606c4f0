using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Cluster.Protocol;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Catalog;

/// <summary>Puts together what the keys say: the newest catalog, from a whole one and the log after it.</summary>
/// <remarks>Threads: one at a time; the results may be read by any.</remarks>
internal sealed class CatalogFollower(TimeProvider time)
{
    private readonly SortedDictionary<string, MetadataEntry> _entries = new(KeyOrder.Instance); // those that are not done with
    private readonly Lock _lock = new();
    private readonly Dictionary<uint, (long Version, CommitTimestamp At)> _changed = [];
    private CatalogSnapshot? _catalog;
    private long _floor;

    /// <summary>Null until there is one.</summary>
    public CatalogSnapshot? Catalog => Volatile.Read(ref _catalog);

    /// <summary>The key of the newest version; null until there is one.</summary>
    public MetadataEntry? Head { get; private set; }

    /// <summary>Told of each step, once the catalog has it.</summary>
    public Action<CatalogSnapshot, IReadOnlyList<CatalogChange>> Followed { get; set; } = static (_, _) => { };

    /// <summary>How many versions the log has that no whole catalog has.</summary>
    public int LogCount { get; private set; }

    public long ChangedAt(uint oid)
    {
        lock (_lock)
            return _changed.TryGetValue(oid, out (long Version, CommitTimestamp At) changed) ? changed.Version : _catalog?.Find(oid) is null ? 0 : _floor;
    }

    public CommitTimestamp DefinedAt(uint oid)
    {
        lock (_lock)
            return _changed.GetValueOrDefault(oid).At;
    }

    /// <exception cref="InvalidDataException">A key or value is none of a catalog.</exception>
    public void Take(MetadataChanges changes)
    {
        foreach (MetadataChange change in changes.Changes)
        {
            if (change.Key == CatalogKeys.Head)
                Head = change.Entry;
            else if (change.Entry is { } entry)
                _entries[change.Key] = entry;
            else
                _entries.Remove(change.Key);
        }
        if (FindBase() is { } whole && (_catalog is null || (whole.Version > _catalog.Version && !_entries.ContainsKey(CatalogKeys.LogOf(_catalog.Version + 1)))))
            TakeWhole(whole.Version, whole.Bytes);
        while (_catalog is { } before && _entries.TryGetValue(CatalogKeys.LogOf(before.Version + 1), out MetadataEntry? next)
            && RecordIn(next, out string? parts) is { } record)
        {
            Step(before, CatalogKeys.ChangesOf(record), before.Version + 1, new CommitTimestamp(record.At));
            foreach (MetadataEntry part in parts is null ? [] : Under(parts).ToArray())
                _entries.Remove(part.Key);
        }
        foreach (string key in _entries.Keys.Where(IsDoneWith).ToArray())
            _entries.Remove(key);
    }

    /// <summary>A record, also where it is in parts; null while these have not come.</summary>
    /// <param name="parts">What the keys of its parts begin with; null where it has none.</param>
    private CatalogLogRecord? RecordIn(MetadataEntry entry, out string? parts)
    {
        parts = null;
        CatalogLogRecord record = CatalogKeys.Read(CatalogLogRecord.Parser, entry);
        if (record.Parts.Length == 0)
            return record;
        parts = $"{CatalogKeys.Parts}{record.Parts}/";
        return CatalogKeys.Join(Under(parts), parts) is { } bytes
            ? CatalogKeys.Read(CatalogLogRecord.Parser, entry with { Value = bytes }) : null;
    }

    private (long Version, byte[] Bytes)? FindBase()
    {
        foreach (string key in _entries.Keys.Where(static key => key.StartsWith(CatalogKeys.Base, StringComparison.Ordinal)).Reverse())
        {
            int end = key.IndexOf('/', CatalogKeys.Base.Length);
            long version = CatalogKeys.Version(key.AsSpan(CatalogKeys.Base.Length, Math.Max(end - CatalogKeys.Base.Length, 0)));
            if (_catalog is { } known && version <= known.Version)
                return null;
            string prefix = key[..(end + 1)];
            if (CatalogKeys.Join(Under(prefix), prefix) is { } bytes)
                return (version, bytes);
        }
        return null;
    }

    private void TakeWhole(long version, byte[] bytes)
    {
        CatalogSnapshot whole = CatalogCodec.DecodeSnapshot(bytes).WithVersion(version);
        if (_catalog is not { } before)
        {
            _floor = version;
            Volatile.Write(ref _catalog, whole);
            return;
        }
        // The steps to it are gone: what they came to is one.
        List<CatalogChange> difference = [.. before.Objects.Where(known => whole.Find(known.Oid) is null).Select(static gone => new DropObject(gone.Oid))];
        foreach (CatalogObject now in whole.Objects)
        {
            if (before.Find(now.Oid) is not { } known || !IsSame(known, now))
                difference.Add(new PutObject(now));
        }
        Note(difference, version, CommitTimestamp.At(time.GetUtcNow())); // or before
        Volatile.Write(ref _catalog, whole);
        Followed(before, difference);
    }

    private void Step(CatalogSnapshot before, CatalogChange[] changes, long version, CommitTimestamp at)
    {
        Note(changes, version, at);
        Volatile.Write(ref _catalog, before.Apply(changes).WithVersion(version));
        LogCount++;
        Followed(before, changes);
    }

    private void Note(IEnumerable<CatalogChange> changes, long version, CommitTimestamp at)
    {
        lock (_lock)
        {
            foreach (CatalogChange change in changes)
            {
                if (change is PutObject put)
                    _changed[put.Object.Oid] = (version, at);
                else if (change is DropObject drop)
                    _changed[drop.Oid] = (version, at);
            }
        }
    }

    private bool IsDoneWith(string key)
    {
        if (_catalog is not { } catalog)
            return false;
        if (key.StartsWith(CatalogKeys.Decisions, StringComparison.Ordinal))
            return true;
        if (key.StartsWith(CatalogKeys.Log, StringComparison.Ordinal))
            return CatalogKeys.Version(key.AsSpan(CatalogKeys.Log.Length)) <= catalog.Version;
        if (!key.StartsWith(CatalogKeys.Base, StringComparison.Ordinal))
            return false;
        bool isOld = CatalogKeys.Version(key.AsSpan(CatalogKeys.Base.Length, Math.Min(16, key.Length - CatalogKeys.Base.Length))) <= catalog.Version;
        LogCount = isOld ? 0 : LogCount;
        return isOld;
    }

    private IEnumerable<MetadataEntry> Under(string prefix) =>
        _entries.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(static entry => entry.Value);

    public static bool IsSame(CatalogObject left, CatalogObject right) => ReferenceEquals(left, right)
        || CatalogCodec.Encode(new PutObject(left)).AsSpan().SequenceEqual(CatalogCodec.Encode(new PutObject(right)));
}
