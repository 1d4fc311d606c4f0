using System.Text;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Jobs;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Shards;
using VecSQL.Storage;
using VecSQL.Storage.Files;

namespace VecSQL.Cluster.Tests.Nodes;

public sealed class ClusterNodeTests
{
    private readonly TestCluster _cluster = new();

    [Fact]
    public void Nodes_get_ids_in_order_and_see_each_other()
    {
        OneThread.Begin();
        TestMember first = _cluster.Add("n1", "a"), second = _cluster.Add("n2", "b");
        _cluster.Pass(1);
        Assert.Equal((1, 2), (first.Id.Value, second.Id.Value));
        foreach (ClusterNode node in _cluster.Nodes)
        {
            Assert.Equal(["n1", "n2"], node.DescribeNodes().Select(view => view.Record.Name));
            Assert.All(node.DescribeNodes(), view => Assert.Equal(NodeState.Healthy, view.State));
            Assert.Equal(new NodeId(1), node.View.Controller);
        }
        Assert.Equal(first.Membership!.ClusterId, second.Membership!.ClusterId);
        Assert.Equal(first.Membership.Secret.ToArray(), second.Membership.Secret.ToArray());
        Assert.Equal("b", first.Node!.View.FindNode(second.Id)?.Zone);
    }

    [Fact]
    public void A_node_that_comes_back_is_the_same_once_its_lease_is_over()
    {
        OneThread.Begin();
        TestMember member = _cluster.Add("n1");
        _cluster.Add("n2");
        _cluster.Pass(1);
        member.Kill();
        member.Start();
        _cluster.Pass(1);
        Assert.Null(member.Node); // the process before is alive, as far as anybody can know
        _cluster.Pass(3);
        Assert.Equal(1, member.Id.Value);
        Assert.Equal(2, member.Node!.DescribeNodes().Length);
    }

    [Fact]
    public async Task A_copied_directory_is_refused_while_the_node_is_alive()
    {
        OneThread.Begin();
        TestMember member = _cluster.Add("n1");
        _cluster.Pass(1);
        TestMember copy = new(_cluster, "n9", "");
        Copy(member.Disk, copy.Disk);
        copy.Start();
        _cluster.Pass(10);
        JoinRefusedException refusal = await Assert.ThrowsAsync<JoinRefusedException>(() => copy.Joining!);
        Assert.Contains("another process", refusal.Message);
        Assert.False(member.Node!.Refused.IsCompleted);
    }

    [Fact]
    public void A_process_that_was_away_gives_way_to_the_one_that_took_its_place()
    {
        OneThread.Begin();
        TestMember member = _cluster.Add("n1");
        _cluster.Pass(1);
        TestMember copy = new(_cluster, "n1", "");
        Copy(member.Disk, copy.Disk);
        _cluster.Store.Model.Apply(_cluster.Store.Model.End(member.Node!.Lease.Current)!, default); // as if it had been cut off
        copy.Start();
        _cluster.Pass(5);
        Assert.Equal(member.Id, copy.Id);
        Assert.Contains("another process", member.Refusal);
        Assert.False(copy.Node!.Refused.IsCompleted);
        Assert.False(member.Node.Lease.Holds(member.Node.Lease.Current));
    }

    [Fact]
    public async Task A_name_of_a_live_node_is_refused()
    {
        OneThread.Begin();
        _cluster.Add("n1");
        _cluster.Pass(1);
        TestMember other = _cluster.Add("n1");
        _cluster.Pass(12);
        JoinRefusedException refusal = await Assert.ThrowsAsync<JoinRefusedException>(() => other.Joining!);
        Assert.Contains("choose another --node-name", refusal.Message);
    }

    [Fact]
    public async Task A_node_whose_disk_is_empty_is_a_new_one_and_replaces_the_one_of_its_name()
    {
        OneThread.Begin();
        TestMember member = _cluster.Add("n1");
        _cluster.Add("n2");
        _cluster.Pass(1);
        FaultyFileSystem before = member.Disk;
        member.Kill();
        _cluster.Pass(5);
        member.Disk = new FaultyFileSystem(new FaultPlan());
        member.Start();
        _cluster.Pass(1);
        Assert.Equal(3, member.Id.Value);
        Assert.Equal([2, 3], member.Node!.DescribeNodes().Select(view => view.Id.Value));
        Assert.Equal(new NodeId(3), member.Node.View.FindNode(new NodeId(1))?.ReplacedBy);
        TestMember old = new(_cluster, "n1", "") { Disk = before };
        old.Start();
        JoinRefusedException refusal = await Assert.ThrowsAsync<JoinRefusedException>(() => old.Joining!);
        Assert.Contains("replaced by node 3", refusal.Message);
    }

