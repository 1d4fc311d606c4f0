using VecSQL.Catalog.Placement;
using VecSQL.Simulation.Tests.World;
using VecSQL.Storage.Files;

namespace VecSQL.Simulation.Tests.Nodes;

/// <summary>A machine: a disk and a clock that stay, and a process that comes and goes.</summary>
internal sealed class SimNode(Cluster cluster, NodeId id, SimulatedClock clock)
{
    public NodeId Id => id;

    public Cluster Cluster => cluster;

    public SimulatedClock Clock => clock;

    public FaultyFileSystem Disk { get; } = new(new FaultPlan { Seed = id.Value });

    /// <summary>How long a flush takes.</summary>
    public long FlushTime { get; set; } = 300;

    /// <summary>Until then the process stands still, while its clock goes on.</summary>
    public long PausedUntil { get; set; }

    public SimProcess? Process { get; private set; }

    public void Start()
    {
        if (Process is not null)
            return;
        cluster.Tell($"{id} starts");
        SimProcess process = new(this);
        Process = process;
        Run(process, process.Start);
    }

    /// <summary>Ends the process, and with the machine's power what its disk has not been made to keep.</summary>
    public void Crash(double keepUnflushed)
    {
        if (Process is null)
            return;
        cluster.Tell($"{id} stops");
        Process.End();
        Process = null;
        PausedUntil = 0;
        Disk.CrashAndRestart(keepUnflushed);
        cluster.Loop.After(cluster.Random.Between(30, 3000) * EventLoop.Millisecond, Start);
    }

    /// <summary>Has the machine stop in the midst of a later call to its disk.</summary>
    public void CrashAtCall(int calls) =>
        Disk.Change(new FaultPlan { Seed = cluster.Random.Next(1 << 30), CrashAtCall = calls });

    /// <summary>Runs something in a process, if it still is; later, while it stands still.</summary>
    public void Run(SimProcess process, Action act)
    {
        if (process != Process)
            return;
        if (PausedUntil > cluster.Loop.Now)
        {
            cluster.Loop.After(PausedUntil - cluster.Loop.Now, () => Run(process, act));
            return;
        }
        try
        {
            act();
            process.AfterWork();
        }
        catch (SimulatedCrashException)
        {
            Crash(cluster.Random.Fraction());
        }
    }
}
