namespace VecSQL.Catalog.Functions.Families;

/// <summary>Functions by which users of Citus divide tables among shards and see to nodes, under the names and with the arguments that they have there.</summary>
internal static class CitusFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            16840 create_distributed_table(table_name regclass, distribution_column text, distribution_type text = hash, colocate_with text = default, \
            shard_count int4 = null) void nonstrict volatile public
            16841 alter_distributed_table(table_name regclass, distribution_column text = null, shard_count int4 = null, colocate_with text = null, \
            cascade_to_colocated bool = null) void nonstrict volatile public
            16842 undistribute_table(table_name regclass, cascade_via_foreign_keys bool = false) void volatile public
            16843 citus_add_node(nodename text, nodeport int4) int4 volatile public
            16844 citus_remove_node(nodename text, nodeport int4) void volatile public
            16845 citus_drain_node(nodename text, nodeport int4) void volatile public
            16846 citus_move_shard_placement(shard_id int8, source_node_name text, source_node_port int4, target_node_name text, \
            target_node_port int4, shard_transfer_mode text = auto) void volatile public
            16847 citus_rebalance_start() int8 volatile public
            16848 citus_rebalance_stop() void volatile public
            16849 citus_rebalance_wait() void volatile public
            16850 rebalance_table_shards(relation regclass = null) void nonstrict volatile public
            """);
}
