using System.Text;
using VecSQL.Catalog.Metadata;
using VecSQL.Cluster.Metadata;
using VecSQL.Kit;

namespace VecSQL.Cluster.Tests.Metadata;

public sealed class PrefixFollowerTests
{
    private readonly ManualTime _time = new();
    private readonly SteppedStore _store;
    private readonly IAsyncEnumerator<MetadataChanges> _follower;

    public PrefixFollowerTests()
    {
        _store = new SteppedStore(_time);
        _follower = new PrefixFollower(_store, "a/", _time, new Random(1)).FollowAsync(default).GetAsyncEnumerator();
    }

    [Fact]
    public void All_that_is_there_comes_first_and_then_each_change()
    {
        OneThread.Begin();
        _store.Put("a/1", "x");
        _store.Put("b", "no");
        Assert.Equal("3: a/1=x", Next());
        Task<bool> waiting = _follower.MoveNextAsync().AsTask();
        _store.Put("b", "no");
        Assert.False(waiting.IsCompleted);
        _store.Put("a/2", "y");
        Assert.True(waiting.IsCompletedSuccessfully); // on the thread that made the change
        Assert.Equal("5: a/2=y", Shown(_follower.Current));
        _store.Delete("a/1", "b");
        Assert.Equal("6: a/1 gone", Next());
    }

    [Fact]
    public void An_empty_prefix_is_told_too()
    {
        OneThread.Begin();
        Assert.Equal("1: ", Next());
    }

    [Fact]
    public void What_was_forgotten_comes_as_one_change()
    {
        OneThread.Begin();
        _store.Put("a/stays", "1");
        _store.Put("a/goes", "1");
        _store.Put("a/changes", "1");
        Assert.Equal("4: a/changes=1, a/goes=1, a/stays=1", Next());
        _store.Put("a/changes", "2");
        _store.Put("a/again", "1");
        _store.Delete("a/goes", "a/stays");
        _store.Put("a/stays", "1");
        _store.Model.Compact(6);
        Assert.Equal("8: a/again=1, a/changes=2, a/goes gone, a/stays=1", Next());
        _store.Put("a/goes", "2");
        Assert.Equal("9: a/goes=2", Next());
    }

    [Fact]
    public void What_was_forgotten_and_is_as_it_was_is_no_change()
    {
        OneThread.Begin();
        _store.Put("a/1", "x");
        Next();
        for (int i = 0; i < 10; i++)
            _store.Put("b", "y");
        _store.Model.Compact(8);
        Task<bool> waiting = _follower.MoveNextAsync().AsTask();
        Assert.False(waiting.IsCompleted);
        _store.Put("a/1", "z");
        Assert.True(waiting.IsCompletedSuccessfully);
        Assert.Equal("13: a/1=z", Shown(_follower.Current));
    }

    [Fact]
    public void A_store_that_does_not_answer_is_asked_again()
    {
        OneThread.Begin();
        _store.IsDown = true;
        Task<bool> waiting = _follower.MoveNextAsync().AsTask();
        for (int i = 0; i < 20; i++)
            _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(waiting.IsCompleted);
        _store.IsDown = false;
        _store.Put("a/1", "x");
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(waiting.IsCompletedSuccessfully);
        Assert.Equal("2: a/1=x", Shown(_follower.Current));
    }

    [Fact]
    public async Task An_older_state_is_never_told()
    {
        OneThread.Begin();
        MetadataState older = _store.Model.Capture();
        _store.Put("a/1", "x");
        Next();
        _store.Restore(older);
        _store.BreaksWatches = true;
        Task<bool> next = _follower.MoveNextAsync().AsTask();
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(next.IsFaulted);
        await Assert.ThrowsAsync<MetadataReplacedException>(() => next);
    }

    [Fact]
    public void Random_histories_with_gaps_end_in_the_same_state()
    {
        OneThread.Begin();
        for (int seed = 1; seed <= 50; seed++)
        {
            Random random = new(seed);
            SteppedStore store = new(_time);
            SortedDictionary<string, string> state = [], truth = [];
            IAsyncEnumerator<MetadataChanges> follower = new PrefixFollower(store, "", _time, new Random(seed)).FollowAsync(default).GetAsyncEnumerator();
            long last = 0;
            for (int i = 0; i < 200; i++)
            {
                string key = $"k{random.Next(6)}", value = $"{i}";
                if (random.Next(3) > 0)
                {
                    store.Put(key, value);
                    truth[key] = value;
                }
                else if (truth.Remove(key))
                    store.Delete(key);
                if (random.Next(10) == 0)
                    store.Model.Compact(store.Model.Revision - random.Next(3));
                if (random.Next(4) > 0 && i != 199)
                    continue;
                while (last < store.Model.Revision)
                {
                    Task<bool> next = follower.MoveNextAsync().AsTask();
                    Assert.True(next.IsCompletedSuccessfully);
                    Assert.True(follower.Current.Revision > last);
                    last = follower.Current.Revision;
                    foreach (MetadataChange change in follower.Current.Changes)
                    {
                        if (change.Entry is { } entry)
                            state[change.Key] = Encoding.UTF8.GetString(entry.Value.Span);
                        else
                            Assert.True(state.Remove(change.Key));
                    }
                }
                Assert.Equal(truth, state);
            }
        }
    }

    private string Next()
    {
        Task<bool> next = _follower.MoveNextAsync().AsTask();
        Assert.True(next.IsCompletedSuccessfully, "it waits");
        return Shown(_follower.Current);
    }

    private static string Shown(MetadataChanges changes) => $"{changes.Revision}: {string.Join(", ", changes.Changes.Select(change =>
        change.Entry is { } entry ? $"{change.Key}={Encoding.UTF8.GetString(entry.Value.Span)}" : $"{change.Key} gone"))}";
}