    [Fact]
    public void A_node_may_change_its_name()
    {
        OneThread.Begin();
        TestMember member = _cluster.Add("n1");
        _cluster.Pass(1);
        member.Kill();
        _cluster.Pass(5);
        member.Start("other");
        _cluster.Pass(1);
        Assert.Equal("other", Assert.Single(member.Node!.DescribeNodes()).Record.Name);
        TestMember second = _cluster.Add("n1");
        _cluster.Add("n2");
        _cluster.Pass(1);
        Assert.Equal(2, second.Id.Value);
    }

    [Fact]
    public async Task A_directory_of_another_cluster_is_refused()
    {
        OneThread.Begin();
        TestMember member = _cluster.Add("n1");
        _cluster.Pass(1);
        TestCluster elsewhere = new();
        elsewhere.NextProcess();
        TestMember strange = elsewhere.Add("n1");
        elsewhere.Pass(1);
        member.Kill();
        _cluster.Pass(5);
        member.Disk = strange.Disk;
        member.Start();
        JoinRefusedException refusal = await Assert.ThrowsAsync<JoinRefusedException>(() => member.Joining!);
        Assert.Contains("this directory is node 1 of cluster", refusal.Message);
    }

    [Fact]
    public void A_lost_answer_to_the_registration_gives_no_second_id()
    {
        OneThread.Begin();
        _cluster.Store.LostAnswers = 2;
        TestMember member = _cluster.Add("n1");
        _cluster.Pass(1);
        Assert.Equal(1, member.Id.Value);
        Assert.Equal("1", Encoding.ASCII.GetString(_cluster.Store.Model.Read("last-node").Entries[0].Value.Span));
    }

    [Fact]
    public void A_store_that_is_down_at_the_start_is_waited_for()
    {
        OneThread.Begin();
        _cluster.Store.IsDown = true;
        TestMember member = _cluster.Add("n1");
        _cluster.Pass(30);
        Assert.False(member.Joining!.IsCompleted);
        _cluster.Store.IsDown = false;
        _cluster.Pass(2);
        Assert.Equal(1, member.Id.Value);
    }

    [Fact]
    public void A_store_that_is_down_for_a_minute_ends_what_leases_are_good_for_and_nothing_else()
    {
        OneThread.Begin();
        TestMember first = _cluster.Add("n1"), second = _cluster.Add("n2");
        _cluster.Pass(1);
        _cluster.Store.IsDown = true;
        _cluster.Pass(60);
        Assert.False(first.Node!.Lease.Holds(first.Node.Lease.Current));
        Assert.Equal([NodeState.Unhealthy, NodeState.Unknown], first.Node.DescribeNodes().Select(view => view.State));
        _cluster.Store.IsDown = false;
        _cluster.Pass(6);
        foreach (ClusterNode node in _cluster.Nodes)
        {
            Assert.True(node.Lease.Holds(node.Lease.Current));
            Assert.All(node.DescribeNodes(), view => Assert.True(view.State is NodeState.Healthy or NodeState.Degraded, view.Reason));
            Assert.False(node.Refused.IsCompleted);
        }
        Assert.NotEqual(default, second.Node!.View.Controller);
    }

    [Fact]
    public void A_running_node_refuses_a_store_that_has_gone_back()
    {
        OneThread.Begin();
        TestMember member = _cluster.Add("n1");
        _cluster.Pass(1);
        MetadataState backup = _cluster.Store.Model.Capture();
        _cluster.Put(Shard(1, [1]));
        _cluster.Pass(20);
        _cluster.Store.Restore(backup);
        _cluster.Store.BreaksWatches = true; // it was stopped for that
        _cluster.Store.Wake();
        _cluster.Store.BreaksWatches = false;
        _cluster.Pass(5);
        Assert.Contains("older backup", member.Refusal);
        Assert.False(member.Node!.Lease.Holds(member.Node.Lease.Current));
        Assert.Equal("close 1", member.Told[^1]);
    }

