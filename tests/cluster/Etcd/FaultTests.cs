using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using VecSQL.Catalog.Metadata;
using VecSQL.Cluster.Etcd;
using VecSQL.Kit;

namespace VecSQL.Cluster.Tests.Etcd;

/// <summary>Faults of real members of etcd, and of the way to them.</summary>
public sealed class FaultTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    [EtcdFact]
    public async Task Members_that_are_killed_lose_no_acknowledged_transaction_and_no_change_of_a_watch()
    {
        const int Count = 120;
        EtcdServer[] servers = await EtcdServer.StartManyAsync(3);
        try
        {
            using EtcdMetadataStore store = Store(EtcdFixture.Options(servers) with { RequestTimeout = TimeSpan.FromSeconds(2) });
            long begin = (await store.ReadAsync("", default)).Revision;
            Task<List<int>> watching = CollectAsync(store, begin, Count);
            List<int> acknowledged = [];
            for (int i = 0; i < Count; i++)
            {
                if (i == Count / 3)
                    await servers[0].KillAsync();
                if (i == Count / 2)
                    await servers[0].RestartAsync();
                if (i == 2 * Count / 3)
                    await servers[1].KillAsync();
                await CommitUntilKnownAsync(store, i);
                acknowledged.Add(i);
            }
            Assert.Equal(acknowledged, await watching.WaitAsync(Patience));
            Assert.Equal(Count, (await store.ReadAsync("k/", default)).Entries.Count);
        }
        finally
        {
            foreach (EtcdServer server in servers)
                await server.DisposeAsync();
        }
    }

    [EtcdFact]
    public async Task A_member_that_hangs_is_set_aside_and_left_by_watches()
    {
        EtcdServer[] servers = await EtcdServer.StartManyAsync(3);
        try
        {
            EtcdOptions options = EtcdFixture.Options(servers) with
            {
                Endpoints = [servers[0].Address, servers[1].Address],
                RequestTimeout = TimeSpan.FromSeconds(2),
                WatchSilence = TimeSpan.FromSeconds(1),
                Seed = SeedOf(0, 2), // so that the watch is on the one that hangs
            };
            using EtcdMetadataStore store = Store(options), other = Store(EtcdFixture.Options(servers[2]));
            long begin = (await store.ReadAsync("", default)).Revision;
            await using IAsyncEnumerator<MetadataChanges> watch = store.WatchAsync("k/", begin, default).GetAsyncEnumerator();
            ValueTask<bool> next = watch.MoveNextAsync();
            await servers[0].PauseAsync();
            await CommitUntilKnownAsync(other, 1);
            Assert.True(await next.AsTask().WaitAsync(Patience));
            Assert.Equal("k/1", watch.Current.Changes[0].Key);
            Assert.Single((await store.ReadAsync("k/", default)).Entries);
            await servers[0].ContinueAsync();
        }
        finally
        {
            foreach (EtcdServer server in servers)
                await server.DisposeAsync();
        }
    }

    [EtcdFact]
    public async Task Connections_that_are_cut_within_a_message_lose_no_change()
    {
        const int Count = 60;
        await using EtcdServer server = await EtcdServer.StartAsync("--heartbeat-interval", "50", "--election-timeout", "500");
        await using CutProxy proxy = new(server.Address) { CutAfter = 1501 };
        using EtcdMetadataStore direct = Store(EtcdFixture.Options(server)), cut = Store(EtcdFixture.Options(server) with { Endpoints = [proxy.Address] });
        long begin = (await direct.ReadAsync("", default)).Revision;
        Task<List<int>> watching = CollectAsync(cut, begin, Count);
        for (int i = 0; i < Count; i++)
            await CommitUntilKnownAsync(direct, i);
        Assert.Equal(Enumerable.Range(0, Count), await watching.WaitAsync(Patience));
        Assert.True(proxy.CutCount >= 2, $"{proxy.CutCount} cuts");
    }

    [EtcdFact]
    public async Task A_transaction_whose_answer_does_not_come_has_an_unknown_outcome()
    {
        await using EtcdServer server = await EtcdServer.StartAsync("--heartbeat-interval", "50", "--election-timeout", "500");
        await using CutProxy proxy = new(server.Address) { HoldsAnswers = true };
        using EtcdMetadataStore direct = Store(EtcdFixture.Options(server));
        using EtcdMetadataStore held = Store(EtcdFixture.Options(server) with
        {
            Endpoints = [proxy.Address, server.Address], RequestTimeout = TimeSpan.FromSeconds(1), Seed = SeedOf(0, 2),
        });
        MetadataUnavailableException unknown = await Assert.ThrowsAsync<MetadataUnavailableException>(
            async () => await held.CommitAsync(new MetadataTransaction { Puts = [new MetadataPut("a", default)] }, default));
        Assert.True(unknown.IsOutcomeUnknown);
        Assert.Single((await direct.ReadAsync("a", default)).Entries);
        Assert.Single((await held.ReadAsync("a", default)).Entries); // the next request goes to the other endpoint
    }

    [EtcdFact]
    public async Task An_etcd_that_is_not_there_has_done_nothing()
    {
        using EtcdMetadataStore store = Store(new EtcdOptions { Endpoints = [new Uri($"http://127.0.0.1:{Programs.FreePort()}")], Seed = 1 });
        MetadataUnavailableException error = await Assert.ThrowsAsync<MetadataUnavailableException>(
            async () => await store.CommitAsync(new MetadataTransaction { Puts = [new MetadataPut("a", default)] }, default));
        Assert.False(error.IsOutcomeUnknown);
    }

    [EtcdFact]
    public async Task Compaction_while_a_watch_is_cut_off_is_told()
    {
        await using EtcdServer server = await EtcdServer.StartAsync("--heartbeat-interval", "50", "--election-timeout", "500");
        CutProxy proxy = new(server.Address);
        using EtcdMetadataStore direct = Store(EtcdFixture.Options(server));
        using EtcdMetadataStore cut = Store(EtcdFixture.Options(server) with { Endpoints = [proxy.Address, server.Address], Seed = SeedOf(0, 2) });
        long begin = (await direct.ReadAsync("", default)).Revision;
        await CommitUntilKnownAsync(direct, 0);
        await using IAsyncEnumerator<MetadataChanges> watch = cut.WatchAsync("k/", begin, default).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(Patience));
        proxy.HoldsAnswers = true;
        await CommitUntilKnownAsync(direct, 1);
        await CommitUntilKnownAsync(direct, 2);
        long last = (await direct.ReadAsync("", default)).Revision;
        await EtcdFixture.PostAsync(server.Address, "/v3/kv/compaction", new { revision = last.ToString() });
        ValueTask<bool> next = watch.MoveNextAsync();
        await proxy.DisposeAsync();
        MetadataCompactedException error = await Assert.ThrowsAsync<MetadataCompactedException>(() => next.AsTask().WaitAsync(Patience));
        Assert.Equal(last + 1, error.OldestKept);
    }

    [EtcdFact]
    public async Task Etcd_is_trusted_by_its_authority_and_knows_its_clients_by_theirs()
    {
        using TestCertificates certificates = new();
        using TestCertificates others = new();
        string client = certificates.Issue("client", "vecsql");
        await using EtcdServer server = await EtcdServer.StartAsync($"--cert-file={certificates.ServerFile}", $"--key-file={certificates.ServerKeyFile}",
            $"--trusted-ca-file={certificates.AuthorityFile}", "--client-cert-auth");
        EtcdOptions options = EtcdFixture.Options(server);
        using EtcdMetadataStore store = Store(options with { Tls = EtcdTls.Load(certificates.AuthorityFile, client + ".crt", client + ".key") });
        Assert.True((await store.CommitAsync(new MetadataTransaction { Puts = [new MetadataPut("a", default)] }, default)).IsDone);
        await using IAsyncEnumerator<MetadataChanges> watch = store.WatchAsync("a", 1, default).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(Patience));
        using EtcdMetadataStore unknown = Store(options with { Tls = EtcdTls.Load(certificates.AuthorityFile, null, null) });
        await Assert.ThrowsAsync<MetadataUnavailableException>(async () => await unknown.ReadAsync("", default));
        using EtcdMetadataStore untrusting = Store(options with { Tls = EtcdTls.Load(others.AuthorityFile, client + ".crt", client + ".key") });
        Assert.False((await Assert.ThrowsAsync<MetadataUnavailableException>(
            async () => await untrusting.CommitAsync(new MetadataTransaction { Deletes = ["a"] }, default))).IsOutcomeUnknown);
    }

    [EtcdFact]
    public async Task A_login_that_has_run_out_is_renewed_for_requests_and_watches()
    {
        await using EtcdServer server = await EtcdServer.StartAsync("--auth-token-ttl", "1", "--bcrypt-cost", "4");
        await EtcdFixture.PostAsync(server.Address, "/v3/auth/user/add", new { name = "root", password = "secret" });
        await EtcdFixture.PostAsync(server.Address, "/v3/auth/role/add", new { name = "root" });
        await EtcdFixture.PostAsync(server.Address, "/v3/auth/user/grant", new { user = "root", role = "root" });
        await EtcdFixture.PostAsync(server.Address, "/v3/auth/enable", new { });
        EtcdOptions options = EtcdFixture.Options(server) with { WatchSilence = TimeSpan.FromMilliseconds(100) };
        await using CutProxy proxy = new(server.Address);
        using EtcdMetadataStore store = Store(options with { User = "root", Password = "secret" });
        using EtcdMetadataStore cut = Store(options with { User = "root", Password = "secret", Endpoints = [proxy.Address] });
        MetadataOutcome first = await store.CommitAsync(new MetadataTransaction { Puts = [new MetadataPut("k/0", "0"u8.ToArray())] }, default);
        LeaseId lease = await store.GrantAsync(TimeSpan.FromSeconds(2), default);
        await store.CommitAsync(new MetadataTransaction { Puts = [new MetadataPut("k/leased", default, lease)] }, default);
        await using IAsyncEnumerator<MetadataChanges> watch = cut.WatchAsync("k/leased", first.Revision, default).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(Patience));
        // A lease of two seconds ends later than a login of one: when it is seen to be gone, the login has run out unless it was used.
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(Patience));
        Assert.Null(watch.Current.Changes[0].Entry);
        Assert.Single((await store.ReadAsync("k/", default)).Entries);
        Assert.True((await store.CommitAsync(new MetadataTransaction { Deletes = ["k/0"] }, default)).IsDone);

        using EtcdMetadataStore wrong = Store(options with { User = "root", Password = "wrong" }), none = Store(options);
        await Assert.ThrowsAsync<MetadataRefusedException>(async () => await wrong.ReadAsync("", default));
        await Assert.ThrowsAsync<MetadataRefusedException>(async () => await none.ReadAsync("", default));
        await Assert.ThrowsAsync<MetadataRefusedException>(async () => await none.WatchAsync("", 1, default).GetAsyncEnumerator().MoveNextAsync());
    }

    /// <summary>Puts a key once, over all failures: where the outcome is not told, it is read.</summary>
    private static async Task CommitUntilKnownAsync(EtcdMetadataStore store, int number)
    {
        MetadataTransaction put = new()
        {
            Compares = [MetadataCompare.IsMissing($"k/{number}")],
            Puts = [new MetadataPut($"k/{number}", Encoding.UTF8.GetBytes($"{number}"))],
            ReadsOnFailure = [$"k/{number}"],
        };
        using CancellationTokenSource limit = new(Patience);
        while (true)
        {
            try
            {
                MetadataOutcome outcome = await store.CommitAsync(put, limit.Token);
                Assert.True(outcome.IsDone || outcome.Found[0].Entries.Count == 1);
                return;
            }
            catch (MetadataUnavailableException)
            {
                limit.Token.ThrowIfCancellationRequested(); // etcd elects a leader
            }
        }
    }

    private static async Task<List<int>> CollectAsync(EtcdMetadataStore store, long after, int count)
    {
        List<int> seen = [];
        await foreach (MetadataChanges changes in store.WatchAsync("k/", after, default))
        {
            seen.AddRange(changes.Changes.Select(change => int.Parse(Encoding.UTF8.GetString(change.Entry!.Value.Span))));
            if (seen.Count >= count)
                break;
        }
        return seen;
    }

    /// <summary>A seed by which a client begins with this one of its endpoints.</summary>
    private static int SeedOf(int first, int count) => Enumerable.Range(1, 1000).First(seed => new Random(seed).Next(count) == first);

    private static EtcdMetadataStore Store(EtcdOptions options) => new(options, TimeProvider.System, NullLogger.Instance);
}
