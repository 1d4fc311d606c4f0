using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Log;

/// <summary>An engine that follows another's log holds the same, whatever either does to its files.</summary>
public sealed class FollowerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task A_follower_holds_what_its_primary_holds_under_random_load(int seed)
    {
        await using Run run = new(seed);
        await run.RunAsync(operations: 250);
    }

    [Fact]
    public async Task A_follower_refuses_writers_and_becomes_a_primary_with_the_locks_of_what_was_prepared()
    {
        await using Run run = new(0);
        TableEntry table = await run.BeginAsync();
        await run.InsertAsync(run.Primary, 1, 2);
        await using (Transaction transaction = run.Primary.Begin(IsolationLevel.ReadCommitted))
        {
            await transaction.InsertAsync(table, 10);
            await transaction.DeleteByIdAsync(table, 1);
            await transaction.PrepareAsync("p", default, default);
        }
        await run.ShipAsync();
        SqlException error = await Assert.ThrowsAsync<SqlException>(() => run.Follower.InsertCommittedAsync(table, 5));
        Assert.Equal("25006", error.State.Code);
        await using Transaction early = run.Follower.Begin(IsolationLevel.RepeatableRead);
        await run.Follower.LeadAsync();
        Assert.Equal("p", Assert.Single(run.Follower.Prepared).GlobalId);
        await using Transaction inserter = run.Follower.Begin(IsolationLevel.ReadCommitted), reuser = run.Follower.Begin(IsolationLevel.ReadCommitted);
        Task<long> insert = inserter.InsertAsync(table, 10), reuse = reuser.InsertAsync(table, 1);
        Assert.False(insert.IsCompleted || reuse.IsCompleted);
        await run.Follower.CommitPreparedAsync("p", run.Timestamps.Next());
        await Assert.ThrowsAsync<SqlException>(() => insert.WaitAsync(PreparedRig.Patience));
        await reuse.WaitAsync(PreparedRig.Patience);
        await reuser.CommitAsync(isDurable: true, default);
        Assert.Equal([1, 2, 10], await run.Follower.IdsAsync(table));
        Assert.Equal([1, 2], early.Ids(table));
    }

    [Fact]
    public async Task A_record_that_cannot_follow_is_refused_and_the_right_one_taken_after_it()
    {
        await using Run run = new(0);
        TableEntry table = await run.BeginAsync();
        byte[] decision = new DecisionRecord("p", IsCommit: true).Encode().Written.ToArray();
        await Assert.ThrowsAsync<InvalidDataException>(async () => await run.Follower.ApplyAsync(LogRecordKind.Decision, 1000, decision));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await run.Follower.ApplyAsync(LogRecordKind.Transaction, 1000, new byte[] { 1 }));
        await using (Transaction large = run.Primary.Begin(IsolationLevel.ReadCommitted))
        {
            await large.InsertAsync(table.Id, TestDatabase.Rows([.. Enumerable.Range(0, 300).Select(static id => ((long?)id, (string?)"x"))]), default);
            await large.CommitAsync(isDurable: true, default);
        }
        await Assert.ThrowsAsync<StorageException>(() => run.ShipAsync(copies: false));
        await run.ShipAsync();
        Assert.Equal(300, (await run.Follower.IdsAsync(table)).Count);
    }

    [Fact]
    public async Task A_follower_reads_at_a_moment_once_it_has_come_there()
    {
        await using Run run = new(0);
        TableEntry table = await run.BeginAsync();
        await run.InsertAsync(run.Primary, 1);
        CommitTimestamp moment = new(run.Primary.NewestCommit);
        Task<Transaction> begin = run.Follower.BeginAsync(moment).AsTask();
        using CancellationTokenSource source = new();
        Task<Transaction> cancelled = run.Follower.BeginAsync(new CommitTimestamp(moment.Value + 1), cancellation: source.Token).AsTask();
        Assert.False(begin.IsCompleted);
        await run.ShipAsync();
        await using Transaction reader = await begin.WaitAsync(PreparedRig.Patience);
        Assert.Equal([1], reader.Ids(table));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Task<Transaction> later = run.Follower.BeginAsync(run.Timestamps.Next()).AsTask();
        Assert.False(later.IsCompleted);
        await run.Follower.LeadAsync(); // which knows what else is committed by then: nothing
        await using Transaction second = await later.WaitAsync(PreparedRig.Patience);
        Assert.Equal([1], second.Ids(table));
    }

    private sealed class Run(int seed) : IAsyncDisposable
    {
        private readonly Random _random = new(seed);
        private readonly FaultyFileSystem _primaryFiles = new(), _followerFiles = new();
        private readonly List<string> _prepared = [];
        private readonly List<(TableEntry Table, Transaction Reader, List<(long, string?, long)> Seen)> _readers = [];
        private readonly List<TableEntry> _tables = [];
        private readonly SequenceEntry _sequence = new(30_000_000, CatalogSnapshot.PublicOid, "s");
        private long _shipped, _key;
        private int _step;

        internal StorageEngine Primary { get; private set; } = null!;

        internal StorageEngine Follower { get; private set; } = null!;

        internal TestTimestamps Timestamps { get; } = new();

        public async ValueTask DisposeAsync()
        {
            await Primary.DisposeAsync();
            await Follower.DisposeAsync();
        }

        internal async Task<TableEntry> BeginAsync()
        {
            Primary = Open(_primaryFiles, node: 1, isFollower: false);
            Follower = Open(_followerFiles, node: 2, isFollower: true);
            _tables.Add(await Primary.CreateTableAsync());
            await ShipAsync();
            return _tables[0];
        }

        internal Task InsertAsync(StorageEngine engine, params long[] ids) => engine.InsertCommittedAsync(_tables[0], ids);

        internal async Task RunAsync(int operations)
        {
            await BeginAsync();
            _tables.Add(await Primary.CreateTableAsync("u", hasKey: false));
            await ShipAsync();
            for (_step = 0; _step < operations; _step++)
                await StepAsync();
            await ShipAsync();
            await CompareAsync();
            await Follower.LeadAsync();
            foreach (string id in _prepared)
            {
                CommitTimestamp? at = _random.Next(3) > 0 ? Timestamps.Next() : null;
                await DecideAsync(Primary, id, at);
                await DecideAsync(Follower, id, at);
            }
            await CompareAsync();
            await InsertAsync(Follower, 50_000_000);
            Assert.Contains(50_000_000, await Follower.IdsAsync(_tables[0]));
        }

        /// <summary>Gives the follower what the primary's log has since the last time, files first.</summary>
        internal async Task ShipAsync(bool copies = true)
        {
            LogReader reader = new(_primaryFiles, "/data/log");
            long first = reader.ListFiles().Last(file => file.First <= _shipped + 1).First;
            foreach (LogRecord record in reader.ReadAfter(first - 1).Where(record => record.Header.Sequence > _shipped))
            {
                ReplayedRecord work = LogReplay.Decode(record.Header.Kind, record.Payload);
                foreach (SegmentInfo segment in copies ? work.Segments : [])
                {
                    Copy(segment.Id.ArrowName);
                    Copy(segment.Id.SidecarName);
                }
                await Follower.ApplyAsync(record.Header.Kind, record.Header.Timestamp, record.Payload);
                _shipped = record.Header.Sequence;
                Assert.Equal(_shipped, Follower.State.Commits.Log.LastSequence);
            }
        }

        private static async ValueTask DecideAsync(StorageEngine engine, string id, CommitTimestamp? at) =>
            await (at is { } timestamp ? engine.CommitPreparedAsync(id, timestamp) : engine.RollbackPreparedAsync(id));

        private async Task StepAsync()
        {
            switch (_random.Next(100))
            {
                case < 40:
                    await WriteAsync(prepares: false);
                    break;
                case < 52:
                    await WriteAsync(prepares: true);
                    break;
                case < 62 when _prepared.Count > 0:
                    string id = _prepared[_random.Next(_prepared.Count)];
                    _prepared.Remove(id);
                    await DecideAsync(Primary, id, _random.Next(3) == 0 ? null : _random.Next(2) == 0
                        ? Primary.Prepared.Single(prepared => prepared.GlobalId == id).Earliest : Timestamps.Next());
                    break;
                case < 66:
                    await ShipAsync(); // before what it has to say goes
                    await Primary.CheckpointAsync(default);
                    break;
                case < 69:
                    await ShipAsync();
                    await Primary.CompactAsync(_tables[0].Id, default);
                    break;
                case < 73:
                    await Follower.CheckpointAsync(default);
                    break;
                case < 76:
                    await Follower.CompactAsync(_tables[0].Id, default);
                    break;
                case < 78:
                    await RestartFollowerAsync();
                    break;
                case < 84:
                    await ReadAsync();
                    break;
                case < 92:
                    await ShipAsync();
                    break;
                default:
                    await ShipAsync();
                    await CompareAsync();
                    break;
            }
        }

        private async Task WriteAsync(bool prepares)
        {
            await using Transaction transaction = Primary.Begin(IsolationLevel.ReadCommitted, lockPatience: static () => TimeSpan.FromMilliseconds(1));
            try
            {
                TableEntry table = _tables[_random.Next(2)];
                await transaction.LockTableAsync(table.Id, TableLockMode.RowExclusive, LockWaitPolicy.Block, default);
                int choice = _random.Next(20);
                if (choice == 0)
                    await transaction.TruncateAsync(table.Id, default);
                if (choice == 1)
                    transaction.Change(new PutObject(TestDatabase.Entry(Primary, $"made{_step}")));
                if (choice == 2)
                    Primary.NextSequenceValue(_sequence);
                int count = choice == 3 ? 300 : _random.Next(1, 6);
                await transaction.InsertAsync(table.Id, TestDatabase.Rows(
                    [.. Enumerable.Range(0, count).Select(_ => ((long?)_key++, (string?)$"n{_step}"))]), default);
                List<(long Id, string? Name, long RowId)> rows = transaction.Scan(table);
                RowId[] deleted = [.. rows.Where(_ => _random.Next(rows.Count) < 3).Select(static row => new RowId(row.RowId))];
                await transaction.DeleteAsync(table.Id, deleted, default);
                if (!prepares)
                {
                    await transaction.CommitAsync(isDurable: _random.Next(4) > 0, default);
                    return;
                }
                await transaction.PrepareAsync($"p{_step}", default, default);
                _prepared.Add($"p{_step}");
            }
            catch (SqlException error) when (error.State == SqlState.LockNotAvailable)
            {
                // A prepared transaction is in the way.
            }
        }

        private async Task RestartFollowerAsync()
        {
            _readers.Clear();
            if (_random.Next(2) == 0)
                await Follower.DisposeAsync();
            else
                _followerFiles.CrashAndRestart(_random.NextDouble());
            Follower = Open(_followerFiles, node: 2, isFollower: true);
            Assert.Equal(_shipped, Follower.State.Commits.Log.LastSequence);
        }

        /// <summary>Begins to read on the follower, or reads again what was read before.</summary>
        private async Task ReadAsync()
        {
            if (_readers.Count > 0 && _random.Next(2) == 0)
            {
                (TableEntry table, Transaction reader, List<(long, string?, long)> seen) = _readers[^1];
                _readers.RemoveAt(_readers.Count - 1);
                if (Follower.State.Store(table.Id).HistoryFrom <= reader.SnapshotTimestamp)
                    Assert.Equal(seen, reader.Scan(table));
                else
                    Assert.Equal("72000", Assert.Throws<SqlException>(() => reader.Read(table.Id)).State.Code);
                await reader.RollbackAsync();
                return;
            }
            Transaction begun = Follower.Begin(IsolationLevel.RepeatableRead);
            if (Follower.State.Store(_tables[1].Id).UndecidedAt(Follower.NewestCommit) is null)
                _readers.Add((_tables[1], begun, begun.Scan(_tables[1])));
        }

        /// <summary>Reads both at the same moments.</summary>
        private async Task CompareAsync()
        {
            Assert.Equal(Primary.Prepared.Select(static state => state.GlobalId), Follower.Prepared.Select(static state => state.GlobalId));
            Assert.Equal(Primary.Catalog.Objects.Select(static item => item.Oid).Order(), Follower.Catalog.Objects.Select(static item => item.Oid).Order());
            long newest = Math.Min(Primary.NewestCommit, Follower.NewestCommit);
            foreach (TableEntry table in _tables)
            {
                long[] moments = [newest, _random.NextInt64(newest), _random.NextInt64(newest)];
                foreach (long moment in moments)
                    Assert.Equal(await ContentAsync(Primary, table, moment), await ContentAsync(Follower, table, moment));
            }
            Assert.Equal(Primary.SequencePosition(_sequence).IsCalled, Follower.SequencePosition(_sequence).IsCalled);
        }

        private async Task<string> ContentAsync(StorageEngine engine, TableEntry table, long moment)
        {
            try
            {
                await using Transaction reader = await engine.BeginAsync(new CommitTimestamp(moment));
                List<(long Id, string? Name, long RowId)> rows = reader.Scan(table);
                if (table == _tables[0] && rows.Count > 0)
                    Assert.Equal([rows[0].Name, rows[^1].Name], reader.Lookup(table, rows[0].Id, rows[^1].Id));
                return string.Join(';', rows);
            }
            catch (SqlException error)
            {
                return error.State.Code; // truncated since, or a prepared transaction may come before
            }
        }

        private StorageEngine Open(FaultyFileSystem files, ushort node, bool isFollower) => StorageEngine.Open(new StorageOptions
        {
            Directory = "/data",
            Files = files,
            Timestamps = Timestamps,
            RunsBackgroundWork = false,
            DirectSegmentBytes = 3000,
            HistoryKept = TimeSpan.FromDays(36500), // counters are no times: everything
            Node = node,
            IsFollower = isFollower,
        });

        private void Copy(string name)
        {
            string path = Path.Combine("/data/segments", name);
            using (IFile file = _followerFiles.Open(path, FileOpening.Replace))
            {
                file.Write(0, _primaryFiles.ReadAll(path));
                file.Flush();
            }
            _followerFiles.FlushDirectory("/data/segments");
        }
    }
}
