using VecSQL.Catalog.Placement;
using VecSQL.Simulation.Tests.World;
using VecSQL.Storage.Files;

namespace VecSQL.Simulation.Tests.Nodes;

/// <summary>A machine: a disk and a clock that stay, and a process that comes and goes.</summary>
internal sealed class SimNode(Cluster cluster, int place, SimulatedClock clock)
{
    /// <summary>In the network; what it is called by the cluster goes by it.</summary>
    public int Place => place;

    /// <summary>As which node its process joined last: another one after its disk was lost.</summary>
    public NodeId Id { get; set; } = new(place);

    public string Name => $"n{place}";

    public Cluster Cluster => cluster;

    public SimulatedClock Clock => clock;

    public FaultyFileSystem Disk { get; private set; } = new(new FaultPlan { Seed = place });

    /// <summary>How long a flush takes.</summary>
    public long FlushTime { get; set; } = 300;

    /// <summary>Until then the process stands still, while its clock goes on.</summary>
    public long PausedUntil { get; set; }

    public SimProcess? Process { get; private set; }

    public void Start()
    {
        if (Process is not null)
            return;
        cluster.Tell($"{Id} starts");
        SimProcess process = new(this);
        Process = process;
        Run(process, process.Start);
    }

    /// <summary>Ends the process, and with the machine's power what its disk has not been made to keep.</summary>
    public void Crash(double keepUnflushed)
    {
        if (Process is null)
            return;
        cluster.Tell($"{Id} stops");
        Process = null;
        PausedUntil = 0;
        Disk.CrashAndRestart(keepUnflushed);
        cluster.Loop.After(cluster.Random.Between(30, 3000) * EventLoop.Millisecond, Start);
    }

    /// <summary>Tells the process to stop: what it is primary of goes to others first, if that can be done in time.</summary>
    public void Leave(long time)
    {
        if (Process is not { } process)
            return;
        cluster.Tell($"{Id} is told to stop");
        Run(process, process.Leave);
        cluster.Loop.After(time, () =>
        {
            if (Process == process)
                Crash(1);
        });
    }

    /// <summary>Ends the process, and puts an empty disk in place of the one that is broken.</summary>
    public void LoseDisk()
    {
        if (Process is null)
            return;
        cluster.Tell($"{Id} loses its disk");
        Crash(0);
        Id = default; // until it joins again
        Disk = new FaultyFileSystem(new FaultPlan { Seed = place + 100 });
        Disk.CreateDirectory(SimProcess.DataDirectory);
    }

    /// <summary>Leaves room for a few more bytes on the disk.</summary>
    public void Fill(int freeBytes) => Disk.Change(new FaultPlan { Seed = place, CapacityBytes = Disk.UsedBytes + freeBytes });

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
