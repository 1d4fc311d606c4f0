using System.Collections.Concurrent;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Models;

/// <summary>Embeds the texts that statements have left, in tables with embed_mode = async, and those of columns that get another model.</summary>
/// <remarks>
/// What is to do is what lies in the tables: a text without a vector. So nothing is lost by a crash, and nothing is kept beside the rows.
/// Each such column has rounds, which take its texts in batches, in the order of the rows; columns take turns, a batch each, so that none waits for
/// all of another's texts. Commits that leave texts, and time after failures, begin other rounds.
/// Threads: one works; any may wake it, wait for it and look at it.
/// </remarks>
internal sealed class EmbeddingWorker : IAsyncDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10), Breather = TimeSpan.FromMilliseconds(50);

    private readonly Database _database;
    private readonly ConcurrentDictionary<(uint Table, short Column), EmbeddingJob> _jobs = new();
    // Of the thread that works: rounds, with what they answer and the last commit before their pass; and shadows that take their places.
    private readonly Dictionary<(uint Table, short Column), (EmbeddingRound Round, long Asked, long Seen)> _rounds = [];
    private readonly Dictionary<(uint Table, short Column), Task> _changes = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Lock _gate = new();
    private TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _asked; // how often it was woken
    private Task _work = Task.CompletedTask;

    internal EmbeddingWorker(Database database) => _database = database;

    internal void Start()
    {
        _work = Task.Run(RunAsync);
        if (_database.Storage.Catalog.HasDeferringTables)
            Wake();
    }

    /// <summary>There may be texts to embed.</summary>
    internal void Wake()
    {
        Interlocked.Increment(ref _asked);
        _wake.Release();
    }

    internal EmbeddingJob JobOf(TableEntry table, ColumnEntry column) =>
        _jobs.GetValueOrDefault((table.Oid, column.Number)) ?? new EmbeddingJob(table.Id, column.Number);

    /// <summary>Ends when something has been done to the end, of whatever column.</summary>
    internal Task Progress
    {
        get
        {
            lock (_gate)
                return _progress.Task;
        }
    }

    /// <summary>Returns when all that was committed to the table before has been tried.</summary>
    internal async Task WaitAsync(TableEntry table, CancellationToken cancellation)
    {
        long asked = Interlocked.Increment(ref _asked);
        _wake.Release();
        while (true)
        {
            Task progress = Progress;
            if (Deferred(_database.Storage.Catalog.InDatabase(0)).Where(
                found => found.Table.Oid == table.Oid && found.Table.IsDeferred(found.Column)).All(found => JobOf(found.Table, found.Column).Answered >= asked))
                return;
            await progress.WaitAsync(cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        await Task.WhenAll(_changes.Values);
        foreach ((EmbeddingRound round, _, _) in _rounds.Values)
            await round.DisposeAsync();
        _progress.TrySetCanceled();
        _stop.Dispose();
        _wake.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (_rounds.Count == 0)
                    await WaitForWorkAsync(_jobs.Values.Any(static job => job.State == "failing"));
                while (_wake.Wait(0))
                {
                    // What was asked for meanwhile is done now.
                }
                await BeginAsync();
                foreach ((uint Table, short Column) key in _rounds.Keys.ToArray())
                    await StepAsync(key);
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
        List<Task> all = [woken, .. _changes.Values];
        Task? retry = hasFailed ? Task.Delay(RetryAfter, _database.Time, _stop.Token) : null;
        if (retry is not null)
            all.Add(retry);
        Task first = await Task.WhenAny(all);
        _stop.Token.ThrowIfCancellationRequested();
        if (first == retry)
            Wake();
        else if (first != woken)
            _wake.Release(); // for the wait that goes on
        await woken;
    }

    /// <summary>Begins a round for each column that has not answered all that was asked, and lets go of columns that are no more.</summary>
    private async Task BeginAsync()
    {
        CatalogSnapshot catalog = _database.Storage.Catalog.InDatabase(0);
        Dictionary<(uint, short), (TableEntry Table, ColumnEntry Column)> columns =
            Deferred(catalog).ToDictionary(static found => (found.Table.Oid, found.Column.Number));
        foreach ((uint, short) key in _jobs.Keys.Concat(_rounds.Keys).Where(key => !columns.ContainsKey(key)).ToArray())
        {
            _jobs.TryRemove(key, out _);
            if (_rounds.Remove(key, out (EmbeddingRound Round, long, long) left))
                await left.Round.DisposeAsync();
            Tell();
        }
        foreach ((uint, short) key in _changes.Where(static change => change.Value.IsCompleted).Select(static change => change.Key).ToArray())
            _changes.Remove(key);
        long asked = Interlocked.Read(ref _asked);
        foreach (((uint, short) key, (TableEntry table, ColumnEntry column)) in columns)
        {
            EmbeddingJob job = JobOf(table, column);
            if (!_changes.ContainsKey(key) && !_rounds.ContainsKey(key) && job.Answered < asked)
                _rounds[key] = (new EmbeddingRound(_database, catalog, table, column, job, Publish), asked, 0);
        }
    }

    private async Task StepAsync((uint Table, short Column) key)
    {
        (EmbeddingRound round, long asked, long seen) = _rounds[key];
        EmbeddingJob job;
        try
        {
            if (round.IsBetweenPasses)
            {
                (asked, seen) = (Interlocked.Read(ref _asked), _database.Storage.NewestCommit); // which the pass sees
                _rounds[key] = (round, asked, seen);
            }
            if (await round.StepAsync(_stop.Token))
            {
                if (round.Job.State == "failing")
                    Tell(); // who waits for all of it need not wait for the rest
                return;
            }
            job = round.Job with { State = round.Job.FailedCount > 0 ? "failing" : "idle" };
        }
        catch (Exception error) when (!_stop.IsCancellationRequested) // one column's failure is not the others'
        {
            job = round.Job with { State = "failing", LastError = error.Message, LastErrorTime = _database.Time.GetUtcNow() };
        }
        _rounds.Remove(key);
        Publish(job with { Answered = asked });
        if (round.IsShadow && job.State == "idle")
            _changes[key] = ChangeAsync(round, job, seen);
        else
            await round.DisposeAsync();
        Tell();
    }

    /// <summary>Brings a shadow, which has all vectors, to the place of its column.</summary>
    /// <param name="seen">Whoever reads at this moment or later sees all vectors.</param>
    private async Task ChangeAsync(EmbeddingRound round, EmbeddingJob job, long seen)
    {
        bool? isChanged = null;
        try
        {
            await using (round)
            {
                await ShadowColumns.IndexAsync(_database, round.Home, job.Table, job.Column, _stop.Token);
                Tell(); // those who wait let their old snapshots go
                await _database.Storage.WaitForSnapshotsAsync(seen, _stop.Token);
                while ((isChanged = await round.TryTakePlaceAsync(job, _stop.Token)) is null)
                    await Task.Delay(Breather, _database.Time, _stop.Token); // for readers who have stood behind this try
            }
            if (isChanged is false)
                Interlocked.Increment(ref _asked); // for the thread that works, which looks when this has ended
        }
        catch (Exception error) when (error is not OperationCanceledException || !_stop.IsCancellationRequested)
        {
            Publish(job with { State = "failing", LastError = error.Message, LastErrorTime = _database.Time.GetUtcNow() });
        }
        catch (OperationCanceledException)
        {
            // The node stops; it goes on after the next start.
        }
        Tell();
    }

    private void Tell()
    {
        lock (_gate)
        {
            _progress.TrySetResult();
            _progress = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private static IEnumerable<(TableEntry Table, ColumnEntry Column)> Deferred(CatalogSnapshot catalog) =>
        from table in catalog.DeferringTables
        from column in table.FilledColumns
        select (table, column);

    private void Publish(EmbeddingJob job) => _jobs[(job.Table.Oid, job.Column)] = job;
}
