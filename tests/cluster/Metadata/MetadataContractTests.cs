using System.Text;
using VecSQL.Catalog.Metadata;
using VecSQL.Cluster.Etcd;
using VecSQL.Cluster.Tests.Etcd;
using VecSQL.Kit;
using VecSQL.Storage.Files;
using VecSQL.Storage.Metadata;

namespace VecSQL.Cluster.Tests.Metadata;

/// <summary>What every store of metadata does.</summary>
/// <remarks>Keys lie under a prefix of the test's own, and revisions count from where the store is: a store may have served other tests.</remarks>
public sealed class MetadataContractTests(EtcdFixture etcd) : IClassFixture<EtcdFixture>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string _prefix = $"t{Guid.NewGuid():n}/";
    private readonly string _folder = Directory.CreateTempSubdirectory("vecsql-metadata-").FullName;
    private readonly ManualTime _time = new();
    private IMetadataStore? _store;

    private IMetadataStore Store => _store ?? throw new InvalidOperationException("no store");

    public void Dispose()
    {
        if (_store is not EtcdMetadataStore)
            (_store as IDisposable)?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory, LocalStores, EtcdStore]
    public async Task A_key_has_the_revision_that_made_it_and_the_one_that_put_it_last(string store)
    {
        Open(store);
        long made = (await CommitAsync(Put("a", "1"))).Revision;
        long put = (await CommitAsync(Put("a", "2"), Put("b", "3"))).Revision;
        Assert.Equal(made + 1, put);
        MetadataRange range = await ReadAsync();
        Assert.Equal(put, range.Revision);
        Assert.Equal([$"a=2 {made} {put}", $"b=3 {put} {put}"], range.Entries.Select(Text));
    }

    [Theory, LocalStores, EtcdStore]
    public async Task A_key_that_is_deleted_and_made_again_is_another(string store)
    {
        Open(store);
        await CommitAsync(Put("a", "1"));
        await CommitAsync(Delete("a"));
        long again = (await CommitAsync(Put("a", "1"))).Revision;
        Assert.Equal([$"a=1 {again} {again}"], (await ReadAsync()).Entries.Select(Text));
    }

    [Theory, LocalStores, EtcdStore]
    public async Task A_transaction_is_done_only_where_all_that_it_compares_holds(string store)
    {
        Open(store);
        long made = (await CommitAsync(Put("a", "1"))).Revision;
        Assert.True((await CompareAsync(("a", made), ("b", 0))).IsDone);
        MetadataEntry put = (await ReadAsync()).Entries[0];
        Assert.Equal("done", Encoding.UTF8.GetString(put.Value.Span));
        Assert.False((await CompareAsync(("a", made), ("b", 0))).IsDone);
        Assert.False((await CompareAsync(("a", put.Modified), ("b", 5))).IsDone);
        Assert.False((await CompareAsync(("a", 0))).IsDone);
        Assert.Equal(put.Modified, (await ReadAsync()).Entries[0].Modified);
        Assert.True((await CompareAsync(("a", put.Modified))).IsDone);
        ValueTask<MetadataOutcome> CompareAsync(params (string Key, long Modified)[] compares) => Store.CommitAsync(new MetadataTransaction
        {
            Compares = [.. compares.Select(compare => new MetadataCompare(_prefix + compare.Key, compare.Modified))],
            Puts = [Put("a", "done").Puts[0]],
        }, default);
    }

    [Theory, LocalStores, EtcdStore]
    public async Task A_transaction_that_is_not_done_tells_what_is_there(string store)
    {
        Open(store);
        long made = (await CommitAsync(Put("a/1", "x"), Put("a/2", "y"), Put("b", "z"))).Revision;
        MetadataOutcome outcome = await Store.CommitAsync(new MetadataTransaction
        {
            Compares = [MetadataCompare.IsMissing(_prefix + "b")],
            Puts = [Put("never", "").Puts[0]],
            ReadsOnFailure = [_prefix + "a/", _prefix + "nothing", _prefix + "b"],
        }, default);
        Assert.False(outcome.IsDone);
        Assert.Equal(made, outcome.Revision);
        Assert.Equal(["a/1,a/2", "", "b"], outcome.Found.Select(range => string.Join(',', range.Entries.Select(entry => entry.Key[_prefix.Length..]))));
        Assert.All(outcome.Found, range => Assert.Equal(made, range.Revision));
    }

    [Theory, LocalStores, EtcdStore]
    public async Task What_changes_nothing_makes_no_revision(string store)
    {
        Open(store);
        long before = (await CommitAsync(Put("a", "1"))).Revision;
        Assert.Equal(before, (await CommitAsync(Delete("nothing"))).Revision);
        MetadataOutcome compared = await Store.CommitAsync(new MetadataTransaction { Compares = [MetadataCompare.IsMissing(_prefix + "b")] }, default);
        Assert.True(compared.IsDone);
        Assert.Equal(before, compared.Revision);
        Assert.Equal(before + 1, (await CommitAsync(Put("a", "1"))).Revision);
    }

    [Theory, LocalStores, EtcdStore]
    public async Task Keys_come_in_the_order_of_their_bytes_and_none_that_has_not_the_prefix(string store)
    {
        Open(store);
        string[] keys = ["p", "p\0", "pa", "p~", "pä", "p\uffff", "p\U00010000", "p\U0010ffff", "q", "p\uffffz"];
        await CommitAsync([.. keys.Select(key => Put(key, key))]);
        Assert.Equal(
            keys.Where(key => key.StartsWith('p')).Order(KeyOrder.Instance),
            (await ReadAsync("p")).Entries.Select(entry => entry.Key[_prefix.Length..]));
        Assert.Equal(["p\uffff", "p\uffffz"], (await ReadAsync("p\uffff")).Entries.Select(entry => entry.Key[_prefix.Length..]));
        Assert.Equal(keys.Length, (await Store.ReadAsync("", default)).Entries.Count(entry => entry.Key.StartsWith(_prefix, StringComparison.Ordinal)));
    }

    [Theory, LocalStores, EtcdStore]
    public async Task Values_are_any_bytes(string store)
    {
        Open(store);
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)], large = new byte[MetadataTransaction.BytesMax - 1000];
        new Random(1).NextBytes(large);
        await Store.CommitAsync(new MetadataTransaction { Puts = [new(_prefix + "all", all), new(_prefix + "none", default)] }, default);
        await Store.CommitAsync(new MetadataTransaction { Puts = [new(_prefix + "large", large)] }, default);
        IReadOnlyList<MetadataEntry> found = (await ReadAsync()).Entries;
        Assert.Equal(all, found[0].Value.ToArray());
        Assert.Equal(large, found[1].Value.ToArray());
        Assert.Equal(0, found[2].Value.Length);
    }

    [Theory, LocalStores, EtcdStore]
    public async Task A_transaction_as_large_as_one_may_be_is_done_and_a_larger_one_refused_before_it_is_sent(string store)
    {
        Open(store);
        MetadataTransaction Many(int count) => new()
        {
            Compares = [.. Enumerable.Range(0, count).Select(i => MetadataCompare.IsMissing($"{_prefix}{i}"))],
            Puts = [.. Enumerable.Range(0, count).Select(i => new MetadataPut($"{_prefix}{i}", new byte[8000]))],
        };
        await Assert.ThrowsAsync<MetadataLimitException>(async () => await Store.CommitAsync(Many(129), default));
        await Assert.ThrowsAsync<MetadataLimitException>(async () => await Store.CommitAsync(new() { Puts = [new(_prefix + "a", new byte[1 << 20])] }, default));
        await Assert.ThrowsAsync<MetadataLimitException>(async () => await Store.CommitAsync(new() { Puts = [new(_prefix + new string('k', 1100), default)] }, default));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.CommitAsync(new() { Puts = [new(_prefix + "a", default)], Deletes = [_prefix + "a"] }, default));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.CommitAsync(new() { Puts = [new("\ud800", default)] }, default));
        Assert.Empty((await ReadAsync()).Entries);
        Assert.True((await Store.CommitAsync(Many(128), default)).IsDone);
        Assert.Equal(128, (await ReadAsync()).Entries.Count);
    }

    [Theory, LocalStores, EtcdStore]
    public async Task Keys_go_with_their_lease_in_one_revision(string store)
    {
        Open(store);
        LeaseId lease = await Store.GrantAsync(Patience, default);
        Assert.True(await Store.KeepAliveAsync(lease, default));
        long last = (await CommitAsync(Put("a", "1", lease), Put("b", "2", lease), Put("c", "3"))).Revision;
        Assert.Equal(lease, (await ReadAsync("a")).Entries[0].Lease);
        await CommitAsync(Put("b", "stays"));
        await Store.RevokeAsync(lease, default);
        MetadataRange after = await ReadAsync();
        Assert.Equal(last + 2, after.Revision);
        Assert.Equal(["b", "c"], after.Entries.Select(entry => entry.Key[_prefix.Length..]));
        Assert.False(await Store.KeepAliveAsync(lease, default));
        await Store.RevokeAsync(lease, default);
        await Assert.ThrowsAsync<MetadataLeaseEndedException>(() => CommitAsync(Put("d", "4"), Put("a", "1", lease)));
        Assert.Equal(last + 2, (await ReadAsync()).Revision);
    }

    [Theory, LocalStores, EtcdStore]
    public async Task A_lease_that_nobody_keeps_alive_ends_and_watches_see_its_keys_go(string store)
    {
        Open(store);
        LeaseId lease = await Store.GrantAsync(TimeSpan.FromSeconds(2), default), kept = await Store.GrantAsync(Patience, default);
        long revision = (await CommitAsync(Put("a", "1", lease), Put("b", "2", lease), Put("kept", "3", kept))).Revision;
        await using IAsyncEnumerator<MetadataChanges> watch = Watch(revision);
        ValueTask<bool> next = watch.MoveNextAsync();
        _time.Advance(TimeSpan.FromSeconds(3)); // etcd's passes by itself
        Assert.True(await next.AsTask().WaitAsync(Patience));
        Assert.Equal("a,b", string.Join(',', watch.Current.Changes.Select(change => change.Key[_prefix.Length..])));
        Assert.All(watch.Current.Changes, change => Assert.Null(change.Entry));
        Assert.False(await Store.KeepAliveAsync(lease, default));
        Assert.True(await Store.KeepAliveAsync(kept, default));
    }

    [Theory, LocalStores, EtcdStore]
    public async Task A_watch_tells_each_revision_of_its_keys_once_whole_and_in_order(string store)
    {
        Open(store);
        long before = (await CommitAsync(Put("w/a", "0"))).Revision;
        long first = (await CommitAsync(Put("w/c", "1"), Put("w/b", "2"), Put("other", "x"))).Revision;
        await CommitAsync(Put("other", "y"));
        await using IAsyncEnumerator<MetadataChanges> watch = Watch(before, "w/");
        Assert.Equal($"{first}: w/b=2 {first} {first}, w/c=1 {first} {first}", await NextAsync(watch));
        long second = (await CommitAsync(Delete("w/a"), Delete("other"), Put("w/b", "3"))).Revision;
        Assert.Equal($"{second}: w/a gone, w/b=3 {first} {second}", await NextAsync(watch));
    }

    [Theory, LocalStores, EtcdStore]
    public async Task A_watch_misses_nothing_while_others_commit(string store)
    {
        Open(store);
        const int Writers = 4, Each = 60;
        long before = (await CommitAsync(Put("start", ""))).Revision;
        await using IAsyncEnumerator<MetadataChanges> early = Watch(before);
        Task<int[]> writers = Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            for (int i = 0; i < Each; i++)
                await CommitAsync(Put($"w{writer}", $"{i}"));
            return 0;
        }));
        Assert.Equal(Writers * Each, (await CollectAsync(early)).Distinct().Count());
        await writers;
        await using IAsyncEnumerator<MetadataChanges> late = Watch(before);
        Assert.Equal(Writers * Each, (await CollectAsync(late)).Distinct().Count());

        async Task<List<string>> CollectAsync(IAsyncEnumerator<MetadataChanges> watch)
        {
            List<string> seen = [];
            Dictionary<string, int> last = [];
            while (seen.Count < Writers * Each)
            {
                seen.Add(await NextAsync(watch));
                foreach (MetadataChange change in watch.Current.Changes)
                {
                    int value = int.Parse(Encoding.UTF8.GetString(change.Entry!.Value.Span));
                    Assert.Equal(last.GetValueOrDefault(change.Key, -1) + 1, value);
                    last[change.Key] = value;
                }
            }
            return seen;
        }
    }

    [Theory, LocalStores, EtcdStore]
    public async Task A_watch_of_what_is_forgotten_is_told_so_and_one_of_the_rest_goes_on(string store)
    {
        Open(store);
        long before = (await CommitAsync(Put("a", "0"))).Revision, first = (await CommitAsync(Put("a", "1"))).Revision;
        long second = (await CommitAsync(Delete("a"))).Revision, third = (await CommitAsync(Put("a", "3"))).Revision;
        await CompactAsync(second);
        MetadataCompactedException error = await Assert.ThrowsAsync<MetadataCompactedException>(async () => await NextAsync(Watch(before)));
        Assert.Equal(second + 1, error.OldestKept);
        await Assert.ThrowsAsync<MetadataCompactedException>(async () => await NextAsync(Watch(first)));
        await using IAsyncEnumerator<MetadataChanges> watch = Watch(second);
        Assert.Equal($"{third}: a=3 {third} {third}", await NextAsync(watch));
        Assert.Equal(third, (await ReadAsync()).Revision);
    }

    [Theory, LocalStores, EtcdStore]
    public async Task A_watch_ends_by_cancellation(string store)
    {
        Open(store);
        using CancellationTokenSource stop = new();
        await using IAsyncEnumerator<MetadataChanges> watch = Store.WatchAsync(_prefix, (await ReadAsync()).Revision, stop.Token).GetAsyncEnumerator();
        Task<bool> next = watch.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(Patience));
    }

    [Theory, LocalStores, EtcdStore]
    public async Task Random_histories_go_as_in_the_model(string store)
    {
        Open(store);
        Random random = new(20);
        MetadataModel model = new();
        MetadataRange begin = await ReadAsync();
        long shift = begin.Revision - model.Revision;
        Dictionary<LeaseId, LeaseId> leases = []; // of the model, by those of the store
        List<LeaseId> known = [];
        for (int i = 0; i < 400; i++)
        {
            switch (random.Next(12))
            {
                case 0:
                    LeaseId granted = await Store.GrantAsync(Patience, default);
                    MetadataStep grant = model.Grant(Patience);
                    model.Apply(grant, default);
                    leases[granted] = grant.Granted;
                    known.Add(granted);
                    break;
                case 1 when known.Count > 0:
                    LeaseId ended = known[random.Next(known.Count)];
                    await Store.RevokeAsync(ended, default);
                    if (model.End(leases[ended]) is { } end)
                        model.Apply(end, default);
                    break;
                default:
                    await CompareAsync(RandomTransaction());
                    break;
            }
        }
        MetadataRange found = await ReadAsync(), expected = model.Read(_prefix);
        Assert.Equal(expected.Entries.Select(entry => Shown(entry, shift)), found.Entries.Select(entry => Shown(entry, 0)));
        await using IAsyncEnumerator<MetadataChanges> watch = Watch(begin.Revision);
        foreach (MetadataChanges changes in model.ChangesAfter(_prefix, MetadataModel.FirstRevision, int.MaxValue))
        {
            Assert.Equal(Shown(changes, shift), await NextAsync(watch));
        }

        async Task CompareAsync(MetadataTransaction transaction)
        {
            MetadataTransaction modelled = transaction with
            {
                Compares = [.. transaction.Compares.Select(compare => compare with { Modified = compare.Modified == 0 ? 0 : compare.Modified - shift })],
                Puts = [.. transaction.Puts.Select(put => put with { Lease = put.Lease.IsNone ? default : leases[put.Lease] })],
            };
            MetadataOutcome? outcome = null, wanted = null;
            try
            {
                (wanted, MetadataStep? step) = model.Decide(modelled);
                if (step is not null)
                    model.Apply(step, default);
            }
            catch (MetadataLeaseEndedException)
            {
                await Assert.ThrowsAsync<MetadataLeaseEndedException>(async () => await Store.CommitAsync(transaction, default));
                return;
            }
            outcome = await Store.CommitAsync(transaction, default);
            Assert.Equal((wanted.IsDone, wanted.Revision + shift), (outcome.IsDone, outcome.Revision));
            Assert.Equal(
                wanted.Found.Select(range => string.Join(';', range.Entries.Select(entry => Shown(entry, shift)))),
                outcome.Found.Select(range => string.Join(';', range.Entries.Select(entry => Shown(entry, 0)))));
        }

        MetadataTransaction RandomTransaction()
        {
            string[] keys = [.. Enumerable.Range(0, 8).Select(i => $"{_prefix}{(i < 4 ? "a" : "b")}/{i}").OrderBy(_ => random.Next())];
            int compares = random.Next(3), puts = random.Next(3), deletes = random.Next(2);
            return new MetadataTransaction
            {
                Compares = [.. keys.Take(compares).Select(key => new MetadataCompare(key,
                    random.Next(4) == 0 ? begin.Revision + random.Next(20) : model.Read(key).Entries is [var entry, ..] ? entry.Modified + shift : 0))],
                Puts = [.. keys.Take(puts).Select(key => new MetadataPut(key, new byte[random.Next(4)],
                    known.Count > 0 && random.Next(3) == 0 ? known[random.Next(known.Count)] : default))],
                Deletes = [.. keys.Skip(puts).Take(deletes)],
                ReadsOnFailure = random.Next(2) == 0 ? [] : [_prefix + "a/", _prefix],
            };
        }
    }

    private void Open(string store) => _store = store switch
    {
        "local" => new LocalMetadataStore(new MetadataModel(), null, _time),
        "file" => FileMetadataStore.Open(RealFileSystem.Instance, _folder, _time),
        _ => etcd.Store,
    };

    /// <summary>Forgets what changed in revisions up to this one.</summary>
    private async Task CompactAsync(long revision)
    {
        (Store as LocalMetadataStore)?.Compact(revision);
        (Store as FileMetadataStore)?.Compact(revision);
        if (Store is EtcdMetadataStore)
            await etcd.CompactAsync(revision);
    }

    private string Shown(MetadataEntry entry, long shift) =>
        $"{entry.Key[_prefix.Length..]}={Encoding.UTF8.GetString(entry.Value.Span)} {entry.Created + shift} {entry.Modified + shift}";

    private string Shown(MetadataChanges changes, long shift) => $"{changes.Revision + shift}: {string.Join(", ", changes.Changes.Select(change =>
        change.Entry is { } entry ? Shown(entry, shift) : change.Key[_prefix.Length..] + " gone"))}";

    private string Text(MetadataEntry entry) => Shown(entry, 0);

    private MetadataTransaction Put(string key, string value, LeaseId lease = default) =>
        new() { Puts = [new MetadataPut(_prefix + key, Encoding.UTF8.GetBytes(value), lease)] };

    private MetadataTransaction Delete(string key) => new() { Deletes = [_prefix + key] };

    private async Task<MetadataOutcome> CommitAsync(params MetadataTransaction[] parts)
    {
        MetadataOutcome outcome = await Store.CommitAsync(new MetadataTransaction
        {
            Puts = [.. parts.SelectMany(part => part.Puts)],
            Deletes = [.. parts.SelectMany(part => part.Deletes)],
        }, default);
        Assert.True(outcome.IsDone);
        return outcome;
    }

    private ValueTask<MetadataRange> ReadAsync(string prefix = "") => Store.ReadAsync(_prefix + prefix, default);

    private IAsyncEnumerator<MetadataChanges> Watch(long after, string prefix = "") => Store.WatchAsync(_prefix + prefix, after, default).GetAsyncEnumerator();

    private async Task<string> NextAsync(IAsyncEnumerator<MetadataChanges> watch)
    {
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(Patience));
        return Shown(watch.Current, 0);
    }
}
