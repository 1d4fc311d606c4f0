using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Errors;
using VecSQL.Storage.Replication;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Replication;

/// <summary>Engines that apply one log hold the same, whatever each does to its files, whoever leads, and whenever each hears of the catalog.</summary>
public sealed class ReplicatedLoadTests
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
    public async Task Replicas_hold_the_same_under_random_load(int seed)
    {
        await using Run run = new(seed);
        await run.RunAsync(operations: 300);
    }

    private sealed class Run : IAsyncDisposable
    {
        private readonly Random _random;
        private readonly TestLog _log = new();
        private readonly TestReplica[] _replicas;
        private readonly List<string> _prepared = [];
        private readonly List<TableEntry> _tables = [];
        private readonly SequenceEntry _sequence = new(30_000_000, CatalogSnapshot.PublicOid, "s");
        private TestReplica _primary;
        private long _key;
        private int _step;

        internal Run(int seed)
        {
            _random = new Random(seed);
            _tables.Add(_log.AddTable());
            _tables.Add(_log.AddTable("u", hasKey: false));
            _replicas = [new TestReplica(_log, 1), new TestReplica(_log, 2), new TestReplica(_log, 3)];
            _primary = _replicas[0];
            _primary.Lead();
        }

        public async ValueTask DisposeAsync()
        {
            foreach (TestReplica replica in _replicas)
                await replica.DisposeAsync();
        }

        internal async Task RunAsync(int operations)
        {
            for (_step = 0; _step < operations; _step++)
                await StepAsync();
            await CompareAsync();
            foreach (string id in _prepared.ToArray())
                await DecideAsync(id);
            await _primary.Machine.CheckAsync();
            await CompareAsync();
            foreach (TestReplica replica in _replicas)
                Assert.Equal(_primary.Machine.Checksum(), replica.Machine.Checksum());
            Assert.NotNull(_primary.Machine.Checksum());
        }

        private async Task StepAsync()
        {
            TestReplica replica = _replicas[_random.Next(_replicas.Length)];
            switch (_random.Next(100))
            {
                case < 40:
                    await WriteAsync(prepares: false);
                    break;
                case < 52:
                    await WriteAsync(prepares: true);
                    break;
                case < 60 when _prepared.Count > 0:
                    await DecideAsync(_prepared[_random.Next(_prepared.Count)]);
                    break;
                case < 66:
                    await replica.Engine.CheckpointAsync(default);
                    break;
                case < 70:
                    await replica.Engine.CompactAsync(_tables[_random.Next(2)].Id, default);
                    break;
                case < 73 when replica != _primary:
                    await RestartAsync(replica);
                    break;
                case < 76:
                    Move();
                    break;
                case < 79 when replica != _primary:
                    Copy(replica);
                    break;
                case < 82:
                    _log.AddTable($"made{_step}");
                    _primary.FollowCatalog();
                    break;
                case < 85:
                    await _primary.Machine.CheckAsync();
                    break;
                case < 95:
                    replica.CatchUp(_random.Next(_log.Entries.Count + 1));
                    break;
                default:
                    await CompareAsync();
                    break;
            }
        }

        private async Task WriteAsync(bool prepares)
        {
            await using Transaction transaction = _primary.Engine.Begin(IsolationLevel.ReadCommitted, lockPatience: static () => TimeSpan.FromMilliseconds(1));
            try
            {
                TableEntry table = _tables[_random.Next(2)];
                await transaction.LockTableAsync(table.Id, TableLockMode.RowExclusive, LockWaitPolicy.Block, default);
                int choice = _random.Next(20);
                if (choice == 0)
                    await transaction.TruncateAsync(table.Id, default);
                if (choice == 2)
                    _primary.Engine.TakeSequenceValues(_sequence, 1);
                int count = choice == 3 ? 300 : _random.Next(1, 6);
                await transaction.InsertAsync(table.Id, TestDatabase.Rows(
                    [.. Enumerable.Range(0, count).Select(_ => ((long?)_key++, (string?)$"n{_step}"))]), default);
                List<(long Id, string? Name, long RowId)> rows = transaction.Scan(table);
                RowId[] deleted = [.. rows.Where(_ => _random.Next(rows.Count) < 3).Select(static row => new RowId(row.RowId))];
                await transaction.DeleteAsync(table.Id, deleted, default);
                if (!prepares)
                {
                    await transaction.CommitAsync(isDurable: true, default);
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

        private async Task DecideAsync(string id)
        {
            _prepared.Remove(id);
            CommitTimestamp earliest = _primary.Engine.Prepared.Single(prepared => prepared.GlobalId == id).Earliest, next = _log.Timestamps.Next();
            if (_random.Next(3) == 0)
                await _primary.Engine.RollbackPreparedAsync(id);
            else
                await _primary.Engine.CommitPreparedAsync(id, _random.Next(2) == 0 || next < earliest ? earliest : next);
        }

        private async Task RestartAsync(TestReplica replica)
        {
            if (_random.Next(2) == 0)
                await replica.DisposeAsync();
            else
                replica.Files.CrashAndRestart(_random.NextDouble());
            replica.Reopen();
        }

        /// <summary>Another becomes the primary.</summary>
        private void Move()
        {
            TestReplica next = _replicas[_random.Next(_replicas.Length)];
            _primary.StepDown();
            _primary = next;
            _primary.Lead();
        }

        /// <summary>Another's state takes the place of a replica's own.</summary>
        private void Copy(TestReplica replica)
        {
            TestReplica source = _replicas[_random.Next(_replicas.Length)];
            if (source == replica)
                return;
            replica.FollowCatalog();
            using IMachineSnapshot snapshot = source.Machine.OpenSnapshot();
            using IMachineInstall install = replica.Machine.BeginInstall(snapshot.Position, snapshot.Length);
            for (long at = 0; at < snapshot.Length;)
            {
                ReadOnlyMemory<byte> bytes = snapshot.Read(at, _random.Next(1, 3000));
                install.Write(bytes.Span);
                at += bytes.Length;
            }
            Assert.True(install.Complete(snapshot.Checksum));
            Assert.Equal(snapshot.Position, replica.Machine.Applied);
        }

        /// <summary>Has all come to the log's end, and reads them at the same moments.</summary>
        private async Task CompareAsync()
        {
            foreach (TestReplica replica in _replicas)
            {
                replica.FollowCatalog();
                Assert.True(replica.CatchUp());
                Assert.Equal(_primary.Engine.Prepared.Select(static state => state.GlobalId), replica.Engine.Prepared.Select(static state => state.GlobalId));
                Assert.Equal(_primary.Engine.NewestCommit, replica.Engine.NewestCommit);
                long newest = _primary.Engine.NewestCommit;
                foreach (TableEntry table in _tables)
                {
                    long[] moments = [newest, _random.NextInt64(newest), _random.NextInt64(newest)];
                    foreach (long moment in moments)
                    {
                        string expected = await ContentAsync(_primary.Engine, table, moment), found = await ContentAsync(replica.Engine, table, moment);
                        bool isKept = expected != "72000" && found != "72000"; // whoever was copied keeps what the other did
                        Assert.True(!isKept || expected == found, $"at {moment} of {newest}: {expected} and {found}");
                    }
                }
            }
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
    }
}
