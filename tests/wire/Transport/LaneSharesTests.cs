using VecSQL.Wire.Transport;
using Share = VecSQL.Wire.Transport.LaneShares.Share;

namespace VecSQL.Wire.Tests.Transport;

/// <summary>Which clients one worker serves.</summary>
public sealed class LaneSharesTests
{
    [Fact]
    public void Clients_of_one_processor_share_a_lane()
    {
        int[] processors = [0, 1, 1, 0, 1, 0, 0, 1];
        int[] lanes = Divide(2, [.. processors.Select((processor, i) => new Share(i, processor, 100, i % 2))]);
        Assert.Equal(processors, lanes);
    }

    [Fact]
    public void Clients_of_a_single_processor_are_divided_by_their_work()
    {
        Assert.Equal([0, 0, 1, 1], Divide(2, [.. Enumerable.Range(0, 4).Select(i => new Share(i, 5, 100, 0))]));
        Assert.Equal([0, 1, 1, 1], Divide(2, [new(1, 0, 300, 0), new(2, 0, 100, 0), new(3, 0, 100, 0), new(4, 0, 100, 0)]));
        Assert.Equal([0, 1, 2, 3], Divide(4, [.. Enumerable.Range(0, 4).Select(i => new Share(i, 0, 7, 3))]));
    }

    [Fact]
    public void Who_cannot_be_placed_better_stays()
    {
        int[] before = [1, 0, 1, 0, 0, 1, 1, 0];
        Assert.Equal(before, Divide(2, [.. before.Select((lane, i) => new Share(i, 1, 100, lane))]));
        Assert.Equal(before, Divide(2, [.. before.Select((lane, i) => new Share(i, 1, 100 + (10 * lane), lane))])); // nearly equal
    }

    [Fact]
    public void Every_lane_gets_its_share_within_a_client_and_the_slack()
    {
        Random random = new(1);
        for (int round = 0; round < 1000; round++)
        {
            int lanes = random.Next(1, 9);
            List<Share> clients = [.. Enumerable.Range(0, random.Next(1, 60))
                .Select(i => new Share(i, random.Next(4), random.Next(1, 1000), random.Next(lanes)))];
            LaneShares.Divide(clients, lanes);
            double share = clients.Sum(client => client.Work) / (double)lanes, largest = clients.Max(client => client.Work);
            for (int lane = 0; lane < lanes; lane++)
                Assert.InRange(clients.Where(client => client.Lane == lane).Sum(client => client.Work), 0, (1.2 * share) + largest);
        }
    }

    /// <summary>The lanes of the clients in the order of their numbers.</summary>
    private static int[] Divide(int lanes, List<Share> clients)
    {
        LaneShares.Divide(clients, lanes);
        return [.. clients.OrderBy(client => client.Client).Select(client => client.Lane)];
    }
}
