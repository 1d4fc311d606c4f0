namespace VecSQL.Simulation.Tests.World;

/// <summary>Carries messages between places (0 is the metadata store, then nodes, then clients), and does to them what networks do.</summary>
internal sealed class SimulatedNetwork(EventLoop loop, SimRandom random, int placeCount)
{
    private readonly bool[,] _isCut = new bool[placeCount, placeCount];

    public double LossChance { get; set; }

    public double RepeatChance { get; set; }

    public double DelayChance { get; set; }

    public int PlaceCount => placeCount;

    /// <param name="mayRepeat">Whether it may come twice: not what goes over a connection with one answer to each question.</param>
    public void Send(int source, int target, Action deliver, bool mayRepeat = false)
    {
        if (_isCut[source, target] || random.Chance(LossChance))
            return;
        loop.After(Delay(), deliver);
        if (mayRepeat && random.Chance(RepeatChance))
            loop.After(Delay() * 3, deliver);
    }

    public void Cut(int source, int target) => _isCut[source, target] = true;

    public void Mend(int source, int target) => _isCut[source, target] = false;

    public void Heal() => Array.Clear(_isCut);

    private long Delay() => random.Chance(DelayChance) ? random.Between(5_000, 400_000) : random.Between(100, 1500);
}
