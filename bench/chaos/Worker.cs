using System.Diagnostics;
using Npgsql;

namespace VecSQL.Bench.Chaos;

/// <summary>A client that does one kind of call again and again, at any node, and goes to another where it is not served.</summary>
/// <param name="kind">What its calls are called in figures.</param>
internal abstract class Worker(string kind, ChaosCluster cluster, Findings findings, GapWatch gaps, Random random)
{
    private const int CallsAtOneNode = 50;

    /// <summary>How long a node may go on after it was cut off: its lease, and what it takes to see it.</summary>
    private static readonly TimeSpan LeasePatience = TimeSpan.FromSeconds(5);

    protected Findings Findings => findings;

    protected Random Random => random;

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            int node = random.Next(cluster.NodeCount);
            try
            {
                await using NpgsqlConnection connection = await cluster.ConnectAsync(node, stop);
                for (int i = 0; i < CallsAtOneNode && !stop.IsCancellationRequested; i++)
                {
                    if (!await CallAsync(connection, node))
                        break;
                }
            }
            catch (Exception refused) when (refused is NpgsqlException or IOException or TimeoutException or OperationCanceledException)
            {
                findings.Count($"{kind}: no connection");
                await Task.Delay(20, CancellationToken.None); // a client's pause before it tries elsewhere
            }
        }
    }

    /// <summary>Chooses what the next call does, and does it.</summary>
    protected abstract Task DoAsync(NpgsqlConnection connection);

    /// <summary>Notes what became of it.</summary>
    protected abstract void Note(CallOutcome outcome, TimeSpan start, TimeSpan end);

    /// <returns>Whether the connection can be used on.</returns>
    private async Task<bool> CallAsync(NpgsqlConnection connection, int node)
    {
        long began = Stopwatch.GetTimestamp();
        long? cutOff = cluster.CutOffSince(node);
        CallOutcome outcome = CallOutcome.Done;
        try
        {
            await DoAsync(connection);
        }
        catch (Exception failed)
        {
            outcome = CallErrors.Judge(failed, out bool isOurs);
            string state = (failed as PostgresException)?.SqlState ?? failed.GetType().Name;
            findings.Count($"{kind}: {state}");
            if (isOurs)
                findings.Violation($"{kind} at n{node + 1}: {state} {failed.Message}");
        }
        Note(outcome, Stopwatch.GetElapsedTime(0, began), Stopwatch.GetElapsedTime(0));
        if (outcome != CallOutcome.Done)
            return outcome == CallOutcome.Refused && connection.State == System.Data.ConnectionState.Open && random.Next(4) > 0;
        findings.Count($"{kind}: done");
        gaps.Done();
        if (cutOff is { } since && cluster.CutOffSince(node) == since && Stopwatch.GetElapsedTime(since, began) is var late && late > LeasePatience)
            findings.Violation($"{kind} at n{node + 1} was served {late.TotalSeconds:F1} s after the node was cut off from etcd");
        return true;
    }

    protected static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, params object[] values)
    {
        await using NpgsqlCommand command = new(sql, connection);
        foreach (object value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return await command.ExecuteNonQueryAsync();
    }

    protected static async Task<T> AskAsync<T>(NpgsqlConnection connection, string sql, params object[] values)
    {
        await using NpgsqlCommand command = new(sql, connection);
        foreach (object value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
