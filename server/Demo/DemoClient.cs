using System.Diagnostics;
using Npgsql;

namespace VecSQL.Server.Demo;

/// <summary>A client that does one thing again and again at a node, and goes on at the next where it is not served.</summary>
/// <param name="first">At which node it begins.</param>
/// <param name="act">Does it once; called again after a failure.</param>
internal sealed class DemoClient(DemoCluster cluster, int first, Func<NpgsqlConnection, CancellationToken, Task> act)
{
    /// <summary>A client's own work between two statements.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public long DoneCount { get; private set; }

    public long RetryCount { get; private set; }

    /// <summary>The longest time in which nothing was done.</summary>
    public TimeSpan LongestGap { get; private set; }

    public async Task RunAsync(CancellationToken stop)
    {
        long last = Stopwatch.GetTimestamp();
        for (int node = first; !stop.IsCancellationRequested; node = (node + 1) % cluster.Ports.Length)
        {
            try
            {
                await using NpgsqlConnection connection = await cluster.ConnectAsync(node, stop);
                while (!stop.IsCancellationRequested)
                {
                    await act(connection, stop);
                    DoneCount++;
                    LongestGap = Max(LongestGap, Stopwatch.GetElapsedTime(last));
                    last = Stopwatch.GetTimestamp();
                    await Task.Delay(Pause, stop);
                }
            }
            catch (NpgsqlException)
            {
                RetryCount++;
                await Task.Delay(Pause, CancellationToken.None);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The demo is over.
            }
        }
        LongestGap = Max(LongestGap, Stopwatch.GetElapsedTime(last));
    }

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
