using System.Text;
using VecSQL.Catalog.Metadata;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Tests.Metadata;

/// <summary>What only the model shows; what every store must do is in the contract that tests/cluster runs.</summary>
public sealed class MetadataModelTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly MetadataModel _model = new();

    [Fact]
    public void A_step_changes_nothing_before_it_is_applied()
    {
        (MetadataOutcome outcome, MetadataStep? step) = _model.Decide(Put("a", "1"));
        Assert.Equal(new MetadataOutcome(true, 2, []).Revision, outcome.Revision);
        Assert.Equal(1, _model.Revision);
        Assert.Empty(_model.Read("").Entries);
        _model.Apply(step!, default);
        Assert.Equal(2, _model.Revision);
        Assert.Equal("a", Assert.Single(_model.Read("").Entries).Key);
    }

    [Fact]
    public void What_is_put_is_a_copy()
    {
        byte[] value = [1, 2, 3];
        Do(new MetadataTransaction { Puts = [new MetadataPut("a", value)] });
        value[0] = 9;
        Assert.Equal([1, 2, 3], _model.Read("a").Entries[0].Value.ToArray());
    }

    [Fact]
    public void A_lease_ends_when_its_time_is_over_and_not_before()
    {
        LeaseId lease = Grant(3 * Second, at: Second);
        Do(Put("a", "1", lease));
        Assert.Equal(4 * Second, _model.NextEnd);
        Assert.Null(_model.FindOverdue((4 * Second) - TimeSpan.FromTicks(1)));
        Assert.True(_model.KeepAlive(lease, 3 * Second));
        Assert.Null(_model.FindOverdue(5 * Second));
        Assert.Equal(lease, _model.FindOverdue(6 * Second));
        Assert.False(_model.KeepAlive(lease, 6 * Second));
        _model.Apply(_model.End(lease)!, 6 * Second);
        Assert.Empty(_model.Read("").Entries);
        Assert.Null(_model.NextEnd);
        Assert.Null(_model.End(lease));
    }

    [Fact]
    public void Leases_whose_time_is_over_end_in_the_order_of_their_times()
    {
        LeaseId late = Grant(5 * Second, default), early = Grant(2 * Second, default), same = Grant(2 * Second, default);
        List<LeaseId> ended = [];
        while (_model.FindOverdue(10 * Second) is { } lease)
        {
            ended.Add(lease);
            _model.Apply(_model.End(lease)!, 10 * Second);
        }
        Assert.Equal([early, same, late], ended);
    }

    [Fact]
    public void A_key_goes_with_the_lease_that_it_was_put_on_last()
    {
        LeaseId first = Grant(Second, default), second = Grant(Second, default);
        Do(Put("a", "1", first));
        Do(Put("a", "2", second));
        Do(Put("b", "1", second));
        Do(Put("b", "2"));
        _model.Apply(_model.End(first)!, default);
        Assert.Equal(5, _model.Revision);
        _model.Apply(_model.End(second)!, default);
        Assert.Equal(6, _model.Revision);
        Assert.Equal(["b"], _model.Read("").Entries.Select(entry => entry.Key));
    }

    [Fact]
    public void History_is_kept_within_its_memory_and_older_watches_are_told()
    {
        MetadataModel model = new() { HistoryBytesMax = 20_000 };
        for (int i = 0; i < 1000; i++)
            model.Apply(model.Decide(Put($"k{i % 7}", new string('x', 100))).Step!, default);
        Assert.InRange(model.OldestKept, 800, 990);
        IReadOnlyList<MetadataChanges> kept = model.ChangesAfter("", model.OldestKept - 1, int.MaxValue);
        Assert.Equal(Enumerable.Range((int)model.OldestKept, kept.Count).Select(revision => (long)revision), kept.Select(changes => changes.Revision));
        Assert.Equal(model.Revision, kept[^1].Revision);
        Assert.Equal(model.OldestKept, Assert.Throws<MetadataCompactedException>(() => model.ChangesAfter("", model.OldestKept - 2, 1)).OldestKept);
    }

    [Fact]
    public void A_captured_state_goes_on_as_the_model_does()
    {
        LeaseId lease = Grant(2 * Second, default);
        Do(Put("a", "1", lease));
        Do(Put("b", "2"));
        MetadataModel other = new(_model.Capture(), 100 * Second);
        Assert.Equal(_model.Read("").Entries, other.Read("").Entries);
        Assert.Equal(_model.Revision, other.Revision);
        Assert.Equal(102 * Second, other.NextEnd);
        Assert.Empty(other.ChangesAfter("", other.Revision, 1));
        Assert.Throws<MetadataCompactedException>(() => other.ChangesAfter("", other.Revision - 1, 1));
        Assert.Equal(_model.Grant(Second), other.Grant(Second));
    }

    [Fact]
    public void A_step_of_another_state_is_refused()
    {
        MetadataStep delete = new() { Deletes = ["nothing"] };
        Assert.Throws<InvariantException>(() => _model.Apply(delete, default));
        Assert.Throws<InvariantException>(() => new MetadataModel().Apply(new MetadataStep { Ended = new LeaseId(7) }, default));
    }

    private void Do(MetadataTransaction transaction) => _model.Apply(_model.Decide(transaction).Step!, default);

    private LeaseId Grant(TimeSpan time, TimeSpan at)
    {
        MetadataStep step = _model.Grant(time);
        _model.Apply(step, at);
        return step.Granted;
    }

    private static MetadataTransaction Put(string key, string value, LeaseId lease = default) =>
        new() { Puts = [new MetadataPut(key, Encoding.UTF8.GetBytes(value), lease)] };
}
