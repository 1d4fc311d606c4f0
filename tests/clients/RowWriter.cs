using System.Diagnostics;
using Npgsql;
using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

/// <summary>Puts rows into w one after the other, each again until it is there.</summary>
internal sealed class RowWriter : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly NpgsqlConnection _connection;
    private Task _running = Task.CompletedTask;
    private int _written;

    private RowWriter(NpgsqlConnection connection) => _connection = connection;

    public int Written => Volatile.Read(ref _written);

    public int Refused { get; private set; }

    public TimeSpan Longest { get; private set; }

    public static async Task<RowWriter> StartAsync(ServerProcess node)
    {
        RowWriter writer = new(new NpgsqlConnection(node.ConnectionString));
        await writer._connection.OpenAsync();
        writer._running = writer.RunAsync();
        return writer;
    }

    public async Task UntilAsync(int written)
    {
        using CancellationTokenSource late = new(NodeQueries.Patience);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        while (Written < written && !_running.IsCompleted)
            await timer.WaitForNextTickAsync(late.Token);
    }

    public async Task EndAsync()
    {
        await _ended.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await _connection.DisposeAsync();
        _ended.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_ended.IsCancellationRequested)
        {
            long start = Stopwatch.GetTimestamp();
            while (!await TryWriteAsync(Written + 1))
                Refused++;
            if (Stopwatch.GetElapsedTime(start) is var took && took > Longest)
                Longest = took;
            Volatile.Write(ref _written, _written + 1);
        }
    }

    private async Task<bool> TryWriteAsync(int id)
    {
        await using NpgsqlCommand command = new($"INSERT INTO w VALUES ({id}) ON CONFLICT DO NOTHING", _connection);
        try
        {
            await command.ExecuteNonQueryAsync();
            return true;
        }
        catch (PostgresException failed) when (NodeQueries.IsToBeRepeated(failed) || failed.SqlState == "08007")
        {
            return false;
        }
    }
}
