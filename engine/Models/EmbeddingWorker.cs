using System.Collections.Concurrent;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Models;

/// <summary>Embeds the texts that statements have left, in tables with embed_mode = async.</summary>
/// <remarks>
/// What is to do is what lies in the tables: a text without a vector. So nothing is lost by a crash, and nothing is kept beside the rows.
/// A round goes through all such columns and takes their texts in batches, in the order of the rows; commits that leave texts, and time
/// after failures, begin another.
/// Threads: one works; any may wake it, wait for it and look at it.
/// </remarks>
internal sealed class EmbeddingWorker : IAsyncDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    private readonly Database _database;
    private readonly ConcurrentDictionary<(uint Table, short Column), EmbeddingJob> _jobs = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Lock _gate = new();
    private TaskCompletionSource _nextRound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _work = Task.CompletedTask;

    internal EmbeddingWorker(Database database) => _database = database;

    internal void Start()
    {
        _work = Task.Run(RunAsync);
        if (_database.Storage.Catalog.HasDeferringTables)
            Wake();
    }

    /// <summary>There may be texts to embed.</summary>
    internal void Wake() => _wake.Release();

    internal EmbeddingJob JobOf(TableEntry table, ColumnEntry column) =>
        _jobs.GetValueOrDefault((table.Oid, column.Number)) ?? new EmbeddingJob(table.Id, column.Number);

    /// <summary>Returns when all that was committed before has been tried.</summary>
    internal async Task WaitAsync(CancellationToken cancellation)
    {
        Task round;
        lock (_gate)
            round = _nextRound.Task;
        Wake();
        await round.WaitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _nextRound.TrySetCanceled();
        _stop.Dispose();
        _wake.Dispose();
    }

    private async Task RunAsync()
    {
        bool hasFailed = false;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await WaitForWorkAsync(hasFailed);
                TaskCompletionSource round;
                lock (_gate)
                    (round, _nextRound) = (_nextRound, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                hasFailed = await RunRoundAsync();
                round.TrySetResult();
            }
            catch (Exception error) when (_stop.IsCancellationRequested && error is OperationCanceledException or SqlException)
            {
                return;
            }
        }
    }

    private async Task WaitForWorkAsync(bool hasFailed)
    {
        Task woken = _wake.WaitAsync(_stop.Token);
        if (hasFailed)
            await Task.WhenAny(woken, Task.Delay(RetryAfter, _database.Time, _stop.Token));
        else
            await woken;
        _stop.Token.ThrowIfCancellationRequested();
        if (!woken.IsCompleted)
            Wake(); // for the wait that goes on
        await woken;
        while (_wake.Wait(0)) // what was asked for meanwhile is done now
        {
        }
    }

    /// <returns>Whether texts are left that a model failed on.</returns>
    private async Task<bool> RunRoundAsync()
    {
        CatalogSnapshot catalog = _database.Storage.Catalog.InDatabase(0);
        (TableEntry Table, ColumnEntry Column)[] columns =
        [
            .. from table in catalog.DeferringTables
               from column in table.LiveColumns
               where table.IsDeferred(column)
               select (table, column),
        ];
        foreach ((uint Table, short Column) key in _jobs.Keys.Where(key => !columns.Any(found => (found.Table.Oid, found.Column.Number) == key)))
            _jobs.TryRemove(key, out _);
        bool hasFailed = false;
        foreach ((TableEntry table, ColumnEntry column) in columns)
        {
            EmbeddingJob job = JobOf(table, column);
            try
            {
                await using EmbeddingRound round = new(_database, catalog, table, column, job, Publish);
                await round.RunAsync(_stop.Token);
                job = round.Job;
            }
            catch (Exception error) when (!_stop.IsCancellationRequested) // one column's failure is not the others'
            {
                job = JobOf(table, column) with
                {
                    State = "failing", LastError = error.Message, LastErrorTime = _database.Time.GetUtcNow(),
                };
            }
            Publish(job.State == "running" ? job with { State = "idle" } : job);
            hasFailed |= job.State == "failing";
        }
        return hasFailed;
    }

    private void Publish(EmbeddingJob job) => _jobs[(job.Table.Oid, job.Column)] = job;
}
