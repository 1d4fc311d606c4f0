using System.Collections.Immutable;
using System.Text;
using VecSQL.Cluster.Jobs;
using VecSQL.Core.Errors;

namespace VecSQL.Cluster.Tests.Jobs;

public sealed class SharedSettingsTests
{
    [Theory]
    [InlineData("auto_rebalance", "YES", "on")]
    [InlineData("move_bytes_per_second", "32 MB", "33554432")]
    [InlineData("move_bytes_per_second", "65536", "65536")]
    [InlineData("move_concurrency", "7", "7")]
    [InlineData("replica_check_interval", "0", "0")]
    [InlineData("replica_check_interval", "1500", "1500")]
    [InlineData("replica_check_interval", "250ms", "250")]
    [InlineData("replica_check_interval", "3 s", "3000")]
    [InlineData("replica_check_interval", "5min", "300000")]
    [InlineData("replica_check_interval", "2h", "7200000")]
    [InlineData("replica_check_interval", "1d", "86400000")]
    public void A_value_is_kept_as_the_number_that_it_is(string name, string value, string kept)
    {
        Assert.Equal(kept, SharedSettings.Check(name, value));
        Assert.Null(SharedSettings.Check(name, null));
        Assert.Contains((name, kept), SharedSettings.List(ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>.Empty.Add(name, Encoding.UTF8.GetBytes(kept))));
    }

    [Theory]
    [InlineData("auto_rebalance", "perhaps")]
    [InlineData("move_bytes_per_second", "63kB")]
    [InlineData("move_concurrency", "0")]
    [InlineData("replica_check_interval", "99ms")]
    [InlineData("replica_check_interval", "-1")]
    [InlineData("replica_check_interval", "25d")]
    [InlineData("replica_check_interval", "9223372036854775807h")]
    [InlineData("replica_check_interval", "soon")]
    public void A_value_that_it_cannot_have_is_refused(string name, string value) =>
        Assert.Equal(SqlState.InvalidParameterValue, Assert.Throws<SqlException>(() => SharedSettings.Check(name, value)).State);

    [Fact]
    public void A_setting_that_there_is_not_is_refused() =>
        Assert.Equal(SqlState.UndefinedObject, Assert.Throws<SqlException>(() => SharedSettings.Check("speed", "1")).State);
}
