using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Tests.Branches;

/// <summary>Random transactions over shards at other nodes answer what the same ones answer over shards at hand.</summary>
public sealed class ModelTests
{
    [Theory]
    [InlineData(Place.Remote, 1)]
    [InlineData(Place.Remote, 2)]
    [InlineData(Place.Mixed, 3)]
    public async Task Random_transactions_answer_the_same(Place place, int seed)
    {
        int steps = int.TryParse(Environment.GetEnvironmentVariable("VECSQL_MODEL_OPERATIONS"), CultureInfo.InvariantCulture, out int given) ? given : 400;
        await using BranchRig near = BranchRig.Open(), far = BranchRig.Open();
        Side left = new(near.Coordinator(Place.Local)), right = new(far.Coordinator(place));
        await left.OpenAsync();
        await right.OpenAsync();
        Random random = new(seed);
        List<string> history = [];
        for (int step = 0; step < steps; step++)
        {
            int kind = random.Next(20), choice = random.Next();
            string expected = await left.DoAsync(kind, choice), found = await right.DoAsync(kind, choice);
            history.Add($"{step}: {kind} {choice}: {expected}");
            Assert.True(expected == found, $"{string.Join('\n', history.TakeLast(12))}\nfound: {found}");
        }
    }

    /// <summary>One coordinator, with two transactions at a time over a table that is divided and one that is whole.</summary>
    private sealed class Side(ShardedStorage storage)
    {
        private readonly ITransaction?[] _transactions = new ITransaction?[2];
        private readonly List<int>[] _savepoints = [[], []];
        private TableEntry[] _tables = [];

        public async Task OpenAsync() => _tables = [await Tables.CreateAsync(storage, 3), await Tables.CreateAsync(storage, 0, "w")];

        public async Task<string> DoAsync(int kind, int choice)
        {
            Random random = new(choice);
            int number = random.Next(2);
            ITransaction transaction = _transactions[number] ??= storage.Begin(random.Next(2) == 0 ? IsolationLevel.ReadCommitted : IsolationLevel.RepeatableRead);
            try
            {
                return await DoAsync(transaction, _savepoints[number], number, kind, random);
            }
            catch (Exception error) when (error is SqlException or WriteConflictException)
            {
                await EndAsync(number);
                return error is SqlException told ? $"{told.State.Code} {told.Message} {told.Detail} {told.TableName} {told.ConstraintName}" : "conflict";
            }
        }

        private async Task<string> DoAsync(ITransaction transaction, List<int> savepoints, int number, int kind, Random random)
        {
            TableEntry table = _tables[random.Next(2)];
            long[] ids = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => (long)random.Next(60)).Distinct()];
            if (kind < 15)
                transaction.BeginStatement();
            // Nobody waits: what is locked by the other is an error, the same on both sides.
            await transaction.LockTableAsync(table.Id, TableLockMode.RowExclusive, LockWaitPolicy.NoWait, default);
            switch (kind)
            {
                case 0 or 1 or 2 or 3:
                    ids = [.. ids.Select(id => (id * 2) + number)]; // keys of its own: no insert waits for the other's
                    InsertOutcome[] outcomes = await transaction.TryInsertAsync(table.Id, Rows(ids, random), [], default);
                    return string.Join(' ', outcomes);
                case 4 or 5:
                    RowId[] gone = await OwnAsync(transaction, table, number, ids);
                    return $"{await transaction.DeleteAsync(table.Id, gone, default)}";
                case 6 or 7:
                    RowId[] changed = await OwnAsync(transaction, table, number, ids);
                    long[] keys = [.. changed.Select((_, i) => 1000 + (random.Next(500) * 2L * changed.Length) + (i * 2) + number)];
                    RowIds stored = await transaction.UpdateAsync(table.Id, changed, Rows(keys, random), default);
                    return string.Join(' ', stored.Values);
                case 8 or 9 or 10:
                    return string.Join(' ', await transaction.ScanAsync(table));
                case 11:
                    TableView view = transaction.Read(table.Id);
                    LookupResult found = view.Lookup(table.Indexes[0].Oid, new ColumnBatch([new FixedColumn<long>(ids, default)], ids.Length), [1]);
                    ColumnBatch again = view.Fetch(((FixedColumn<long>)found.Rows.Columns[1].Expand()).Values, [1]);
                    string shown = $"{string.Join(' ', found.KeyOrdinals)}: {Ids(found.Rows, 0)}: {Ids(again, 0)}";
                    view.Release();
                    return shown;
                case 12:
                    bool[] held = await transaction.HoldKeysAsync(
                        table.Id, table.Indexes[0].Oid, new ColumnBatch([new FixedColumn<long>([(ids[0] * 2) + number], default)], 1), default);
                    return $"{held[0]}";
                case 13:
                    return string.Join(' ', await transaction.LockRowsAsync(
                        table.Id, await OwnAsync(transaction, table, number, ids), RowLockStrength.Update, LockWaitPolicy.SkipLocked, default));
                case 14:
                    return savepoints.Count == 0 ? "" : string.Join('\n', transaction.ChangesSince(savepoints[random.Next(savepoints.Count)])
                        .Where(static changes => changes.HasInserted || changes.HasDeleted).OrderBy(static changes => changes.Table.Oid).Select(Shown));
                case 15:
                    savepoints.Add(transaction.Savepoint());
                    return $"{savepoints[^1]}";
                case 16 or 17 when savepoints.Count > 0:
                    int to = random.Next(savepoints.Count);
                    if (kind == 16)
                        transaction.RollbackTo(savepoints[to]);
                    else
                        transaction.Release(savepoints[to]);
                    savepoints.RemoveRange(kind == 16 ? to + 1 : to, savepoints.Count - (kind == 16 ? to + 1 : to));
                    return "";
                case 18:
                    await transaction.CommitAsync();
                    await EndAsync(number);
                    return $"{transaction.HasConflict}";
                default:
                    return $"{transaction.HasWrites} {transaction.HasTruncated(table.Id)}";
            }
        }

        private string Shown(TableChanges changes)
        {
            TableEntry table = Entry(changes);
            return $"{table.Oid} {Shown(changes.Inserted(table, [1]))} {Shown(changes.Deleted(table, [1]))} {Shown(changes.Removed(table, [1]))}";
        }

        private TableEntry Entry(TableChanges changes) => _tables.Single(table => table.Id == changes.Table);

        private static async Task<RowId[]> OwnAsync(ITransaction transaction, TableEntry table, int number, long[] ids) =>
            [.. (await transaction.ScanAsync(table)).Where(row => row.Id % 2 == number && ids.Contains(row.Id % 60)).Select(static row => new RowId(row.RowId))];

        private static ColumnBatch Rows(long[] ids, Random random) =>
            Tables.Rows([.. ids.Select(id => (id, random.Next(5) == 0 ? null : new string((char)('a' + random.Next(26)), random.Next(40))))]);

        private static string Ids(ColumnBatch rows, int column) => string.Join(',', ((FixedColumn<long>)rows.Columns[column].Expand()).Values.ToArray());

        private static string Shown(IEnumerable<ColumnBatch> batches) => string.Join('|', batches.Select(static rows => Ids(rows, 0)).Order(StringComparer.Ordinal));

        private async Task EndAsync(int number)
        {
            if (_transactions[number] is { } transaction)
                await transaction.RollbackAsync();
            _transactions[number] = null;
            _savepoints[number].Clear();
        }
    }
}
