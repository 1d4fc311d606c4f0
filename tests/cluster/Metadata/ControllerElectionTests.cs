using System.Text;
using VecSQL.Catalog.Metadata;
using VecSQL.Cluster.Metadata;
using VecSQL.Kit;

namespace VecSQL.Cluster.Tests.Metadata;

public sealed class ControllerElectionTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    private readonly ManualTime _time = new();
    private readonly SteppedStore _store;

    public ControllerElectionTests() => _store = new SteppedStore(_time);

    [Fact]
    public void The_first_is_elected_and_others_wait_until_it_is_gone()
    {
        OneThread.Begin();
        Candidate first = new(_store, "n1", _time, 1), second = new(_store, "n2", _time, 2);
        Pass(1);
        Assert.NotNull(first.Election.Term);
        Assert.True(first.Election.IsCertain);
        Assert.Null(second.Election.Term);
        first.Stop();
        Pass(300);
        Assert.NotNull(second.Election.Term);
        Assert.True(second.Election.Term.Revision > first.Terms[0].Revision);
        Assert.False(first.Election.IsCertain);
    }

    [Fact]
    public async Task One_that_was_replaced_cannot_commit_even_before_it_knows()
    {
        OneThread.Begin();
        Candidate first = new(_store, "n1", _time, 1);
        Pass(1);
        ControllerTerm term = first.Election.Term!;
        Assert.True((await CommitAsync(term)).IsDone);
        first.Stop(); // it hears nothing more
        Candidate second = new(_store, "n2", _time, 2);
        Pass(300);
        Assert.NotNull(second.Election.Term);
        Assert.Equal(term, first.Election.Term);
        Assert.False((await CommitAsync(term)).IsDone);
        Assert.True((await CommitAsync(second.Election.Term)).IsDone);
        ValueTask<MetadataOutcome> CommitAsync(ControllerTerm held) => _store.CommitAsync(new MetadataTransaction
        {
            Compares = [held.Fence],
            Puts = [new MetadataPut("work", Encoding.UTF8.GetBytes($"{held.Revision}"))],
        }, default);
    }

    [Fact]
    public void An_election_whose_outcome_was_not_told_is_known_by_the_key()
    {
        OneThread.Begin();
        Candidate only = new(_store, "n1", _time, 1, start: false);
        _store.LostAnswers = 1;
        only.StartElection();
        Pass(100);
        Assert.Single(only.Terms);
        Assert.Equal(_store.Model.Read("controller").Entries[0].Created, only.Election.Term?.Revision);
    }

    [Fact]
    public void An_election_that_was_not_done_is_tried_again()
    {
        OneThread.Begin();
        Candidate only = new(_store, "n1", _time, 1, start: false);
        _store.LostRequests = 2;
        only.StartElection();
        Assert.Null(only.Election.Term);
        Pass(300);
        Assert.NotNull(only.Election.Term);
    }

    [Fact]
    public void One_whose_key_goes_is_deposed_and_may_be_elected_again()
    {
        OneThread.Begin();
        Candidate only = new(_store, "n1", _time, 1);
        Pass(1);
        _store.Delete("controller");
        Pass(10);
        Assert.Equal(2, only.Terms.Count);
        Assert.Equal(only.Terms[0], Assert.Single(only.Ended));
        Assert.Equal(only.Terms[1], only.Election.Term);
    }

    [Fact]
    public void Other_keys_that_begin_alike_elect_nobody()
    {
        OneThread.Begin();
        _store.Put("controller-of-something", "x");
        Candidate only = new(_store, "n1", _time, 1);
        Pass(1);
        Assert.NotNull(only.Election.Term);
        _store.Delete("controller-of-something");
        Pass(1);
        Assert.Single(only.Terms);
    }

    [Fact]
    public void At_no_time_are_two_certain_whatever_fails_and_each_term_is_one_nodes()
    {
        OneThread.Begin();
        int elected = 0;
        for (int seed = 1; seed <= 30; seed++)
        {
            Random random = new(seed);
            SteppedStore store = new(_time);
            Candidate[] candidates = [.. Enumerable.Range(1, 3).Select(i => new Candidate(store, $"n{i}", _time, (seed * 10) + i))];
            for (int i = 0; i < 3000; i++)
            {
                if (random.Next(80) == 0)
                    store.IsDown = !store.IsDown;
                if (random.Next(40) == 0)
                    store.LostAnswers = store.LostRequests = random.Next(2);
                if (random.Next(200) == 0)
                    store.Model.Compact(store.Model.Revision);
                if (random.Next(150) == 0)
                    store.Delete("controller");
                _time.Advance(Step);
                store.Tick();
                Assert.True(candidates.Count(candidate => candidate.Election.IsCertain && store.Model.Read("controller").Entries is [var entry]
                    && entry.Created == candidate.Election.Term?.Revision) <= 1);
            }
            ControllerTerm[] terms = [.. candidates.SelectMany(candidate => candidate.Terms)];
            Assert.Equal(terms.Length, terms.Select(term => term.Revision).Distinct().Count());
            elected += terms.Length;
            foreach (Candidate candidate in candidates)
                candidate.Stop();
        }
        Assert.True(elected > 100, $"only {elected} terms");
    }

    private void Pass(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            _time.Advance(Step);
            _store.Tick();
        }
    }

    private sealed class Candidate : IElectionListener, IDisposable
    {
        private readonly CancellationTokenSource _stop = new();

        public Candidate(SteppedStore store, string name, ManualTime time, int seed, bool start = true)
        {
            Node = new TestNode(store, name, time, seed);
            Election = new ControllerElection(store, Node.Lease, "controller", Encoding.UTF8.GetBytes(name), this, time, new Random(seed));
            _ = Node.Lease.RunAsync(_stop.Token);
            if (start)
                StartElection();
        }

        public TestNode Node { get; }

        public ControllerElection Election { get; }

        public List<ControllerTerm> Terms { get; } = [];

        public List<ControllerTerm> Ended { get; } = [];

        public void StartElection() => _ = Election.RunAsync(_stop.Token);

        /// <summary>The node hangs: it neither keeps its lease nor hears anything.</summary>
        public void Stop() => _stop.Cancel();

        public void Dispose() => _stop.Dispose();

        public void Elected(ControllerTerm term) => Terms.Add(term);

        public void Deposed(ControllerTerm term) => Ended.Add(term);
    }
}
