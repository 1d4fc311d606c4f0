using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using VecSQL.Catalog.Metadata;
using VecSQL.Cluster.Etcd;

namespace VecSQL.Cluster.Tests.Etcd;

/// <summary>Answers that are not etcd's, or hardly: they end in an error of the seam's, and never in an answer that is none.</summary>
public sealed class HostileTests
{
    private const string Header = "\"header\":{\"cluster_id\":\"7\",\"member_id\":\"8\",\"revision\":\"9\",\"raft_term\":\"2\"}";
    private const string Key = "{\"key\":\"YQ==\",\"create_revision\":\"2\",\"mod_revision\":\"3\",\"version\":\"1\",\"value\":\"eA==\"}";

    public static TheoryData<string> Garbage =>
    [
        "", "null", "[]", "7", "\"x\"", "{", "{}", "{\"header\":null}", "{\"header\":{}}", "{\"header\":[]}", "\u00ff\u00fe", new('[', 5000),
        "{\"header\":{\"cluster_id\":\"x\"}}", "{\"header\":{\"cluster_id\":\"7\",\"revision\":\"99999999999999999999\"}}",
        $"{{{Header},\"kvs\":[null]}}", $"{{{Header},\"kvs\":7}}", $"{{{Header},\"kvs\":[{{\"key\":\"***\"}}]}}", $"{{{Header},\"kvs\":[{{}}]}}",
        $"{{{Header},\"kvs\":[{Key.Replace("YQ==", "/w==", StringComparison.Ordinal)}]}}", // no UTF-8
        $"{{{Header},\"kvs\":[{Key.Replace("YQ==", "Yg==", StringComparison.Ordinal)}]}}", // not the prefix
        $"{{{Header},\"kvs\":[{Key},{Key}]}}", $"{{{Header},\"kvs\":[{Key.Replace("\"3\"", "\"10\"", StringComparison.Ordinal)}]}}",
        "<html>", "{\"result\":{\"ID\":\"5\",\"TTL\":\"2\"}}",
    ];

    [Theory, MemberData(nameof(Garbage))]
    public async Task A_read_that_is_not_answered_properly_is_not_answered(string body)
    {
        await using FakeEtcd fake = new(_ => Encoding.Latin1.GetBytes(body));
        using EtcdMetadataStore store = Store(fake);
        await Assert.ThrowsAsync<MetadataUnavailableException>(async () => await store.ReadAsync("a", default));
        if (!body.Contains(Header, StringComparison.Ordinal))
        {
            MetadataUnavailableException unknown = await Assert.ThrowsAsync<MetadataUnavailableException>(async () =>
                await store.CommitAsync(new MetadataTransaction { Puts = [new MetadataPut("a", default)] }, default));
            Assert.True(unknown.IsOutcomeUnknown);
            await Assert.ThrowsAsync<MetadataUnavailableException>(async () => await store.GrantAsync(TimeSpan.FromSeconds(2), default));
            await Assert.ThrowsAsync<MetadataUnavailableException>(async () => await store.KeepAliveAsync(new LeaseId(5), default));
        }
    }

    [Fact]
    public async Task Damaged_answers_are_an_error_or_an_answer_that_could_be()
    {
        int mutations = int.TryParse(Environment.GetEnvironmentVariable("VECSQL_FUZZ_MUTATIONS"), out int wanted) ? wanted : 1500;
        byte[] whole = Encoding.UTF8.GetBytes($"{{{Header},\"kvs\":[{Key}],\"count\":\"1\"}}");
        byte[] body = whole;
        await using FakeEtcd fake = new(_ => body);
        Random random = new(5);
        int understood = 0;
        for (int i = 0; i < mutations; i++)
        {
            byte[] damaged = [.. whole];
            for (int hits = random.Next(1, 4); hits > 0; hits--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            body = damaged[..(random.Next(4) == 0 ? random.Next(damaged.Length) : damaged.Length)];
            using EtcdMetadataStore store = Store(fake);
            try
            {
                MetadataRange range = await store.ReadAsync("a", default);
                Assert.All(range.Entries, entry => Assert.True(entry.Key.StartsWith('a') && entry.Modified <= range.Revision));
                understood++;
            }
            catch (Exception error) when (error is MetadataUnavailableException or MetadataReplacedException)
            {
                // As it should be.
            }
        }
        Assert.InRange(understood, 1, mutations - 1);
    }

    [Theory]
    [InlineData("garbage\n")]
    [InlineData("{}\n")]
    [InlineData("{\"result\":{}}\n")]
    [InlineData("{\"result\":{HEADER,\"events\":[null]}}\n")]
    [InlineData("{\"result\":{HEADER,\"events\":[{\"kv\":{\"key\":\"YQ==\"}}]}}\n")]
    [InlineData("{\"result\":{HEADER,\"events\":[{\"kv\":KEY},{\"kv\":KEY}]}}\n")]
    [InlineData("{\"result\":{HEADER,\"events\":[{\"type\":\"MERGE\",\"kv\":KEY}]}}\n")]
    [InlineData("{\"error\":{\"grpc_code\":14,\"message\":\"etcdserver: no leader\"}}\n")]
    [InlineData("{\"result\":{HEADER,\"created\":true}}\n{\"result\":{HEADER,\"canceled\":true}}\n")]
    [InlineData("{\"result\":{HEADER,\"events\":[{\"kv\":KEY")]
    public async Task A_watch_goes_on_after_what_makes_no_sense_and_misses_nothing(string line)
    {
        int asked = 0;
        string good = $"{{\"result\":{{{Header},\"events\":[{{\"kv\":{Key}}}]}}}}\n";
        await using FakeEtcd fake = new(_ => Encoding.UTF8.GetBytes(asked++ == 0
            ? line.Replace("HEADER", Header, StringComparison.Ordinal).Replace("KEY", Key, StringComparison.Ordinal) : good));
        using EtcdMetadataStore store = Store(fake);
        await using IAsyncEnumerator<MetadataChanges> watch = store.WatchAsync("a", 2, default).GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(3, watch.Current.Revision);
        Assert.Equal("a", Assert.Single(watch.Current.Changes).Key);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task An_etcd_that_went_back_or_is_another_is_not_believed()
    {
        string revision = "9", cluster = "7";
        await using FakeEtcd fake = new(_ => Encoding.UTF8.GetBytes($"{{\"header\":{{\"cluster_id\":\"{cluster}\",\"revision\":\"{revision}\",\"raft_term\":\"2\"}}}}"));
        using EtcdMetadataStore store = Store(fake);
        Assert.Equal(9, (await store.ReadAsync("", default)).Revision);
        revision = "8";
        await Assert.ThrowsAsync<MetadataReplacedException>(async () => await store.ReadAsync("", default));
        revision = "10";
        cluster = "6";
        await Assert.ThrowsAsync<MetadataReplacedException>(async () => await store.ReadAsync("", default));
        cluster = "7";
        Assert.Equal(10, (await store.ReadAsync("", default)).Revision);
    }

    [Fact]
    public async Task A_lease_does_not_count_as_kept_alive_by_a_member_whose_term_is_over()
    {
        int term = 2;
        await using FakeEtcd fake = new(path =>
        {
            string header = $"\"header\":{{\"cluster_id\":\"7\",\"revision\":\"9\",\"raft_term\":\"{(path.EndsWith("range", StringComparison.Ordinal) ? term : 2)}\"}}";
            return Encoding.UTF8.GetBytes(path.EndsWith("keepalive", StringComparison.Ordinal) ? $"{{\"result\":{{{header},\"ID\":\"5\",\"TTL\":\"2\"}}}}" : $"{{{header}}}");
        });
        using EtcdMetadataStore store = Store(fake);
        Assert.True(await store.KeepAliveAsync(new LeaseId(5), default));
        term = 3;
        await Assert.ThrowsAsync<MetadataUnavailableException>(async () => await store.KeepAliveAsync(new LeaseId(5), default));
    }

    [Fact]
    public void Addresses_are_checked()
    {
        Assert.Equal(2, EtcdOptions.ParseEndpoints("http://127.0.0.1:2379, https://etcd.example:2379/").Count);
        foreach (string wrong in (string[])["", " , ", "127.0.0.1:2379", "ftp://a:1", "http://a:1/v3", "http://"])
            Assert.Throws<FormatException>(() => EtcdOptions.ParseEndpoints(wrong));
    }

    private static EtcdMetadataStore Store(FakeEtcd fake) =>
        new(new EtcdOptions { Endpoints = [fake.Address], Seed = 1, RequestTimeout = TimeSpan.FromSeconds(20), LeaseTimeout = TimeSpan.FromSeconds(20) },
            TimeProvider.System, NullLogger.Instance);
}