    [Fact]
    public async Task A_node_that_was_stopped_refuses_a_store_that_has_gone_back_meanwhile()
    {
        OneThread.Begin();
        TestMember member = _cluster.Add("n1");
        _cluster.Pass(1);
        MetadataState backup = _cluster.Store.Model.Capture();
        _cluster.Pass(30);
        member.Kill();
        _cluster.Store.Restore(backup);
        member.Start();
        JoinRefusedException refusal = await Assert.ThrowsAsync<JoinRefusedException>(() => member.Joining!);
        Assert.Contains("older backup", refusal.Message);
    }

    [Fact]
    public async Task A_store_that_has_gone_back_and_on_is_known_by_the_states_of_shards()
    {
        OneThread.Begin();
        TestMember member = _cluster.Add("n1");
        _cluster.Pass(1);
        _cluster.Put(Shard(1, [1]) with { Term = new Term(1), Primary = default });
        _cluster.Pass(1);
        Assert.Equal(new NodeId(1), _cluster.Shard(1).Primary); // the controller has named it
        MetadataState backup = _cluster.Store.Model.Capture();
        _cluster.Put(_cluster.Shard(1).Depose());
        _cluster.Pass(2);
        member.Kill();
        _cluster.Store.Restore(backup);
        for (int i = 0; i < 100; i++)
            _cluster.Store.Put("catalog", "anything");
        _cluster.Pass(5);
        member.Start();
        JoinRefusedException refusal = await Assert.ThrowsAsync<JoinRefusedException>(() => member.Joining!);
        Assert.Contains("it has shard 1 at term 1", refusal.Message);
    }

    [Fact]
    public void Replicas_are_opened_and_closed_as_the_states_of_shards_say()
    {
        OneThread.Begin();
        TestMember first = _cluster.Add("n1"), second = _cluster.Add("n2");
        _cluster.Pass(1);
        _cluster.Put(Shard(7, [1, 2]));
        _cluster.Pass(1);
        ShardState state = _cluster.Shard(7);
        Assert.Equal(["open 7", "shard 7 term 1 primary 0", $"shard 7 term 1 primary {state.Primary}"], second.Told);
        Assert.Equal(new Term(1), first.Node!.View.Shards[new ShardId(7)].Term);
        _cluster.Put(state with { Current = new ReplicaSet(ReplicationMode.Quorum, [new NodeId(1)]), Epoch = state.Epoch + 1 });
        Assert.Equal([$"shard 7 term 1 primary {state.Primary}", "close 7"], second.Told[3..]);
        _cluster.Store.Delete(ShardState.KeyOf(new ShardId(7)));
        Assert.Equal("close 7", first.Told[^1]);
        Assert.Empty(first.Node!.View.Shards);
    }

    [Fact]
    public async Task A_controller_that_stops_hands_out_no_timestamp_once_another_may_be_it()
    {
        OneThread.Begin();
        TestMember first = _cluster.Add("n1");
        _cluster.Add("n2");
        _cluster.Pass(2);
        Assert.NotNull(await first.Node!.TakeTimestampsAsync(1));
        first.Node.Leave();
        _cluster.Store.HoldsBackChanges = true; // it does not hear that its office is gone, and has its lease
        _cluster.Pass(0.5);
        Assert.Empty(_cluster.Store.Model.Read("controller").Entries);
        Assert.True(first.Node.Lease.Holds(first.Node.Lease.Current));
        Assert.Null(await first.Node.TakeTimestampsAsync(1));
    }

    [Theory]
    [InlineData(120, 0)]
    [InlineData(-120, 0)]
    [InlineData(0, 120)]
    [InlineData(0, -120)]
    public async Task Timestamps_grow_from_controller_to_controller_whatever_their_clocks_say(int first, int second)
    {
        OneThread.Begin();
        TestMember[] members = [_cluster.Add("n1", clockOffset: TimeSpan.FromSeconds(first)), _cluster.Add("n2", clockOffset: TimeSpan.FromSeconds(second))];
        long last = 0;
        for (int round = 0; round < 3; round++)
        {
            _cluster.Pass(10);
            TestMember controller = members.Single(member => member.Node!.View.Controller == member.Id);
            for (int i = 0; i < 50; i++)
            {
                long taken = (await controller.Node!.TakeTimestampsAsync(2)) ?? throw new InvalidOperationException("it has none");
                Assert.True(taken > last, $"{taken} after {last}");
                last = taken + 1;
                _cluster.Pass(0.05);
            }
            controller.Kill();
            _cluster.Pass(10);
            controller.Start();
        }
    }

