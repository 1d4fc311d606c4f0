using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;
using VecSQL.Storage.Tests.Shards;
using VecSQL.Storage.Tests.Tables;

namespace VecSQL.Storage.Tests.Replication;

/// <summary>Whose transactions an engine serves that leads, follows, and leads again.</summary>
public sealed class ReignTests
{
    [Fact]
    public async Task What_was_begun_before_an_engine_followed_ends_and_what_is_begun_after_does_not()
    {
        TestLog log = new();
        await using TestReplica replica = new(log, node: 1);
        TableEntry table = log.AddTable();
        replica.Lead();
        IBranch before = replica.Engine.Begin(new TestOrigin(replica.Engine, "run.1"));
        await before.InsertAsync(table.Id, TestDatabase.Rows((1, "x")), default);
        replica.StepDown();
        replica.Lead();
        SqlException moved = await Assert.ThrowsAsync<SqlException>(() => before.InsertAsync(table.Id, TestDatabase.Rows((2, "x")), default).AsTask());
        Assert.Equal(SqlState.SerializationFailure, moved.State);
        await before.RollbackAsync();

        IBranch after = replica.Engine.Begin(new TestOrigin(replica.Engine, "run.2"));
        await after.InsertAsync(table.Id, TestDatabase.Rows((3, "x")), default);
        await after.CommitAsync(isDurable: true, default);
        await using Transaction reader = replica.Engine.Begin(IsolationLevel.ReadCommitted);
        Assert.Equal([3], reader.Scan(table).Select(static row => row.Id));
    }
}
