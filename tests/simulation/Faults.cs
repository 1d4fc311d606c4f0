using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Jobs;
using VecSQL.Cluster.Nodes;
using VecSQL.Cluster.Shards;
using VecSQL.Simulation.Tests.Nodes;
using VecSQL.Simulation.Tests.World;
using VecSQL.Storage.Files;

namespace VecSQL.Simulation.Tests;

/// <summary>What goes wrong, now and then.</summary>
internal sealed class Faults(Cluster cluster)
{
    /// <summary>Primaries are cut off as soon as they begin, and those before them come back: what one has not told, and the next has not heard.</summary>
    private readonly bool _isDuel = cluster.Random.Chance(0.25);

    /// <summary>Primaries change all the time, as where nodes are drained.</summary>
    private readonly bool _isMoving = cluster.Random.Chance(0.2);

    /// <summary>Replicas are taken out and chosen anew while their nodes do not hear of it.</summary>
    private readonly bool _isSwapping = cluster.Random.Chance(0.15);
    private bool _isOver, _isSwapped;
    private MetadataState? _backup;
    private long _jobs;

    /// <summary>Whether what was on one of the disks is gone.</summary>
    public bool HasLostDisk { get; private set; }

    /// <summary>The modes that lose nothing.</summary>
    private static ReadOnlySpan<ReplicationMode> Safe => [ReplicationMode.Quorum, ReplicationMode.SemiSync, ReplicationMode.Sync];

    private SimRandom Random => cluster.Random;

    public void Next()
    {
        if (_isOver)
            return;
        SimNode node = cluster.Nodes[Random.Next(cluster.Nodes.Length)];
        switch (_isDuel && Random.Chance(0.8) ? -1 : Random.Next(18))
        {
            case -1:
                break;
            case 0:
                node.Crash(Random.Fraction());
                break;
            case 1:
                node.CrashAtCall(Random.Next(12));
                break;
            case 2:
                Primary()?.Crash(Random.Fraction());
                break;
            case 3:
                Isolate(Primary() ?? node, keepsClients: Random.Chance(0.5), keepsMetadata: Random.Chance(0.5));
                break;
            case 4:
                Split();
                break;
            case 5: // one way
                cluster.Network.Cut(Random.Next(cluster.Network.PlaceCount), node.Place);
                break;
            case 6: // one way
                cluster.Network.Cut(node.Place, Random.Next(cluster.Network.PlaceCount));
                break;
            case 7:
                cluster.Metadata.IsDown = true;
                cluster.Loop.After(Random.Between(100, 4000) * EventLoop.Millisecond, () => cluster.Metadata.IsDown = false);
                break;
            case 8:
                node.FlushTime = Random.Between(1, 300) * EventLoop.Millisecond;
                cluster.Loop.After(2 * EventLoop.Second, () => node.FlushTime = 300);
                break;
            case 9:
                SimNode paused = Primary() ?? node;
                paused.PausedUntil = cluster.Loop.Now + (Random.Between(100, 4000) * EventLoop.Millisecond);
                break;
            case 10 or 11:
                Change();
                break;
            case 12:
                node.Fill(Random.Next(600));
                cluster.Loop.After(Random.Between(100, 3000) * EventLoop.Millisecond, () => node.Disk.Change(new FaultPlan { Seed = node.Place }));
                break;
            case 13 when MayLoseDisk(node):
                HasLostDisk = true;
                node.LoseDisk();
                break;
            case 14:
                cluster.Metadata.Model.Compact(cluster.Metadata.Model.Revision - Random.Next(3));
                break;
            default:
                cluster.Network.Heal();
                break;
        }
        if (_isMoving && Random.Chance(0.6))
            HandOver();
        if (_isMoving && Random.Chance(0.5))
            Move();
        if (_isMoving && Random.Chance(0.1))
            node.Leave(Random.Between(20, 1500) * EventLoop.Millisecond);
        if (_isSwapping && !_isSwapped && Random.Chance(0.4))
            Swap();
        if (RestoresMetadata)
            Restore();
        cluster.Loop.After(Random.Between(50, 1200) * EventLoop.Millisecond, Next);
    }

    /// <summary>Whether what the disk holds must be elsewhere too, and no change of replicas is under way that needs it.</summary>
    private bool MayLoseDisk(SimNode node) => !HasLostDisk && !RestoresMetadata && cluster.Mode != ReplicationMode.Async && !cluster.LowersAcks
        && cluster.Shards.All(shard => cluster.Judge.StateOf(shard) is not { Previous: { } previous } state
            || CanCommitWithout(node.Id, state.Current) || CanCommitWithout(node.Id, previous));

    private static bool CanCommitWithout(NodeId node, ReplicaSet replicas) => replicas.Voters.Count(voter => voter != node) >= replicas.Acks;