    [Fact]
    public void Files_of_a_replica_go_when_the_state_that_is_does_not_count_on_them()
    {
        OneThread.Begin();
        TestMember first = _cluster.Add("n1"), second = _cluster.Add("n2");
        _cluster.Pass(1);
        _cluster.Put(Shard(7, [1, 2]));
        _cluster.Pass(1);
        JobRecord job = new(1, JobKind.Move, new ShardId(7), second.Id, new NodeId(3), "move") { State = JobState.Paused };
        _cluster.Store.Commit(new MetadataPut(JobRecord.KeyOf(1), job.Encode()));
        ShardState state = _cluster.Shard(7);
        _cluster.Put(Without(second, state));
        _cluster.Pass(60);
        Assert.Equal("close 7", second.Told[^1]); // it is a job's source, which may be taken back
        Assert.NotEmpty(second.Files);
        _cluster.Store.Commit(new MetadataPut(JobRecord.KeyOf(1), (job with { State = JobState.Done }).Encode()));
        _cluster.Pass(60);
        Assert.Equal("drop 7", second.Told[^1]);
        Assert.Empty(second.Files);
        Assert.NotEmpty(first.Files);
        int told = second.Told.Count;
        _cluster.Put(_cluster.Shard(7).Depose());
        _cluster.Pass(60);
        Assert.Equal(told, second.Told.Count); // there is nothing to do any more
    }

    [Fact]
    public void Files_stay_where_the_store_has_a_later_state_of_which_the_node_has_not_heard()
    {
        OneThread.Begin();
        TestMember second = _cluster.Add("n1");
        _cluster.Add("n2");
        _cluster.Pass(1);
        _cluster.Put(Shard(7, [1, 2]));
        _cluster.Pass(1);
        ShardState without = Without(second, _cluster.Shard(7));
        _cluster.Put(without);
        _cluster.Store.HoldsBackChanges = true;
        _cluster.Put(without with { Learners = [second.Id], Epoch = without.Epoch + 1 });
        _cluster.Pass(60);
        Assert.Equal("close 7", second.Told[^1]);
        _cluster.Store.HoldsBackChanges = false;
        _cluster.Pass(1);
        Assert.Equal(2, second.Told.Count(told => told == "open 7"));
        Assert.DoesNotContain("drop 7", second.Told);
    }

    [Fact]
    public void Files_that_a_process_has_left_behind_go_when_the_node_starts_again()
    {
        OneThread.Begin();
        TestMember member = _cluster.Add("n1");
        _cluster.Add("n2");
        _cluster.Pass(1);
        _cluster.Put(Shard(7, [1, 2]));
        _cluster.Pass(1);
        _cluster.Put(Without(member, _cluster.Shard(7)));
        member.Kill();
        Assert.NotEmpty(member.Files);
        member.Told.Clear();
        member.Start();
        _cluster.Pass(60);
        Assert.Equal("drop 7", member.Told[^1]);
    }

    [Fact]
    public void The_controller_finds_another_primary_when_a_lease_is_gone_and_so_does_the_next_controller()
    {
        OneThread.Begin();
        TestMember[] members = [_cluster.Add("n1"), _cluster.Add("n2"), _cluster.Add("n3")];
        _cluster.Pass(1);
        for (uint shard = 1; shard <= 200; shard++)
            _cluster.Put(Shard(shard, [1, 2, 3]));
        _cluster.Pass(1);
        ShardState[] before = [.. Enumerable.Range(1, 200).Select(shard => _cluster.Shard((uint)shard))];
        Assert.DoesNotContain(before, state => state.Primary.IsNone);
        Assert.InRange(before.Count(state => state.Primary.Value == 1), 1, 199);
        members[0].Kill(); // the controller, and some shards' primary
        _cluster.Pass(4);
        Assert.All(before, state =>
        {
            ShardState after = _cluster.Shard(state.Shard.Value);
            Assert.NotEqual(1, after.Primary.Value);
            Assert.Equal(state.Primary.Value == 1 ? 2u : 1u, after.Term.Value);
        });
        Assert.Equal(NodeState.Unhealthy, members[1].Node!.DescribeNodes()[0].State);
        _cluster.Pass(70);
        Assert.Equal(NodeState.Unknown, members[1].Node!.DescribeNodes()[0].State);
    }

