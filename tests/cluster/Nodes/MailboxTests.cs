using VecSQL.Cluster.Nodes;

namespace VecSQL.Cluster.Tests.Nodes;

public sealed class MailboxTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task What_is_posted_by_many_runs_one_at_a_time_and_in_the_order_of_each()
    {
        Mailbox mailbox = new(error => Assert.Fail(error.ToString()));
        List<(int Thread, int Number)> ran = []; // unguarded: only one writes
        TaskCompletionSource done = new();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                int number = i;
                mailbox.Post(() =>
                {
                    ran.Add((thread, number));
                    if (ran.Count == 8000)
                        done.SetResult();
                });
            }
        })));
        await done.Task.WaitAsync(Patience);
        for (int thread = 0; thread < 8; thread++)
            Assert.Equal(Enumerable.Range(0, 1000), ran.Where(item => item.Thread == thread).Select(item => item.Number));
    }

    [Fact]
    public async Task What_is_awaited_goes_on_in_the_mailbox()
    {
        Mailbox mailbox = new(error => Assert.Fail(error.ToString()));
        TaskCompletionSource<bool> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource outside = new(TaskCreationOptions.RunContinuationsAsynchronously);
        mailbox.Post(() => _ = RunAsync());
        outside.SetResult();
        Assert.True(await done.Task.WaitAsync(Patience));
        async Task RunAsync()
        {
            await outside.Task;
            done.SetResult(SynchronizationContext.Current == mailbox);
        }
    }

    [Fact]
    public async Task An_error_ends_the_mailbox_and_is_told_once()
    {
        TaskCompletionSource<Exception> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Mailbox mailbox = new(told.SetResult);
        bool hasRun = false;
        mailbox.Post(() => throw new InvalidOperationException("first"));
        mailbox.Post(() => hasRun = true);
        mailbox.Post(() => throw new InvalidOperationException("second"));
        Assert.Equal("first", (await told.Task.WaitAsync(Patience)).Message);
        Assert.False(hasRun);
    }
}
