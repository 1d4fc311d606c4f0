using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Transport;
using VecSQL.Core.Errors;
using VecSQL.Flight.Grpc;
using VecSQL.Kit;

namespace VecSQL.Cluster.Tests.Transport;

public sealed class ClusterTimestampsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ManualTime _time = new();
    private readonly Queue<(NodeId Node, int Count, TaskCompletionSource<long> Answer)> _calls = new();
    private NodeId _controller = new(1);
    private bool _isCutOff;

    [Fact]
    public async Task Those_who_come_while_a_call_is_under_way_share_the_next()
    {
        ClusterTimestamps timestamps = Timestamps();
        Task<long> first = timestamps.NextAsync(0, 1).AsTask();
        Task<long>[] others = [.. Enumerable.Range(0, 5).Select(i => timestamps.NextAsync(0, 2).AsTask())];
        Assert.Equal(1, Assert.Single(_calls).Count);
        await AnswerAsync(100);
        Assert.Equal(100, await first);
        Assert.Equal(10, Assert.Single(_calls).Count);
        await AnswerAsync(200);
        long[] taken = await Task.WhenAll(others);
        Assert.Equal([200, 202, 204, 206, 208], taken);
        Assert.Empty(_calls);
    }

    [Fact]
    public async Task A_controller_that_is_gone_is_asked_again_and_then_the_next()
    {
        ClusterTimestamps timestamps = Timestamps();
        Task<long> taken = timestamps.NextAsync(0, 1).AsTask();
        _calls.Dequeue().Answer.SetException(new GrpcException(GrpcStatusCode.Unavailable, "gone"));
        _controller = default;
        Pass();
        Assert.Empty(_calls);
        _controller = new NodeId(2);
        Pass();
        Assert.Equal(new NodeId(2), Assert.Single(_calls).Node);
        await AnswerAsync(7);
        Assert.Equal(7, await taken);
    }

    [Fact]
    public async Task A_timestamp_that_is_not_above_those_before_is_not_given()
    {
        ClusterTimestamps timestamps = Timestamps();
        Task<long> first = timestamps.NextAsync(0, 10).AsTask();
        await AnswerAsync(100);
        Assert.Equal(100, await first);
        Task<long> second = timestamps.NextAsync(0, 1).AsTask();
        await AnswerAsync(109);
        Pass();
        await AnswerAsync(110);
        Assert.Equal(110, await second);
        Task<long> third = timestamps.NextAsync(after: 500, 1).AsTask();
        await AnswerAsync(500);
        Pass();
        await AnswerAsync(501);
        Assert.Equal(501, await third);
    }

    [Fact]
    public async Task Who_waits_too_long_is_told_and_others_may_ask_again()
    {
        ClusterTimestamps timestamps = Timestamps();
        _controller = default;
        Task<long> taken = timestamps.NextAsync(0, 1).AsTask();
        for (int i = 0; i < 200; i++)
            Pass();
        SqlException failure = await Assert.ThrowsAsync<SqlException>(() => taken);
        Assert.Equal(SqlState.CannotConnectNow, failure.State);
        _controller = new NodeId(1);
        Task<long> again = timestamps.NextAsync(0, 1).AsTask();
        await AnswerAsync(3);
        Assert.Equal(3, await again);
    }

    [Fact]
    public async Task A_node_that_is_cut_off_says_so_at_once()
    {
        ClusterTimestamps timestamps = Timestamps();
        (_controller, _isCutOff) = (default, true);
        Task<long> taken = timestamps.NextAsync(0, 1).AsTask();
        SqlException failure = await Assert.ThrowsAsync<SqlException>(() => taken);
        Assert.Equal((SqlState.CannotConnectNow, "this node is cut off from its cluster"), (failure.State, failure.Message));
    }

    [Fact]
    public async Task Many_at_once_get_timestamps_of_their_own()
    {
        long next = 0;
        ClusterTimestamps timestamps = new(() => new NodeId(1), async (_, count, _) =>
        {
            await Task.Yield();
            return Interlocked.Add(ref next, count) - count + 1;
        }, () => false, Patience, TimeProvider.System, new Random(1));
        long[] taken = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => Task.Run(() => timestamps.NextAsync(0, 1 + (i % 3)).AsTask())));
        SortedSet<long> all = [];
        for (int i = 0; i < taken.Length; i++)
        {
            for (int j = 0; j <= i % 3; j++)
                Assert.True(all.Add(taken[i] + j));
        }
    }

    private ClusterTimestamps Timestamps()
    {
        OneThread.Begin();
        return new ClusterTimestamps(() => _controller, (node, count, _) =>
        {
            TaskCompletionSource<long> answer = new();
            _calls.Enqueue((node, count, answer));
            return new ValueTask<long>(answer.Task);
        }, () => _isCutOff, Patience, _time, new Random(1));
    }

    private Task AnswerAsync(long first)
    {
        _calls.Dequeue().Answer.SetResult(first);
        return Task.CompletedTask;
    }

    private void Pass() => _time.Advance(TimeSpan.FromMilliseconds(100));
}