    [Fact]
    public async Task A_node_that_stops_gives_its_lease_up_at_once()
    {
        OneThread.Begin();
        TestMember first = _cluster.Add("n1"), second = _cluster.Add("n2");
        _cluster.Pass(1);
        await first.Node!.DisposeAsync();
        _cluster.Pass(0.5);
        Assert.Equal(new NodeId(2), second.Node!.View.Controller);
        Assert.Single(second.Node.DescribeNodes(), view => view.State == NodeState.Healthy);
    }

    [Theory]
    [InlineData(50, 1000, null)]
    [InlineData(40, 30_000, "disk is nearly full")]
    public void A_disk_that_is_nearly_full_degrades_its_node(long freeMiB, long totalMiB, string? reason)
    {
        OneThread.Begin();
        bool isFull = reason is not null;
        TestMember member = _cluster.Add("n1", machine: new MachineFigures(0.5, 1, 2, isFull ? freeMiB << 20 : totalMiB << 19, totalMiB << 20));
        _cluster.Pass(1);
        NodeView view = Assert.Single(member.Node!.DescribeNodes());
        Assert.Equal(isFull ? NodeState.Degraded : NodeState.Healthy, view.State);
        Assert.Contains(reason ?? "", view.Reason ?? "");
    }

    [Fact]
    public void A_lease_that_was_renewed_late_degrades_its_node_until_the_next_status()
    {
        OneThread.Begin();
        TestMember member = _cluster.Add("n1");
        _cluster.Pass(1);
        _cluster.Store.IsDown = true;
        _cluster.Pass(1.2);
        _cluster.Store.IsDown = false;
        _cluster.Pass(4);
        Assert.Equal(NodeState.Degraded, Assert.Single(member.Node!.DescribeNodes()).State);
        Assert.Contains("renewed its lease late", Assert.Single(member.Node.DescribeNodes()).Reason);
        _cluster.Pass(5);
        Assert.Equal(NodeState.Healthy, Assert.Single(member.Node.DescribeNodes()).State);
    }

    [Fact]
    public void A_clock_that_is_two_minutes_off_degrades_its_node_for_all()
    {
        OneThread.Begin();
        _cluster.Add("n1");
        _cluster.Add("n2", clockOffset: TimeSpan.FromMinutes(2));
        _cluster.Add("n3");
        _cluster.Pass(8);
        foreach (ClusterNode node in _cluster.Nodes)
        {
            Assert.Equal([NodeState.Healthy, NodeState.Degraded, NodeState.Healthy], node.DescribeNodes().Select(view => view.State));
            Assert.Contains("120.0 s ahead of the others'", node.DescribeNodes()[1].Reason);
        }
    }

    [Fact]
    public void A_replica_on_a_node_that_was_replaced_is_made_anew_elsewhere()
    {
        OneThread.Begin();
        TestMember[] members = [_cluster.Add("n1"), _cluster.Add("n2"), _cluster.Add("n3")];
        _cluster.Pass(1);
        _cluster.Put(Shard(1, [1, 2, 3]));
        _cluster.Pass(1);
        members[2].Kill();
        _cluster.Pass(5);
        Assert.Equal([1, 2, 3], _cluster.Shard(1).Current.Voters.Select(node => node.Value)); // it may come back
        members[2].Disk = new FaultyFileSystem(new FaultPlan());
        members[2].Start();
        _cluster.Pass(5);
        Assert.Equal([1, 2, 4], _cluster.Shard(1).Current.Voters.Select(node => node.Value));
        Assert.Null(_cluster.Shard(1).Previous);
        Assert.Contains("open 1", members[2].Told);
    }

    [Fact]
    public void A_replica_that_knows_a_later_term_than_the_store_ends_its_node()
    {
        OneThread.Begin();
        TestMember member = _cluster.Add("n1");
        _cluster.Pass(1);
        _cluster.Put(Shard(1, [1]));
        _cluster.Pass(1);
        member.Node!.Suspect(new ShardId(1), new Term(1));
        _cluster.Pass(1);
        Assert.Equal("", member.Refusal);
        member.Node.Suspect(new ShardId(1), new Term(2));
        Assert.Contains("a replica here has accepted term 2", member.Refusal);
    }

    [Fact]
    public void A_term_that_has_had_a_primary_gets_no_other()
    {
        OneThread.Begin();
        TestMember member = _cluster.Add("n1");
        _cluster.Pass(1);
        member.LastTerm = new Term(1); // as if the store had forgotten whom it had named
        _cluster.Put(Shard(1, [1]));
        _cluster.Pass(2);
        Assert.Equal((2u, 1), (_cluster.Shard(1).Term.Value, _cluster.Shard(1).Primary.Value));
    }