    /// <summary>In few seeds, and then late: not much happens after it.</summary>
    private bool RestoresMetadata { get; } = cluster.Random.Chance(0.1);

    /// <summary>Keeps a backup of the metadata, or has one that was kept come back: when all nodes remember that they put their records after it.</summary>
    private void Restore()
    {
        if (cluster.Metadata.IsRestored || !Random.Chance(0.3))
            return;
        if (_backup is null)
        {
            _backup = cluster.Metadata.Model.Capture();
            return;
        }
        foreach (SimNode node in cluster.Nodes)
        {
            if (node.Disk.HasCrashed || NodeIdentity.Read(node.Disk, SimProcess.DataDirectory) is not { } identity || identity.Registered <= _backup.Revision)
                return;
        }
        cluster.Tell($"metadata goes back from revision {cluster.Metadata.Model.Revision} to {_backup.Revision}");
        cluster.Metadata.Restore(_backup);
    }

    /// <summary>A node has become a primary: now is the time.</summary>
    public void Promoted(SimNode node)
    {
        if (_isOver || !cluster.HasFaults || !(_isDuel || Random.Chance(0.3)))
            return;
        long delay = !_isDuel ? Random.Between(0, 15_000) : Random.Chance(0.5) ? Random.Between(0, 500) : Random.Between(1000, 9000);
        bool isCrash = Random.Chance(_isDuel ? 0.1 : 0.5);
        cluster.Loop.After(delay, () =>
        {
            if (_isOver)
                return;
            if (isCrash)
            {
                node.Crash(Random.Fraction());
                return;
            }
            if (_isDuel)
                cluster.Network.Heal();
            Isolate(node, keepsClients: _isDuel || Random.Chance(0.5), keepsMetadata: !_isDuel && Random.Chance(0.5));
        });
    }

    /// <summary>Has a replica that is not the primary hold something wrong, once there is one that holds anything.</summary>
    public void Damage()
    {
        foreach (SimNode node in cluster.Nodes)
        {
            if (node.Process?.Find(cluster.Shards[0]) is { Replica.IsPrimary: false, Machine.Writes.Count: > 0 } hosted)
            {
                hosted.Machine.Damage();
                cluster.IsDamaged = true;
                return;
            }
        }
        cluster.Loop.After(EventLoop.Second, Damage);
    }

    /// <summary>From now on nothing goes wrong.</summary>
    public void Heal()
    {
        _isOver = true;
        foreach (JobRecord job in cluster.Judge.Jobs.Where(job => job.State == JobState.Paused))
            Put(job with { State = JobState.Running });
        cluster.Network.Heal();
        cluster.Network.LossChance = cluster.Network.RepeatChance = cluster.Network.DelayChance = 0;
        cluster.Metadata.IsDown = false;
        foreach (SimNode node in cluster.Nodes)
        {
            node.PausedUntil = 0;
            node.FlushTime = 300;
            node.Disk.Change(new());
        }
    }

    private SimNode? Primary()
    {
        ShardId shard = cluster.Shards[Random.Next(cluster.Shards.Length)];
        foreach (SimNode node in cluster.Nodes)
        {
            if (node.Process?.Find(shard) is { Replica.IsPrimary: true })
                return node;
        }
        return null;
    }

    private void Isolate(SimNode node, bool keepsClients, bool keepsMetadata)
    {
        for (int place = keepsMetadata ? 1 : 0; place < (keepsClients ? 1 + cluster.Nodes.Length : cluster.Network.PlaceCount); place++)
        {
            cluster.Network.Cut(place, node.Place);
            cluster.Network.Cut(node.Place, place);
        }
    }

    private void Split()
    {
        ulong side = Random.Next();
        for (int a = 0; a < cluster.Network.PlaceCount; a++)
        {
            for (int b = 0; b < cluster.Network.PlaceCount; b++)
            {
                if (((side >> a) & 1) != ((side >> b) & 1))
                    cluster.Network.Cut(a, b);
            }
        }
    }

    /// <summary>Asks the controller for another set of replicas: one more learner, a learner counted, a voter taken out.</summary>
    private void Change()
    {
        ShardId shard = cluster.Shards[Random.Next(cluster.Shards.Length)];
        NodeId node = new(Random.Between(1, cluster.Nodes.Length));
        foreach (SimNode host in cluster.Nodes)
        {
            if (host.Process is { Controller: { } controller } process)
                host.Run(process, () => controller.TryChange(shard, state => Changed(state, node)));
        }
    }

