using VecSQL.Catalog.Metadata;
using VecSQL.Cluster.Metadata;
using VecSQL.Kit;

namespace VecSQL.Cluster.Tests.Metadata;

public sealed class NodeLeaseTests : IDisposable
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(2), Step = TimeSpan.FromMilliseconds(10);

    private readonly ManualTime _time = new();
    private readonly SteppedStore _store;
    private readonly TestNode _node;
    private readonly CancellationTokenSource _stop = new();

    public NodeLeaseTests()
    {
        OneThread.Begin();
        _store = new SteppedStore(_time);
        _node = new TestNode(_store, "n1", _time, seed: 1);
        _ = _node.Lease.RunAsync(_stop.Token);
    }

    public void Dispose() => _stop.Dispose();

    [Fact]
    public void A_node_has_its_lease_at_once_and_keeps_it()
    {
        OneThread.Begin();
        LeaseId lease = _node.Lease.Current;
        Assert.True(_node.Lease.Holds(lease));
        for (int i = 0; i < 3000; i++)
        {
            Pass(Step);
            Assert.True(_node.Lease.Holds(lease));
        }
        Assert.Equal(["taken 1"], _node.Told);
        Assert.Equal(lease, _store.Model.Read("alive/n1").Entries[0].Lease);
    }

    [Fact]
    public void Certainty_ends_by_the_clock_before_the_lease_does_and_comes_back_with_it()
    {
        OneThread.Begin();
        LeaseId lease = _node.Lease.Current;
        _store.IsDown = true;
        TimeSpan certain = default;
        for (; _node.Lease.Holds(lease); certain += Step)
            _time.Advance(Step);
        Assert.InRange(certain, Life * 0.89, Life * 0.91);
        Assert.InRange(_node.Lease.Lacking, TimeSpan.Zero, Step);
        Assert.Null(_store.Model.FindOverdue(certain));
        _store.IsDown = false;
        for (int i = 0; !_node.Lease.Holds(lease); i++)
        {
            Assert.True(i <= 20, "a try is due each fifth of a second at least");
            _time.Advance(Step);
        }
        Assert.Equal(TimeSpan.Zero, _node.Lease.Lacking);
        Assert.Equal(["taken 1"], _node.Told);
    }

    [Fact]
    public void A_lease_that_is_lost_is_told_and_another_taken_under_which_nothing_of_the_first_counts()
    {
        OneThread.Begin();
        LeaseId lease = _node.Lease.Current;
        _store.IsDown = true;
        Pass(Life * 2);
        Assert.False(_node.Lease.Holds(lease));
        Assert.Empty(_store.Model.Read("alive/").Entries);
        _store.IsDown = false;
        for (int i = 0; i < 100; i++)
            Pass(Step);
        Assert.Equal(["taken 1", "lost 1", "taken 2"], _node.Told);
        Assert.False(_node.Lease.Holds(lease));
        Assert.True(_node.Lease.Holds(_node.Lease.Current));
    }

    [Fact]
    public async Task A_node_is_not_certain_before_its_keys_are_there()
    {
        OneThread.Begin();
        SteppedStore store = new(_time) { LostRequests = 3 };
        TestNode node = new(store, "n2", _time, seed: 2);
        _ = node.Lease.RunAsync(_stop.Token);
        Task<LeaseId> taken = node.Lease.TakenAsync(default).AsTask();
        while (!taken.IsCompleted)
        {
            Assert.True(node.Lease.Current.IsNone);
            _time.Advance(Step);
        }
        Assert.Equal(node.Lease.Current, await taken);
        Assert.Equal(4, store.CommitCount);
        Assert.True(node.Lease.Holds(await taken));
    }

    [Fact]
    public async Task A_node_that_stops_gives_its_lease_up()
    {
        OneThread.Begin();
        LeaseId lease = _node.Lease.Current;
        await _stop.CancelAsync();
        await _node.Lease.ReleaseAsync(default);
        Assert.False(_node.Lease.Holds(lease));
        Assert.Empty(_store.Model.Read("").Entries);
    }

    [Fact]
    public void Nobody_is_certain_of_a_lease_that_has_ended_whatever_fails_and_whenever()
    {
        OneThread.Begin();
        int lost = 0;
        for (int seed = 1; seed <= 30; seed++)
        {
            Random random = new(seed);
            SteppedStore store = new(_time);
            TestNode node = new(store, "n", _time, seed);
            _ = node.Lease.RunAsync(_stop.Token);
            for (int i = 0; i < 2000; i++)
            {
                if (random.Next(100) == 0)
                    store.IsDown = !store.IsDown;
                if (random.Next(50) == 0)
                    store.LostAnswers = store.LostRequests = random.Next(2);
                _time.Advance(Step);
                store.Tick();
                LeaseId current = node.Lease.Current;
                if (node.Lease.Holds(current))
                    Assert.Equal(current, Assert.Single(store.Model.Read("alive/n").Entries).Lease);
            }
            lost += node.Told.Count(told => told.StartsWith("lost", StringComparison.Ordinal));
        }
        Assert.True(lost > 20, $"only {lost} leases were lost");
    }

    private void Pass(TimeSpan time)
    {
        _time.Advance(time);
        _store.Tick();
    }
}

/// <summary>A node that puts one key on its lease, and remembers what it was told.</summary>
internal sealed class TestNode : INodeLeaseHolder
{
    private readonly SteppedStore _store;
    private readonly string _name;

    public TestNode(SteppedStore store, string name, TimeProvider time, int seed)
    {
        _store = store;
        _name = name;
        Lease = new NodeLease(store, this, TimeSpan.FromSeconds(2), time, new Random(seed));
    }

    public NodeLease Lease { get; }

    public List<string> Told { get; } = [];

    public async ValueTask TakenAsync(LeaseId lease, CancellationToken cancellation)
    {
        await _store.CommitAsync(new MetadataTransaction { Puts = [new MetadataPut($"alive/{_name}", default, lease)] }, cancellation);
        Told.Add($"taken {lease.Value}");
    }

    public void Lost(LeaseId lease) => Told.Add($"lost {lease.Value}");
}
