using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Locking;

/// <summary>Two engines with one source of timestamps: what is moved between them is always whole.</summary>
public sealed class TransferTests
{
    private const int Accounts = 20, Amount = 100, Writers = 3, Readers = 2, Transfers = 60;

    private readonly TestTimestamps _timestamps = new();
    private readonly Dictionary<StorageEngine, TableEntry> _tables = [];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Readers_of_two_engines_at_one_moment_see_every_transfer_whole(int seed)
    {
        StorageEngine[] engines = [Open(), Open()];
        foreach (StorageEngine engine in engines)
        {
            _tables.Add(engine, await engine.CreateTableAsync());
            await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
            for (int account = 0; account < Accounts; account++)
                await writer.InsertAsync(_tables[engine], account, $"{Amount}");
            await writer.CommitAsync(isDurable: true, default);
        }
        using CancellationTokenSource done = new();
        Task[] readers = [.. Enumerable.Range(0, Readers).Select(_ => Task.Run(() => ReadAsync(engines, done.Token)))];
        Task background = Task.Run(() => MaintainAsync(engines, done.Token));
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(number => Task.Run(() => TransferAsync(engines, new Random((seed * 100) + number), number))));
        await done.CancelAsync();
        await Task.WhenAll([.. readers, background]);
        Assert.Equal(2 * Accounts * Amount, await SumAsync(engines));
        Assert.All(engines, static engine => Assert.Empty(engine.Prepared));
        foreach (StorageEngine engine in engines)
            await engine.DisposeAsync();
    }

    private async Task TransferAsync(StorageEngine[] engines, Random random, int writer)
    {
        for (int i = 0; i < Transfers; i++)
        {
            string id = $"{writer}.{i}";
            Transaction[] branches = [.. engines.Select(static engine =>
                engine.Begin(IsolationLevel.ReadCommitted, lockPatience: static () => TimeSpan.FromMilliseconds(20)))];
            int amount = random.Next(1, 10), prepared = 0;
            try
            {
                for (int side = 0; side < 2; side++)
                    await AddAsync(branches[side], _tables[engines[side]], random.Next(Accounts), side == 0 ? -amount : amount);
                long earliest = 0;
                for (; prepared < 2; prepared++)
                    earliest = Math.Max(earliest, (await branches[prepared].PrepareAsync(id, default, default)).Value);
                CommitTimestamp at = _timestamps.Next();
                Assert.True(at.Value >= earliest);
                bool commits = random.Next(4) > 0;
                foreach (StorageEngine engine in engines)
                    await (commits ? engine.CommitPreparedAsync(id, at) : engine.RollbackPreparedAsync(id));
                if (commits)
                    Assert.InRange(await SumAsync(engines), 2 * Accounts * Amount, 2 * Accounts * Amount);
            }
            catch (Exception error) when (error is WriteConflictException || (error is SqlException { State: var state }
                && (state == SqlState.LockNotAvailable || state == SqlState.DeadlockDetected)))
            {
                foreach (Transaction branch in branches)
                    await branch.RollbackAsync();
                Assert.Equal(0, prepared);
            }
        }
    }

    private static async Task AddAsync(Transaction transaction, TableEntry table, int account, int amount)
    {
        transaction.BeginStatement();
        await transaction.LockTableAsync(table.Id, TableLockMode.RowExclusive, LockWaitPolicy.Block, default);
        (long _, string? name, long row) = transaction.Scan(table).Single(found => found.Id == account);
        await transaction.UpdateAsync(table.Id, new[] { new RowId(row) }, TestDatabase.Rows((account, $"{int.Parse(name!) + amount}")), default);
    }

    private async Task ReadAsync(StorageEngine[] engines, CancellationToken done)
    {
        int count = 0;
        for (; !done.IsCancellationRequested || count == 0; count++)
            Assert.Equal(2 * Accounts * Amount, await SumAsync(engines));
    }

    private async Task<int> SumAsync(StorageEngine[] engines)
    {
        CommitTimestamp moment = _timestamps.Next();
        int sum = 0;
        foreach (StorageEngine engine in engines)
        {
            await using Transaction reader = await engine.BeginAsync(moment);
            await reader.LockTableAsync(_tables[engine].Id, TableLockMode.AccessShare, LockWaitPolicy.Block, default);
            List<(long Id, string? Name, long RowId)> rows = reader.Scan(_tables[engine]);
            Assert.Equal(Accounts, rows.Count);
            sum += rows.Sum(static row => int.Parse(row.Name!));
        }
        return sum;
    }

    private async Task MaintainAsync(StorageEngine[] engines, CancellationToken done)
    {
        for (int i = 0; !done.IsCancellationRequested; i++)
        {
            await engines[i % 2].CheckpointAsync(default);
            await engines[i % 2].CompactAsync(_tables[engines[i % 2]].Id, default);
            await Task.Yield();
        }
    }

    private StorageEngine Open() => StorageEngine.Open(new StorageOptions
    {
        Directory = "/data",
        Files = new FaultyFileSystem(),
        Timestamps = _timestamps,
        RunsBackgroundWork = false,
        HistoryKept = TimeSpan.FromDays(36500), // counters are no times: everything
    });
}
