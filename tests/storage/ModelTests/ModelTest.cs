using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.ModelTests;

/// <summary>
/// Random sessions on one table agree with <see cref="TableModel"/>: what each sees, what each may write, who waits for
/// whom, and what
/// is there after checkpoints, compactions and crashes. Some transactions are prepared and decided later, over crashes too, and commit before
/// what came since.
/// </summary>
public sealed class ModelTest
{
    private const int SessionCount = 6, KeyCount = 24;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Concurrent_sessions_agree_with_the_model(int seed)
    {
        string? wanted = Environment.GetEnvironmentVariable("VECSQL_MODEL_OPERATIONS");
        int operations = wanted is null ? 3000 : int.Parse(wanted) / 3;
        await new Run(seed).RunAsync(operations);
    }

    private sealed class Run(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly FaultyFileSystem _files = new(new FaultPlan { Seed = seed });
        private readonly TableModel _model = new();
        private readonly ModelSession[] _sessions = [.. Enumerable.Range(0, SessionCount).Select(number =>
            new ModelSession(number))];
        private readonly Dictionary<string, int> _counts = [];
        private readonly List<ModelPrepared> _prepared = [];
        private long _freshKey = 1_000_000;
        private StorageEngine _engine = null!;
        private TableEntry _table = null!;
        private int _step;

        internal async Task RunAsync(int operations)
        {
            _engine = Open();
            _table = await _engine.CreateTableAsync();
            for (_step = 0; _step < operations; _step++)
            {
                await StepAsync(latter: _step > operations / 2);
                await SettleAsync();
            }
            await DecideAllAsync();
            foreach (ModelSession session in _sessions)
                await EndAsync(session, commits: true);
            await CheckCommittedAsync();
            await _engine.DisposeAsync();
            _engine = Open();
            await CheckCommittedAsync();
            await _engine.DisposeAsync();
            string[] outcomes = ["conflict", "duplicate", "blocked", "prepared", "decided", "earlier", "reader waits", "crash with prepared"];
            Assert.All(outcomes, outcome => Assert.True(_counts.GetValueOrDefault(outcome) > 0, $"the run met no {outcome}"));
        }

        private StorageEngine Open() => StorageEngine.Open(new StorageOptions
        {
            Directory = "/data",
            Files = _files,
            RunsBackgroundWork = false,
            DirectSegmentBytes = 3000,
            DeltaBytesMax = 1 << 20,
        });

        /// <param name="latter">Whether what the run must meet and has not met yet is brought about when it can be.</param>
        private async Task StepAsync(bool latter)
        {
            int choice = _random.Next(1000);
            bool isMissing = latter && _prepared.Count > 0 && !_counts.ContainsKey("crash with prepared");
            if (choice < 4 || isMissing)
            {
                await CrashAsync();
                return;
            }
            if (choice < 12)
            {
                await _engine.CheckpointAsync(default);
                return;
            }
            if (choice < 18)
            {
                await _engine.CompactAsync(_table.Id, default);
                return;
            }
            if (choice < 60 && _prepared.Count > 0)
            {
                await DecideAsync(_prepared[_random.Next(_prepared.Count)]);
                return;
            }
            ModelSession session = _sessions[_random.Next(SessionCount)];
            if (session.Pending is not null)
                return;
            if (session.Transaction is null)
            {
                Begin(session);
                return;
            }
            if (_random.Next(3) > 0)
                BeginStatement(session);
            if (_prepared.Exists(prepared => prepared.Earliest <= session.Snapshot) && _model.LastCommit > 0)
                await WaitOrEndAsync(session, session.Transaction);
            else
                await ActAsync(session, session.Transaction);
        }

        private async Task ActAsync(ModelSession session, Transaction transaction)
        {
            switch (_random.Next(100))
            {
                case < 11:
                    await EndAsync(session, commits: true);
                    break;
                case < 14:
                    await PrepareAsync(session, transaction);
                    break;
                case < 19:
                    await EndAsync(session, commits: false);
                    break;
                case < 24:
                    session.Savepoints.Add((transaction.Savepoint(), Written(session), Deleted(session)));
                    break;
                case < 28:
                    RollBackToSavepoint(session, transaction);
                    break;
                case < 45:
                    CheckScan(session, transaction);
                    break;
                case < 55:
                    CheckLookup(session, transaction);
                    break;
                case < 75:
                    Write(session, transaction, old: null, _random.Next(KeyCount));
                    break;
                case < 77:
                    await InsertManyAsync(session, transaction);
                    break;
                case < 88:
                    Write(session, transaction, AnyVisible(session), key: null);
                    break;
                default:
                    Write(session, transaction, AnyVisible(session), _random.Next(KeyCount));
                    break;
            }
        }

        private async Task PrepareAsync(ModelSession session, Transaction transaction)
        {
            if (Written(session).Count + Deleted(session).Count == 0)
                return;
            string id = $"p{_step}";
            ModelPrepared prepared = new(id, new ModelSession(_step), (await transaction.PrepareAsync(id, default, default)).Value);
            Assert.True(prepared.Earliest > _model.LastCommit, "no snapshot is at a moment that it may commit at");
            _model.HandOver(session, prepared.Holder);
            _prepared.Add(prepared);
            session.Transaction = null;
            Count("prepared");
        }

        /// <summary>A statement of the session would have to know what becomes of a prepared transaction: it waits, or there is none any more.</summary>
        private async Task WaitOrEndAsync(ModelSession session, Transaction transaction)
        {
            using CancellationTokenSource source = new();
            Task wait = transaction.LockTableAsync(_table.Id, TableLockMode.AccessShare, LockWaitPolicy.Block, source.Token).AsTask();
            Assert.False(wait.IsCompleted, "it does not wait");
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
            Assert.Throws<SqlException>(() => transaction.Read(_table.Id));
            Count("reader waits");
            if (_random.Next(4) == 0)
                await EndAsync(session, commits: _random.Next(2) == 0);
        }

        private async Task DecideAsync(ModelPrepared prepared)
        {
            _prepared.Remove(prepared);
            Count("decided");
            if (_random.Next(3) == 0)
            {
                await _engine.RollbackPreparedAsync(prepared.Id);
                _model.RollBack(prepared.Holder);
                return;
            }
            long at = Math.Max(prepared.Earliest, _random.Next(2) == 0 ? prepared.Earliest : _model.LastCommit + 1);
            if (at < _model.LastCommit)
                Count("earlier");
            await _engine.CommitPreparedAsync(prepared.Id, new CommitTimestamp(at));
            _model.Commit(prepared.Holder, at);
        }

        private async Task DecideAllAsync()
        {
            while (_prepared.Count > 0)
            {
                await DecideAsync(_prepared[^1]);
                await SettleAsync();
            }
        }

        private void Begin(ModelSession session)
        {
            session.Transaction = _engine.Begin(_random.Next(2) == 0
                ? IsolationLevel.ReadCommitted : IsolationLevel.RepeatableRead);
            session.Snapshot = _model.LastCommit;
            session.Savepoints.Clear();
        }

        private void BeginStatement(ModelSession session)
        {
            session.Transaction!.BeginStatement();
            if (session.Transaction.Isolation == IsolationLevel.ReadCommitted)
                session.Snapshot = _model.LastCommit;
        }

        private ModelRow? AnyVisible(ModelSession session)
        {
            List<ModelRow> visible = _model.Visible(session).FindAll(row => row.Key < KeyCount);
            return visible.Count == 0 ? null : visible[_random.Next(visible.Count)];
        }

        private void CheckScan(ModelSession session, Transaction transaction)
        {
            List<(long Id, string? Name, long RowId)> expected =
                [.. _model.Visible(session).Select(row => (row.Key, (string?)row.Value, row.RowId)).Order()];
            Assert.Equal(expected, transaction.Scan(_table));
        }

        private void CheckLookup(ModelSession session, Transaction transaction)
        {
            long key = _random.Next(KeyCount);
            List<string?> expected = [.. _model.Visible(session).Where(row => row.Key == key).Select(row => row.Value)];
            expected.Sort(StringComparer.Ordinal);
            Assert.Equal(expected, transaction.LookupAll(_table, key));
        }

        private async Task InsertManyAsync(ModelSession session, Transaction transaction)
        {
            (long? Id, string? Name)[] rows =
                [.. Enumerable.Range(0, _random.Next(1, 60)).Select(_ =>
                    ((long?)_freshKey++, (string?)$"many {_step}"))];
            RowIds ids = await transaction.InsertAsync(_table.Id, TestDatabase.Rows(rows), default);
            for (int i = 0; i < rows.Length; i++)
                _model.Rows.Add(new ModelRow(ids.Values[i], rows[i].Id!.Value, rows[i].Name!, session));
        }

        /// <summary>Starts an insert (no old row), delete (no key) or update; it may block.</summary>
        private void Write(ModelSession session, Transaction transaction, ModelRow? old, long? key)
        {
            if (old is null && key is null)
                return;
            string value = $"{session.Number}.{_step}";
            Task<long?> task = old is null
                ? InsertAsync(transaction, key!.Value, value)
                : key is null
                    ? DeleteAsync(transaction, old)
                    : UpdateAsync(transaction, old, key.Value, value);
            session.Pending = new PendingWrite(old, key, value, task);
            if (task.IsCompleted)
                return;
            Count("blocked");
            Assert.NotEmpty(Blockers(session));
        }

        private async Task<long?> InsertAsync(Transaction transaction, long key, string value) =>
            (await transaction.InsertAsync(_table.Id, TestDatabase.Rows((key, value)), default)).Values[0];

        private async Task<long?> DeleteAsync(Transaction transaction, ModelRow old)
        {
            Assert.Equal(1, await transaction.DeleteAsync(_table.Id, new[] { new RowId(old.RowId) }, default));
            return null;
        }

        private async Task<long?> UpdateAsync(Transaction transaction, ModelRow old, long key, string value) =>
            (await transaction.UpdateAsync(_table.Id, new[] { new RowId(old.RowId) }, TestDatabase.Rows((key, value)),
                default)).Values[0];

        private List<ModelSession> Blockers(ModelSession session)
        {
            PendingWrite write = session.Pending!;
            List<ModelSession> blockers = [];
            if (write.Old?.Deleter is { } deleter && deleter != session)
                blockers.Add(deleter);
            if (write.Key is { } key)
                blockers.AddRange(_model.Undecided(session, key));
            // A blocked update may already hold its old row.
            foreach (ModelSession other in _sessions)
            {
                if (other != session && other.Pending?.Old is { } held && (held == write.Old || held.Key == write.Key))
                    blockers.Add(other);
            }
            return blockers;
        }

        /// <summary>Takes in what has completed, and waits for whoever nobody blocks any more.</summary>
        private async Task SettleAsync()
        {
            while (true)
            {
                foreach (ModelSession session in _sessions)
                    NoteDuplicate(session);
                foreach (ModelSession session in _sessions)
                {
                    if (session.Pending is { Task.IsCompleted: true })
                        await FinishAsync(session);
                }
                ModelSession[] blocked = [.. _sessions.Where(session => session.Pending is not null)];
                if (!blocked.Any(session => !ReachesRunning(session, [])))
                    return;
                await Task.WhenAny(blocked.Select(session =>
                    session.Pending!.Task)).WaitAsync(TimeSpan.FromSeconds(60));
            }
        }

        private void NoteDuplicate(ModelSession session)
        {
            if (session.Pending is { Key: { } key } write && _model.FindLive(session, key) is { } taken
                && taken != write.Old)
                write.HasMetDuplicate = true;
        }

        private bool ReachesRunning(ModelSession session, HashSet<ModelSession> seen) =>
            Blockers(session).Any(blocker =>
            blocker.Pending is null || (seen.Add(blocker) && ReachesRunning(blocker, seen)));

        private async Task FinishAsync(ModelSession session)
        {
            PendingWrite write = session.Pending!;
            session.Pending = null;
            try
            {
                long? rowId = await write.Task;
                CheckAllowed(session, write);
                if (write.Old is { } old)
                    old.Deleter = session;
                if (rowId is { } id)
                    _model.Rows.Add(new ModelRow(id, write.Key!.Value, write.Value, session));
                Count("write");
                return;
            }
            catch (WriteConflictException)
            {
                Count("conflict");
                Assert.True(write.Old is { } row
                    && row.DeletedAt > session.Snapshot, "a conflict is a deletion after the snapshot");
            }
            catch (SqlException error) when (error.State == SqlState.UniqueViolation)
            {
                Count("duplicate");
                Assert.True(write.HasMetDuplicate, "a duplicate is a live row");
            }
            catch (SqlException error) when (error.State == SqlState.DeadlockDetected)
            {
                Count("deadlock");
            }
            if (session.Savepoints.Count > 0 && _random.Next(2) == 0)
                RollBackToSavepoint(session, session.Transaction!);
            else
                await EndAsync(session, commits: false);
        }

        private void CheckAllowed(ModelSession session, PendingWrite write)
        {
            if (write.Old is { } old)
                Assert.True(old.DeletedAt == 0
                    && (old.Deleter is null || old.Deleter == session), "the row was free to change");
            if (write.Key is not { } key)
                return;
            Assert.Empty(_model.Undecided(session, key));
            ModelRow? taken = _model.FindLive(session, key);
            Assert.True(taken is null || taken == write.Old, "the key was free");
        }

        private HashSet<ModelRow> Written(ModelSession session) => [.. _model.Rows.Where(row => row.Writer == session)];

        private HashSet<ModelRow> Deleted(ModelSession session) => [.. _model.Rows.Where(row =>
            row.Deleter == session)];

        private void RollBackToSavepoint(ModelSession session, Transaction transaction)
        {
            if (session.Savepoints.Count == 0)
                return;
            int index = _random.Next(session.Savepoints.Count);
            (int savepoint, HashSet<ModelRow> written, HashSet<ModelRow> deleted) = session.Savepoints[index];
            session.Savepoints.RemoveRange(index + 1, session.Savepoints.Count - index - 1);
            transaction.RollbackTo(savepoint);
            _model.Rows.RemoveAll(row => row.Writer == session && !written.Contains(row));
            foreach (ModelRow row in _model.Rows.Where(row => row.Deleter == session && !deleted.Contains(row)))
                row.Deleter = null;
        }

        private async Task EndAsync(ModelSession session, bool commits)
        {
            if (session.Transaction is not { } transaction || session.Pending is not null)
                return;
            if (commits)
            {
                bool hasWrites = Written(session).Count + Deleted(session).Count > 0;
                long timestamp = (await transaction.CommitAsync(isDurable: true, default)).Value;
                if (hasWrites)
                    _model.Commit(session, timestamp);
                else
                    _model.RollBack(session);
                _model.LastCommit = Math.Max(_model.LastCommit, timestamp); // of rows in segments that were rolled back, it does not know
            }
            else
            {
                await transaction.RollbackAsync();
                _model.RollBack(session);
            }
            session.Transaction = null;
            _model.Vacuum(_sessions.Where(other => other.Transaction is not null).Select(other => other.Snapshot)
                .Append(_model.LastCommit).Min());
        }

        private async Task CrashAsync()
        {
            _files.CrashAndRestart(keepUnflushed: _random.NextDouble());
            foreach (ModelSession session in _sessions)
            {
                _model.RollBack(session);
                (session.Transaction, session.Pending) = (null, null);
            }
            _engine = Open();
            foreach (ModelPrepared prepared in _prepared)
                _model.Rows.RemoveAll(row => row.Writer == prepared.Holder && row.Deleter == prepared.Holder); // which no record tells of
            Assert.Equal(_prepared.Select(static prepared => prepared.Id), _engine.Prepared.Select(static state => state.GlobalId));
            Assert.Equal(_prepared.Select(static prepared => prepared.Earliest), _engine.Prepared.Select(static state => state.Earliest.Value));
            if (_prepared.Count > 0)
                Count("crash with prepared");
            if (_random.Next(2) == 0)
                await DecideAllAsync();
            if (!_prepared.Exists(prepared => prepared.Earliest <= _engine.NewestCommit))
                await CheckCommittedAsync();
        }

        private async Task CheckCommittedAsync()
        {
            ModelSession session = new(-1) { Snapshot = long.MaxValue };
            await using Transaction transaction = _engine.Begin(IsolationLevel.ReadCommitted);
            CheckScan(session, transaction);
        }

        private void Count(string outcome) => _counts[outcome] = _counts.GetValueOrDefault(outcome) + 1;
    }
}
