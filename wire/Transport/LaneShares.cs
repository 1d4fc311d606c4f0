using System.Runtime.InteropServices;

namespace VecSQL.Wire.Transport;

/// <summary>Divides clients among lanes.</summary>
/// <remarks>
/// A client thread that has several connections sends on all of them in turn, then waits for all. One worker that serves them all is woken once
/// for that, and wakes the client's thread once; two are woken for each other's sake. Which connections belong together the processor tells
/// on which their bytes arrive.
/// </remarks>
internal static class LaneShares
{
    /// <summary>How much more than its share a lane may have, in shares, for a client to stay where it is.</summary>
    private const double Slack = 0.1;

    /// <summary>Gives each lane about as much of the work as the others, and neighbours in the order of processors the same lane; clients of
    /// one processor stay where they are as far as that allows.</summary>
    /// <param name="clients">Put into order.</param>
    /// <param name="lanes">How many there are.</param>
    public static void Divide(List<Share> clients, int lanes)
    {
        clients.Sort(static (a, b) => a.Processor != b.Processor ? a.Processor.CompareTo(b.Processor)
            : a.Lane != b.Lane ? a.Lane.CompareTo(b.Lane) : a.Client.CompareTo(b.Client));
        double all = 0, before = 0;
        foreach (Share client in clients)
            all += client.Work;
        foreach (ref Share client in CollectionsMarshal.AsSpan(clients))
        {
            double place = (before + (client.Work / 2.0)) / all * lanes;
            if (place < client.Lane - Slack || place > client.Lane + 1 + Slack)
                client.Lane = (int)place;
            before += client.Work;
        }
    }

    /// <summary>What one client had done.</summary>
    /// <param name="Client">Its number.</param>
    /// <param name="Processor">Where its messages arrive, in the mean of the last times.</param>
    /// <param name="Work">How much was done for it; above 0.</param>
    /// <param name="Lane">The lane it is in.</param>
    public record struct Share(long Client, double Processor, long Work, int Lane);
}
