using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Tests.Tables;

public sealed class TransactionTests
{
    [Fact]
    public async Task Others_see_rows_only_after_the_commit()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
        await writer.InsertAsync(table, 1);
        Assert.Empty(await engine.IdsAsync(table));
        Assert.Equal([1], writer.Ids(table));
        await writer.CommitAsync(isDurable: true, default);
        Assert.Equal([1], await engine.IdsAsync(table));
    }

    [Fact]
    public async Task A_rollback_leaves_nothing()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1);
        await using (Transaction writer = engine.Begin(IsolationLevel.ReadCommitted))
        {
            await writer.InsertAsync(table, 2);
            await writer.DeleteByIdAsync(table, 1);
            await writer.RollbackAsync();
        }
        Assert.Equal([1], await engine.IdsAsync(table));
        await engine.InsertCommittedAsync(table, 2);
        Assert.Equal([1, 2], await engine.IdsAsync(table));
    }

    [Fact]
    public async Task Read_committed_sees_new_commits_at_its_next_statement_and_repeatable_read_does_not()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await using Transaction committed = engine.Begin(IsolationLevel.ReadCommitted);
        await using Transaction repeatable = engine.Begin(IsolationLevel.RepeatableRead);
        await engine.InsertCommittedAsync(table, 1);
        Assert.Empty(committed.Ids(table));
        committed.BeginStatement();
        repeatable.BeginStatement();
        Assert.Equal([1], committed.Ids(table));
        Assert.Empty(repeatable.Ids(table));
    }

    [Fact]
    public async Task A_view_does_not_see_later_writes_of_its_own_transaction()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1, 2);
        await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
        await writer.InsertAsync(table, 3);
        TableView view = writer.Read(table.Id);
        await writer.InsertAsync(table, 4);
        await writer.DeleteByIdAsync(table, 1, 3);
        Assert.Equal([1, 2, 3], TestDatabase.Scan(view).Select(row => row.Id));
        Assert.Equal([2, 4], writer.Ids(table));
    }

    [Fact]
    public async Task A_lookup_finds_what_the_snapshot_sees()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1, 2, 3);
        await using Transaction old = engine.Begin(IsolationLevel.RepeatableRead);
        await engine.DeleteCommittedAsync(table, 2);
        await engine.InsertCommittedAsync(table, 4);
        await using Transaction fresh = engine.Begin(IsolationLevel.RepeatableRead);
        await fresh.InsertAsync(table, 5, "own");
        await fresh.DeleteByIdAsync(table, 1);
        Assert.Equal(["n1", "n2", "n3", null, null], old.Lookup(table, 1, 2, 3, 4, 5));
        Assert.Equal([null, null, "n3", "n4", "own", null], fresh.Lookup(table, 1, 2, 3, 4, 5, null));
    }

    [Fact]
    public async Task Rolling_back_to_a_savepoint_undoes_what_came_after_it()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1, 2);
        await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
        await writer.InsertAsync(table, 3);
        int savepoint = writer.Savepoint();
        await writer.InsertAsync(table, 4);
        await writer.DeleteByIdAsync(table, 1, 3);
        Assert.Equal([2, 4], writer.Ids(table));
        writer.RollbackTo(savepoint);
        Assert.Equal([1, 2, 3], writer.Ids(table));
        await writer.InsertAsync(table, 4);
        writer.RollbackTo(savepoint);
        await writer.InsertAsync(table, 5);
        await writer.CommitAsync(isDurable: true, default);
        Assert.Equal([1, 2, 3, 5], await engine.IdsAsync(table));
    }

    [Fact]
    public async Task A_duplicate_key_is_reported_as_by_PostgreSQL()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 7);
        await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
        SqlException error = await Assert.ThrowsAsync<SqlException>(() => writer.InsertAsync(table, 7));
        Assert.Equal(SqlState.UniqueViolation, error.State);
        Assert.Equal("duplicate key value violates unique constraint \"t_pkey\"", error.Message);
        Assert.Equal("Key (id)=(7) already exists.", error.Detail);
        Assert.Equal(("public", "t", "t_pkey"), (error.SchemaName, error.TableName, error.ConstraintName));
    }

    [Fact]
    public async Task An_update_may_pass_keys_from_row_to_row()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1, 2, 3);
        await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
        List<(long Id, string? Name, long RowId)> rows = writer.Scan(table);
        await writer.UpdateAsync(table.Id, rows.Select(row => new RowId(row.RowId)).ToArray(),
            TestDatabase.Rows([.. rows.Select(row => ((long?)(row.Id + 1), row.Name))]), default);
        await writer.CommitAsync(isDurable: true, default);
        Assert.Equal([2, 3, 4], await engine.IdsAsync(table));
    }

    [Fact]
    public async Task Rows_of_an_uncommitted_table_vanish_with_it()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = TestDatabase.Entry(engine);
        await using (Transaction writer = engine.Begin(IsolationLevel.ReadCommitted))
        {
            writer.Change(new PutObject(table));
            await writer.InsertAsync(table, 1);
            Assert.Equal([1], writer.Ids(table));
            Assert.False(engine.Catalog.TryFindTable(table.Id, out _));
        }
        Assert.False(engine.Catalog.TryFindTable(table.Id, out _));
    }

    [Fact]
    public async Task An_added_column_has_its_missing_value_in_old_rows()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1);
        await using Transaction writer = engine.Begin(IsolationLevel.ReadCommitted);
        TableEntry wider = table with
        {
            Columns = table.Columns.Add(new ColumnEntry(3, "n", SqlType.Int4) { MissingValue = "42" }),
        };
        writer.Change(new PutObject(wider));
        using UnitReader reader = writer.Read(table.Id).Units[0].Open([3], withRowId: false, []);
        Assert.Equal(42, ((Columnar.Columns.FixedColumn<int>)reader.Next()!.Columns[0])[0]);
    }

    [Fact]
    public async Task Truncation_hides_all_rows_at_once_and_is_undone_by_a_rollback()
    {
        await using StorageEngine engine = TestDatabase.Open();
        TableEntry table = await engine.CreateTableAsync();
        await engine.InsertCommittedAsync(table, 1, 2);
        await using (Transaction writer = engine.Begin(IsolationLevel.ReadCommitted))
        {
            await writer.InsertAsync(table, 3);
            int savepoint = writer.Savepoint();
            await writer.TruncateAsync(table.Id, default);
            await writer.InsertAsync(table, 1, "again");
            Assert.Equal([1], writer.Ids(table));
            Assert.Equal(["again", null], writer.Lookup(table, 1, 2));
            writer.RollbackTo(savepoint);
            Assert.Equal([1, 2, 3], writer.Ids(table));
            await writer.TruncateAsync(table.Id, default);
            await writer.InsertAsync(table, 2, "last");
            await writer.CommitAsync(isDurable: true, default);
        }
        Assert.Equal([2], await engine.IdsAsync(table));
        await engine.InsertCommittedAsync(table, 1);
    }
}