    /// <summary>
    /// Takes a voter out and counts it again, while its node hears nothing of the metadata and goes on to answer the primary; then it hears all at once, and the
    /// primary, which had nobody else, is gone.
    /// </summary>
    private void Swap()
    {
        ShardId shard = cluster.Shards[Random.Next(cluster.Shards.Length)];
        ShardState before = cluster.Judge.StateOf(shard);
        NodeId[] others = [.. before.Current.Voters.Where(voter => voter != before.Primary)];
        NodeId swapped = others.Length < 2 ? default : others[Random.Next(others.Length)];
        if (before.Primary.IsNone || swapped.IsNone || cluster.FindNode(swapped) is not { } node || cluster.FindNode(others.First(other => other != swapped)) is not { } other)
            return;
        _isSwapped = true;
        cluster.Tell($"{swapped} is taken out of shard {shard} and chosen anew, and does not hear of it");
        cluster.Network.Heal();
        cluster.Network.Cut(0, node.Place);
        Step(0);

        void Step(int count)
        {
            ShardState state = cluster.Judge.StateOf(shard);
            bool isBack = state.Epoch >= before.Epoch + 3 && state.Previous is null;
            if (_isOver || count == 60 || isBack)
            {
                for (int place = 1; place <= cluster.Nodes.Length && !_isOver; place++)
                {
                    cluster.Network.Cut(place, other.Place);
                    cluster.Network.Cut(other.Place, place);
                }
                cluster.Loop.After(Random.Between(100, 900) * EventLoop.Millisecond, () => End(state.Primary));
                return;
            }
            foreach (SimNode host in cluster.Nodes)
            {
                if (host.Process is { Controller: { } controller } process)
                    host.Run(process, () => controller.TryChange(shard, now => now.Epoch < before.Epoch + 3 ? Changed(now, swapped) : null));
            }
            cluster.Loop.After(40 * EventLoop.Millisecond, () => Step(count + 1));
        }

        void End(NodeId primary)
        {
            if (_isOver)
                return;
            cluster.Network.Mend(0, node.Place);
            cluster.Loop.After(Random.Between(500, 2500) * EventLoop.Millisecond, () =>
            {
                if (!_isOver && cluster.FindNode(primary) is { } last)
                {
                    cluster.Network.Heal();
                    last.Crash(0);
                }
            });
        }
    }

    /// <summary>Asks the controller to have another replica be the primary.</summary>
    private void HandOver()
    {
        ShardId shard = cluster.Shards[Random.Next(cluster.Shards.Length)];
        IReadOnlyList<NodeId> voters = cluster.Judge.StateOf(shard).Current.Voters;
        NodeId target = voters[Random.Next(voters.Count)];
        foreach (SimNode host in cluster.Nodes)
        {
            if (host.Process is { Controller: { } controller } process)
                host.Run(process, () => controller.AskHandover(shard, target));
        }
    }

    /// <summary>Has a replica go elsewhere, or pauses, resumes or cancels what goes on: what the SQL of any node puts down.</summary>
    private void Move()
    {
        JobRecord[] jobs = [.. cluster.Judge.Jobs.Where(job => !job.IsOver)];
        if (jobs.Length > 0 && Random.Chance(0.7))
        {
            JobRecord job = jobs[Random.Next(jobs.Length)];
            JobState state = job.State == JobState.Paused ? JobState.Running : Random.Chance(0.5) ? JobState.Paused : JobState.Cancelling;
            if (job.State is JobState.Running or JobState.Paused)
                Put(job with { State = state });
            return;
        }
        ShardState shard = cluster.Judge.StateOf(cluster.Shards[Random.Next(cluster.Shards.Length)]);
        NodeId source = shard.Current.Voters[Random.Next(shard.Current.Voters.Count)], target = new(Random.Between(1, cluster.Nodes.Length));
        if (!shard.Replicas.Contains(target) && jobs.Length < 3)
            Put(new JobRecord(++_jobs, JobKind.Move, shard.Shard, source, target, "move"));
    }

    private void Put(JobRecord job)
    {
        cluster.Tell($"{job}");
        cluster.Metadata.Commit(new MetadataTransaction { Puts = [new MetadataPut(JobRecord.KeyOf(job.Id), job.Encode())] });
    }

    private ShardState? Changed(ShardState state, NodeId node)
    {
        if (state.Replicas.Any(replica => cluster.FindNode(replica) is null))
            return null; // those that are gone go first
        if (state.Current.Mode != ReplicationMode.Async && Random.Chance(0.2))
            return state.Change(state.Current with { Mode = Safe[Random.Next(Safe.Length)] }, state.Learners);
        if (state.Learners.Contains(node))
        {
            return state.Change(state.Current with { Voters = [.. state.Current.Voters.Append(node).Order()] },
                [.. state.Learners.Where(learner => learner != node)]);
        }
        if (!state.Current.Contains(node))
            return state.Change(state.Current, [.. state.Learners.Append(node).Order()]);
        return state.Current.Voters.Count > 2 && node != state.Primary
            ? state.Change(state.Current with { Voters = [.. state.Current.Voters.Where(voter => voter != node)] }, state.Learners) : null;
    }
}
