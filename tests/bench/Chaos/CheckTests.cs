using VecSQL.Bench.Chaos;

namespace VecSQL.Bench.Tests.Chaos;

/// <summary>That what checks a cluster finds what it is for.</summary>
public sealed class CheckTests
{
    [Fact]
    public void Reads_between_their_call_and_answer_are_right()
    {
        List<RegisterCall> writes = [Call(1, 0, 10), Call(2, 20, 30), Call(3, 40, 50, CallOutcome.Unknown), Call(4, 60, 70, CallOutcome.Refused), Call(5, 80, 90)];
        Assert.Empty(Registers.Check(writes, [Call(0, 0, 5), Call(1, 5, 6), Call(1, 12, 13), Call(1, 21, 40), Call(2, 21, 35), Call(2, 51, 55), Call(3, 61, 65)]));
        Assert.Empty(Registers.Check(writes, [Call(3, 45, 46), Call(3, 71, 72), Call(5, 95, 96)]));
    }

    [Theory]
    [InlineData(1, 31, 32, "1 was read at 00:00:31 after 2 was known")] // acknowledged before
    [InlineData(2, 46, 47, "2 was read at 00:00:46 after 3 was known")] // read before
    [InlineData(4, 71, 72, "4 was read at 00:01:11, whose write was refused")]
    [InlineData(5, 71, 75, "5 was read at 00:01:11, which nobody had written")] // not begun yet
    [InlineData(9, 95, 96, "9 was read at 00:01:35, which nobody had written")]
    public void Reads_of_another_time_are_found(long value, int start, int end, string told)
    {
        List<RegisterCall> writes = [Call(1, 0, 10), Call(2, 20, 30), Call(3, 40, 50, CallOutcome.Unknown), Call(4, 60, 70, CallOutcome.Refused), Call(5, 80, 90)];
        Assert.Equal([told], Registers.Check(writes, [Call(3, 44, 45), Call(value, start, end)]));
    }

    [Fact]
    public void Batches_that_are_lost_done_though_refused_or_torn_are_found()
    {
        Events events = new(rowsMax: 20);
        events.Note(1, 5, CallOutcome.Done);
        events.Note(2, 5, CallOutcome.Refused);
        events.Note(3, 5, CallOutcome.Unknown);
        Assert.Empty(events.Check(new Dictionary<long, long> { [1] = 5 }));
        Assert.Empty(events.Check(new Dictionary<long, long> { [1] = 5, [3] = 5 }));
        Assert.Equal(0, events.CountLost(new Dictionary<long, long> { [1] = 5 }));
        Assert.Equal(1, events.CountLost(new Dictionary<long, long> { [3] = 5 }));
        Assert.Equal(
            ["of the 5 rows of batch 1, which was acknowledged, 4 are there", "of batch 2, which was refused, 5 rows are there", "of the 5 rows of batch 3 1 are there",
                "1 rows of batch 9 are there, which nobody inserted"],
            events.Check(new Dictionary<long, long> { [1] = 4, [2] = 5, [3] = 1, [9] = 1 }).Order(StringComparer.Ordinal)
                .OrderBy(static told => told.Contains("batch 1") ? 1 : told.Contains("batch 2") ? 2 : told.Contains("batch 3") ? 3 : 4));
    }

    [Fact]
    public void Money_that_is_made_or_lost_is_found()
    {
        Bank bank = new();
        bank.Note(1, CallOutcome.Done);
        bank.Note(2, CallOutcome.Refused);
        Dictionary<int, long> balances = Enumerable.Range(0, Bank.AccountCount).ToDictionary(static id => id, static _ => 1000L);
        (balances[3], balances[4]) = (990, 1010);
        Assert.Empty(bank.Check(balances, new Dictionary<long, (int, int, long)> { [1] = (3, 4, 10) }));
        Assert.Equal(["transfer 1, which was acknowledged, is not there", "account 3 has 990, not the 1000 that its transfers make",
            "account 4 has 1010, not the 1000 that its transfers make"], bank.Check(balances, new Dictionary<long, (int, int, long)>()));
        Assert.Equal(["transfer 2, which was refused, is there"],
            bank.Check(balances, new Dictionary<long, (int, int, long)> { [1] = (3, 4, 10), [2] = (5, 5, 7) }));
    }

    private static RegisterCall Call(long value, int start, int end, CallOutcome outcome = CallOutcome.Done) =>
        new(value, TimeSpan.FromSeconds(start), TimeSpan.FromSeconds(end), outcome);
}
