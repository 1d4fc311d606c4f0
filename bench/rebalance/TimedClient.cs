using System.Diagnostics;
using Npgsql;
using VecSQL.Bench.Kit;
using VecSQL.Kit;

namespace VecSQL.Bench.Rebalance;

/// <summary>Gives one statement after the other at a node, each again while a driver's own retry would; its time is that until it was done.</summary>
internal sealed class TimedClient(string name, ServerProcess node, Func<int, string> statement) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ended = new();
    private List<double> _times = [];
    private int _retried, _failed;
    private bool _isUnknown; // whether a try of the statement may have been done
    private string _error = "";
    private Task _running = Task.CompletedTask;

    internal string Name => name;

    /// <summary>Statements that were done since the start.</summary>
    internal int Done { get; private set; }

    internal void Start() => _running = Task.Run(RunAsync);

    /// <summary>Returns when it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _running;
        _ended.Dispose();
    }

    /// <summary>What there was since the last call.</summary>
    internal Figures Take()
    {
        lock (_gate)
        {
            double[] times = [.. _times.Order()];
            Figures figures = times.Length == 0 ? new Figures(0, 0, 0, 0, _retried, _failed, _error)
                : new Figures(times.Length, Statistics.Quantile(times, 0.5), Statistics.Quantile(times, 0.95), times[^1], _retried, _failed, _error);
            (_times, _retried, _failed, _error) = ([], 0, 0, "");
            return figures;
        }
    }

    private async Task RunAsync()
    {
        await using NpgsqlConnection connection = await node.OpenAsync();
        for (int turn = 0; !_ended.IsCancellationRequested; turn++)
        {
            long start = Stopwatch.GetTimestamp();
            _isUnknown = false;
            bool isDone;
            while (!(isDone = await TryAsync(connection, statement(turn))) && !_ended.IsCancellationRequested)
                await Task.Delay(5);
            lock (_gate)
                _times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            Done += isDone ? 1 : 0;
        }
    }

    private async Task<bool> TryAsync(NpgsqlConnection connection, string sql)
    {
        bool isUnknown = _isUnknown;
        try
        {
            await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync();
            return true;
        }
        catch (PostgresException failed) when (failed.SqlState is "40001" or "57P03" || failed.SqlState.StartsWith("08", StringComparison.Ordinal))
        {
            lock (_gate)
                _retried++;
            _isUnknown |= failed.SqlState.StartsWith("08", StringComparison.Ordinal);
            return false;
        }
        catch (PostgresException failed) when (failed.SqlState == "23505" && isUnknown)
        {
            return true; // the try before had done it
        }
        catch (PostgresException failed)
        {
            lock (_gate)
            {
                _failed++;
                _error = $"({failed.SqlState} {failed.MessageText})";
            }
            return true;
        }
    }

    internal readonly record struct Figures(int Count, double Median, double Late, double Longest, int Retried, int Failed, string Error);
}
