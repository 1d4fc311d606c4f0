using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Families;

/// <summary>Functions with Citus's names: what they do is the session's.</summary>
internal static class CitusFunctions
{
    public static void Define(FunctionTable table)
    {
        Void(table, "create_distributed_table", static (in Row row, IShardFunctions shards) => shards.Distribute(
            Table(row, "create_distributed_table"), TextOr(row, 1, null), TextOr(row, 2, "hash") ?? "hash", TextOr(row, 3, "default") ?? "default", IntegerOrNull(row, 4),
            row.Context.Cancellation));
        Void(table, "alter_distributed_table", static (in Row row, IShardFunctions shards) => shards.Redistribute(
            Table(row, "alter_distributed_table"), TextOr(row, 1, null), IntegerOrNull(row, 2), TextOr(row, 3, null),
            row.Count > 4 && !row.IsNull(4) ? row.Bool(4) : null, row.Context.Cancellation));
        Void(table, "undistribute_table", static (in Row row, IShardFunctions shards) =>
        {
            if (row.Count > 1 && row.Bool(1))
                throw new SqlException(SqlState.FeatureNotSupported, "cascade_via_foreign_keys is not supported: each table is made whole by a call of its own");
            shards.Undistribute((uint)row.Int8(0), row.Context.Cancellation);
        });
        table.Fixed<int>("citus_add_node", static (in Row row) => row.Context.Session.ShardFunctions.AddNode(row.Text(0), row.Int4(1)));
        Void(table, "citus_remove_node", static (in Row row, IShardFunctions shards) => shards.RemoveNode(row.Text(0), row.Int4(1), row.Context.Cancellation));
        Void(table, "citus_drain_node", static (in Row row, IShardFunctions shards) => shards.DrainNode(row.Text(0), row.Int4(1), row.Context.Cancellation));
        Void(table, "citus_move_shard_placement", static (in Row row, IShardFunctions shards) =>
        {
            if (TextOr(row, 5, "auto") is not ("auto" or "force_logical") and { } mode)
            {
                throw new SqlException(SqlState.InvalidParameterValue, $"shard_transfer_mode \"{mode}\" is not supported",
                    hint: "Shards move while they are used: \"auto\" and \"force_logical\" say that.");
            }
            shards.Move(row.Int8(0), (row.Text(1), row.Int4(2)), (row.Text(3), row.Int4(4)), row.Context.Cancellation);
        });
        table.Nullable<long>("citus_rebalance_start", static (in Row row) => row.Context.Session.ShardFunctions.StartRebalance(null, row.Context.Cancellation));
        Void(table, "citus_rebalance_stop", static (in Row row, IShardFunctions shards) => shards.StopRebalance(row.Context.Cancellation));
        Void(table, "citus_rebalance_wait", static (in Row row, IShardFunctions shards) => shards.WaitForRebalance(row.Context.Cancellation));
        Void(table, "rebalance_table_shards", static (in Row row, IShardFunctions shards) =>
        {
            shards.StartRebalance(row.Count > 0 && !row.IsNull(0) ? (uint)row.Int8(0) : null, row.Context.Cancellation);
            shards.WaitForRebalance(row.Context.Cancellation);
        });
    }

    private delegate void ShardAction(in Row row, IShardFunctions shards);

    private static void Void(FunctionTable table, string name, ShardAction act) => table.Binary(name, (in Row row, BinaryColumnBuilder target) =>
    {
        act(row, row.Context.Session.ShardFunctions);
        target.Append(ReadOnlySpan<byte>.Empty);
    });

    private static uint Table(in Row row, string function) => row.IsNull(0)
        ? throw new SqlException(SqlState.NullValueNotAllowed, $"{function}: table_name must not be null")
        : (uint)row.Int8(0);

    private static string? TextOr(in Row row, int argument, string? otherwise) =>
        row.Count <= argument ? otherwise : row.IsNull(argument) ? null : row.Text(argument);

    private static int? IntegerOrNull(in Row row, int argument) => row.Count > argument && !row.IsNull(argument) ? row.Int4(argument) : null;
}