    [Fact]
    public void An_identity_that_was_damaged_is_refused()
    {
        OneThread.Begin();
        TestMember member = _cluster.Add("n1");
        _cluster.Put(Shard(1, [1]));
        _cluster.Pass(1);
        byte[] good = member.Disk.ReadAll("/data/NODE");
        FaultyFileSystem files = new(new FaultPlan());
        files.CreateDirectory("/data");
        for (int i = 0; i < good.Length; i++)
        {
            byte[] damaged = [.. good];
            damaged[i] ^= 0x20;
            files.ReplaceDurably("/data/NODE", damaged);
            Assert.True(Record.Exception(() => NodeIdentity.Read(files, "/data")) is CorruptFileException or StorageException, $"byte {i}");
            files.ReplaceDurably("/data/NODE", good.AsSpan(0, i));
            Assert.IsType<CorruptFileException>(Record.Exception(() => NodeIdentity.Read(files, "/data")));
        }
        files.ReplaceDurably("/data/NODE", good);
        Assert.True(NodeIdentity.Read(files, "/data")!.Shards[new ShardId(1)].HasReplica);
    }

    [Fact]
    public void Records_of_any_bytes_are_read_or_refused_fuzz()
    {
        Random random = new(3);
        byte[] record = new NodeRecord(new NodeId(1), "n1", "a", "b", "c", "d", 5) { IsDraining = true }.Encode();
        byte[] status = new NodeStatus(5, DateTimeOffset.UnixEpoch.AddDays(20_000), new MachineFigures(0.5, 1, 2, 3, 4), TimeSpan.FromSeconds(1)).Encode();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = [.. i % 2 == 0 ? record : status];
            for (int change = random.Next(4); change >= 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            Assert.True(Record.Exception(() => i % 2 == 0 ? (object)NodeRecord.Decode(bytes) : NodeStatus.Decode(bytes)) is null or InvalidDataException);
        }
    }

    [Fact]
    public void A_node_that_was_removed_ends()
    {
        OneThread.Begin();
        TestMember member = _cluster.Add("n1");
        _cluster.Pass(1);
        _cluster.Store.Delete(NodeRecord.KeyOf(member.Id));
        Assert.Contains("removed from the cluster", member.Refusal);
    }

    [Fact]
    public void A_disk_that_fails_ends_the_node_before_it_acts()
    {
        OneThread.Begin();
        TestMember member = _cluster.Add("n1");
        _cluster.Pass(1);
        member.Disk.Change(new FaultPlan { FlushErrors = 1 });
        _cluster.Put(Shard(1, [1]));
        Assert.True(member.Node!.Refused.IsCompleted);
        Assert.DoesNotContain("open 1", member.Told);
    }

    [Fact]
    public void Keys_that_cannot_be_read_are_passed_over()
    {
        OneThread.Begin();
        TestMember member = _cluster.Add("n1");
        _cluster.Pass(1);
        _cluster.Store.Put("nodes/x", "no");
        _cluster.Store.Put("nodes/00000009", "\u0001\u0001");
        _cluster.Store.Put("alive/00000009", "\u0001\u0001");
        _cluster.Store.Put("shards/00000001", "\u0001\u0001");
        _cluster.Store.Put("settings/a", "b");
        _cluster.Pass(1);
        Assert.False(member.Node!.Refused.IsCompleted);
        Assert.Single(member.Node.DescribeNodes());
        Assert.Equal("b"u8.ToArray(), member.Node.View.Settings["a"].ToArray());
    }

    private static ShardState Shard(uint shard, int[] nodes) =>
        ShardState.Begin(new ShardId(shard), new ReplicaSet(ReplicationMode.Quorum, [.. nodes.Select(node => new NodeId(node))]));

    /// <summary>The state of a shard of two replicas without one of them.</summary>
    private static ShardState Without(TestMember member, ShardState state)
    {
        NodeId other = state.Current.Voters.Single(voter => voter != member.Id);
        return state with { Term = state.Term.Next, Current = new ReplicaSet(ReplicationMode.Quorum, [other]), Primary = other, Epoch = state.Epoch + 1 };
    }

    private static void Copy(FaultyFileSystem source, FaultyFileSystem target)
    {
        target.CreateDirectory("/data");
        target.ReplaceDurably("/data/NODE", source.ReadAll("/data/NODE"));
    }
}
