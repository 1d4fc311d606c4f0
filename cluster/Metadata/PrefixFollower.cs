using System.Runtime.CompilerServices;
using VecSQL.Catalog.Metadata;

namespace VecSQL.Cluster.Metadata;

/// <summary>Follows the keys under a prefix: tells all that there is, and then each change.</summary>
/// <remarks>
/// Order:   who applies what is told has a state that once was, and never an older one after it.
/// Gaps:    where the store has forgotten what came next, all is read anew, and what is different told as one change.
/// Errors:  a store that does not answer is asked again until it does; other errors end it.
/// Threads: one at a time.
/// </remarks>
public sealed class PrefixFollower(IMetadataStore store, string prefix, TimeProvider time, Random random)
{
    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(50), WaitMax = TimeSpan.FromSeconds(2);

    private readonly SortedDictionary<string, MetadataEntry> _entries = new(KeyOrder.Instance);
    private readonly Backoff _backoff = new(WaitMin, WaitMax, random);
    private long _revision;

    /// <summary>The first is all keys that are there, even where there are none.</summary>
    public async IAsyncEnumerable<MetadataChanges> FollowAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return await ReadAsync(cancellation);
        while (true)
        {
            await using (IAsyncEnumerator<MetadataChanges> watch = store.WatchAsync(prefix, _revision, cancellation).GetAsyncEnumerator(cancellation))
            {
                while (await NextAsync(watch, cancellation) is { } changes)
                {
                    Apply(changes);
                    yield return changes;
                }
            }
            MetadataChanges difference = await ReadAsync(cancellation);
            if (difference.Changes.Count > 0)
                yield return difference;
        }
    }

    /// <summary>The next change; null where it takes another read to know what it was.</summary>
    private async ValueTask<MetadataChanges?> NextAsync(IAsyncEnumerator<MetadataChanges> watch, CancellationToken cancellation)
    {
        try
        {
            if (await watch.MoveNextAsync())
                return watch.Current;
        }
        catch (MetadataCompactedException)
        {
            return null;
        }
        catch (MetadataUnavailableException)
        {
            // A store that does not go on by itself.
        }
        await Task.Delay(_backoff.Next(), time, cancellation);
        return null;
    }

    /// <summary>What is different now.</summary>
    private async ValueTask<MetadataChanges> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                MetadataRange range = await store.ReadAsync(prefix, cancellation);
                if (range.Revision < _revision)
                    throw new MetadataReplacedException($"the store of metadata is at revision {range.Revision}, and {_revision} was seen");
                _backoff.Reset();
                MetadataChanges difference = new(range.Revision, Difference(range));
                Apply(difference);
                return difference;
            }
            catch (MetadataUnavailableException)
            {
                await Task.Delay(_backoff.Next(), time, cancellation);
            }
        }
    }

    private MetadataChange[] Difference(MetadataRange range)
    {
        SortedDictionary<string, MetadataChange> changes = new(KeyOrder.Instance);
        foreach (string key in _entries.Keys)
            changes.Add(key, new MetadataChange(key, null));
        foreach (MetadataEntry entry in range.Entries)
        {
            if (_entries.TryGetValue(entry.Key, out MetadataEntry? before) && before.Modified == entry.Modified)
                changes.Remove(entry.Key);
            else
                changes[entry.Key] = new MetadataChange(entry.Key, entry);
        }
        return [.. changes.Values];
    }

    private void Apply(MetadataChanges changes)
    {
        _revision = changes.Revision;
        foreach (MetadataChange change in changes.Changes)
        {
            if (change.Entry is { } entry)
                _entries[change.Key] = entry;
            else
                _entries.Remove(change.Key);
        }
    }
}
