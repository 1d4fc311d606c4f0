namespace VecSQL.Catalog.Functions.Families;

/// <summary>Waiting, sizes in words, names looked up.</summary>
internal static class ServerFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            1079 regclass(text) regclass as text_regclass stable
            2561 pg_blocking_pids(int4) int4[] volatile
            3163 pg_trigger_depth() int4 stable
            3334 pg_size_bytes(text) int8
            3348 txid_current_if_assigned() int8 as pg_current_xact_id_if_assigned stable
            3935 pg_sleep_for(interval) void volatile
            3936 pg_sleep_until(timestamptz) void volatile
            4195 to_regcollation(text) regcollation stable
            """,
        casts: """
            text regclass implicit 1079
            varchar regclass implicit 1079
            """);
}
