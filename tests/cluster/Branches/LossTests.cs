using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Cluster.Branches;
using VecSQL.Cluster.Protocol;
using VecSQL.Cluster.Tests.Etcd;
using VecSQL.Cluster.Tests.Shards;
using VecSQL.Core.Errors;
using VecSQL.Executor.Fragments;
using VecSQL.Kit;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Tests.Branches;

/// <summary>Connections break, coordinators stop, primaries move: transactions are whole or absent all the same.</summary>
public sealed class LossTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_transaction_is_whole_or_absent_wherever_its_connections_break(bool cutsQuestions)
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage sound = rig.Coordinator(Place.Local);
        TableEntry table = await Tables.CreateAsync(sound, 3);
        int broken = 0;
        for (int bytes = 40, id = 0; bytes < 6000; bytes += 61, id += 10)
        {
            await using CutProxy proxy = new(rig.Address) { CutAfter = bytes, CutsQuestions = cutsQuestions };
            ShardedStorage storage = rig.Coordinator(Place.Remote, proxy.Address);
            long[] ids = [.. Enumerable.Range(id, 10).Select(static number => (long)number)];
            bool isCommitted = false, isUnknown = false;
            await using (ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted))
            {
                try
                {
                    await transaction.InsertAsync(table, ids);
                    await transaction.CommitAsync();
                    isCommitted = true;
                }
                catch (SqlException lost)
                {
                    isUnknown = lost.State == SqlState.TransactionResolutionUnknown;
                    Assert.True(isUnknown || lost.State == SqlState.SerializationFailure, lost.ToString());
                    broken++;
                }
            }
            proxy.CutNow();
            await rig.WaitUntilLeftAsync();
            await rig.SettleAsync();
            long[] found = [.. (await sound.IdsAsync(table)).Where(found => ids.Contains(found))];
            Assert.True(found.Length is 0 or 10, $"after {bytes} bytes there are {string.Join(',', found)}");
            if (!isUnknown)
                Assert.Equal(isCommitted, found.Length > 0);
        }
        Assert.InRange(broken, 5, 95);
    }

    [Fact]
    public async Task What_a_coordinator_has_left_prepared_asks_who_decides()
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage storage = rig.Coordinator(Place.Remote), sound = rig.Coordinator(Place.Local);
        TableEntry table = await Tables.CreateAsync(sound, 3);
        CutProxy proxy = new(rig.Address);
        ShardedStorage stopping = rig.Coordinator(Place.Remote, proxy.Address);
        ITransaction transaction = stopping.Begin(IsolationLevel.ReadCommitted);
        await transaction.InsertAsync(table, [.. Enumerable.Range(1, 20).Select(static id => (long)id)]);
        rig.Resolves = false; // else the transaction may be given up before it is decided
        rig.Catalog.BeforeCommit = proxy.CutNow; // once all are prepared
        transaction.Change(new PutObject(table with { Comment = "changed" }));
        await transaction.CommitAsync(); // in the catalog's log, and nobody can be told
        rig.Catalog.BeforeCommit = static () => { };
        await rig.WaitUntilLeftAsync();
        await rig.SettleAsync();
        Assert.Equal(20, (await storage.IdsAsync(table)).Length);
        await transaction.DisposeAsync();
        await proxy.DisposeAsync();
    }

    [Fact]
    public async Task What_is_prepared_and_left_is_looked_after_and_what_is_at_work_is_let_be()
    {
        await using BranchRig rig = BranchRig.Open();
        rig.Resolves = false;
        ShardedStorage sound = rig.Coordinator(Place.Local);
        TableEntry table = await Tables.CreateAsync(sound, 3);
        HashSet<string> live = ["live"];
        using CancellationTokenSource end = new();
        ManualTime time = new();
        OrphanResolver resolver = rig.Resolver((_, id) => live.Contains(id), time);
        Task running = resolver.RunAsync(end.Token);
        foreach (string id in (string[])["left", "live"])
        {
            ITransaction origin = sound.Begin(IsolationLevel.ReadCommitted);
            IBranch branch = rig.Engine(1).Begin(new Named((IBranchOrigin)origin, id));
            await branch.InsertAsync(table.Id, Tables.Rows((id == "live" ? 1 : 2, id)), default);
            await branch.PrepareAsync(id, new Decider(new ShardId(2)).Encode(), default);
        }
        resolver.Wake();
        while (rig.Engine(1).Prepared.Count != 1)
            await Task.Yield();
        Assert.Equal("live", rig.Engine(1).Prepared[0].GlobalId);
        live.Clear();
        rig.NotServed.Add(new ShardId(1));
        resolver.Wake();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(rig.Engine(1).Prepared);
        rig.NotServed.Clear(); // of which nobody tells
        while (rig.Engine(1).Prepared.Count != 0)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        Assert.Empty(await sound.IdsAsync(table)); // nobody has decided
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_shard_that_has_moved_is_told_of_as_a_conflict()
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage storage = rig.Coordinator(Place.Remote);
        TableEntry table = await Tables.CreateAsync(storage, 3);
        rig.NotServed.Add(new ShardId(2));
        await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
        SqlException moved = await Assert.ThrowsAsync<SqlException>(() => transaction.InsertAsync(table, [.. Enumerable.Range(1, 20).Select(static id => (long)id)]));
        Assert.Equal(SqlState.SerializationFailure, moved.State);
        await transaction.RollbackAsync();
        rig.NotServed.Clear();
        await using ITransaction again = storage.Begin(IsolationLevel.ReadCommitted);
        await again.InsertAsync(table, 1, 2, 3);
        await again.CommitAsync();
        Assert.Equal(3, (await storage.IdsAsync(table)).Length);
    }

    [Fact]
    public async Task A_branch_that_could_not_begin_can_when_its_transaction_goes_back_and_tries_again()
    {
        await using BranchRig rig = BranchRig.Open();
        ShardedStorage storage = rig.Coordinator(Place.Remote);
        TableEntry table = await Tables.CreateAsync(storage, 3);
        long[] ids = [.. Enumerable.Range(1, 20).Select(static id => (long)id)];
        await using ITransaction transaction = storage.Begin(IsolationLevel.ReadCommitted);
        int savepoint = transaction.Savepoint();
        rig.NotServed.Add(new ShardId(2));
        for (int i = 0; i < 2; i++)
        {
            SqlException moved = await Assert.ThrowsAsync<SqlException>(() => transaction.InsertAsync(table, ids));
            Assert.Equal("40001: the shard's primary has moved", $"{moved.State}: {moved.Message}");
            transaction.RollbackTo(savepoint);
        }
        rig.NotServed.Clear();
        await transaction.InsertAsync(table, ids);
        await transaction.CommitAsync();
        Assert.Equal(ids, (await storage.IdsAsync(table)).Order());
    }

    [Fact]
    public async Task A_branch_whose_shard_has_moved_says_so_to_whatever_is_asked_of_it()
    {
        await using ShardRig rig = new(3);
        ShardRig.RigNode old = await rig.PromoteAsync();
        foreach (ShardRig.RigNode node in rig.Nodes)
            node.FollowCatalog();
        BeginRecord begin = new() { Shard = ShardRig.Shard.Value, GlobalId = "one" };
        ServedBranch branch = new(old.Engine, new TestCatalog(), begin, new ServedHolders(), new FragmentResources(1 << 20, Path.GetTempPath(), 1), rig.Time);
        await branch.RunAsync(new CallRecord { Kind = (int)BranchCallKind.Savepoint }, new BranchReply(), default);
        await rig.PromoteAsync([.. rig.Nodes.Where(node => node != old).Select(static node => node.Id.Value)]);
        rig.Configure(static state => state);
        await rig.UntilAsync(() => !old.Replica!.IsServing);
        foreach ((BranchCallKind kind, int number) in ((BranchCallKind, int)[])
        [
            (BranchCallKind.Savepoint, 0), (BranchCallKind.RollbackTo, 1), (BranchCallKind.Savepoint, 0), (BranchCallKind.Release, 2), (BranchCallKind.RollbackTo, 0),
        ])
        {
            SqlException moved = await Assert.ThrowsAsync<SqlException>(
                () => branch.RunAsync(new CallRecord { Kind = (int)kind, Number = number }, new BranchReply(), default).AsTask());
            Assert.Equal("40001: the shard's primary has moved", $"{moved.State}: {moved.Message}");
        }
        await branch.Branch.RollbackAsync();
    }

    /// <summary>A transaction under another name.</summary>
    private sealed class Named(IBranchOrigin origin, string name) : IBranchOrigin
    {
        public IsolationLevel Isolation => origin.Isolation;

        public bool IsReadOnly => origin.IsReadOnly;

        public TimeSpan LockPatience => origin.LockPatience;

        public string GlobalId => name;

        public CatalogSnapshot Committed => origin.Committed;

        public CatalogSnapshot Catalog => origin.Catalog;

        public IReadOnlyList<CatalogChange> Definitions => [];
    }
}
