namespace VecSQL.Catalog.Functions.Families;

/// <summary>What functions tell about the session, the server and the objects in it.</summary>
internal static class SystemFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            861 current_database() name stable
            1402 current_schema() name stable
            1403 current_schemas(bool) name[] stable
            2077 current_setting(text) text as show_config_by_name stable
            3294 current_setting(text, bool) text as show_config_by_name_missing_ok stable
            745 current_user() name stable
            1575 currval(regclass) int8 as currval_oid volatile
            3432 gen_random_uuid() uuid volatile
            1039 getdatabaseencoding() name stable
            2197 inet_client_port() int4 nonstrict stable
            2199 inet_server_port() int4 nonstrict stable
            2559 lastval() int8 volatile
            1574 nextval(regclass) int8 as nextval_oid volatile
            2880 pg_advisory_lock(int8) void as pg_advisory_lock_int8 volatile
            2881 pg_advisory_lock_shared(int8) void as pg_advisory_lock_shared_int8 volatile
            2882 pg_try_advisory_lock(int8) bool as pg_try_advisory_lock_int8 volatile
            2883 pg_try_advisory_lock_shared(int8) bool as pg_try_advisory_lock_shared_int8 volatile
            2884 pg_advisory_unlock(int8) bool as pg_advisory_unlock_int8 volatile
            2885 pg_advisory_unlock_shared(int8) bool as pg_advisory_unlock_shared_int8 volatile
            2886 pg_advisory_lock(int4, int4) void as pg_advisory_lock_int4 volatile
            2887 pg_advisory_lock_shared(int4, int4) void as pg_advisory_lock_shared_int4 volatile
            2888 pg_try_advisory_lock(int4, int4) bool as pg_try_advisory_lock_int4 volatile
            2889 pg_try_advisory_lock_shared(int4, int4) bool as pg_try_advisory_lock_shared_int4 volatile
            2890 pg_advisory_unlock(int4, int4) bool as pg_advisory_unlock_int4 volatile
            2891 pg_advisory_unlock_shared(int4, int4) bool as pg_advisory_unlock_shared_int4 volatile
            2892 pg_advisory_unlock_all() void volatile
            3089 pg_advisory_xact_lock(int8) void as pg_advisory_xact_lock_int8 volatile
            3090 pg_advisory_xact_lock_shared(int8) void as pg_advisory_xact_lock_shared_int8 volatile
            3091 pg_try_advisory_xact_lock(int8) bool as pg_try_advisory_xact_lock_int8 volatile
            3092 pg_try_advisory_xact_lock_shared(int8) bool as pg_try_advisory_xact_lock_shared_int8 volatile
            3093 pg_advisory_xact_lock(int4, int4) void as pg_advisory_xact_lock_int4 volatile
            3094 pg_advisory_xact_lock_shared(int4, int4) void as pg_advisory_xact_lock_shared_int4 volatile
            3095 pg_try_advisory_xact_lock(int4, int4) bool as pg_try_advisory_xact_lock_int4 volatile
            3096 pg_try_advisory_xact_lock_shared(int4, int4) bool as pg_try_advisory_xact_lock_shared_int4 volatile
            2026 pg_backend_pid() int4 stable
            2171 pg_cancel_backend(int4) bool volatile
            810 pg_client_encoding() name stable
            3810 pg_is_in_recovery() bool volatile
            2855 pg_is_other_temp_schema(oid) bool stable
            3073 pg_is_wal_replay_paused() bool volatile
            315 pg_jit_available() bool volatile
            2854 pg_my_temp_schema() oid stable
            3036 pg_notify(text, text) void nonstrict volatile
            2621 pg_reload_conf() bool volatile
            2288 pg_size_pretty(int8) text
            16813 pg_stat_statements_reset(userid oid =, dbid oid =, queryid int8 =) void volatile
            3166 pg_size_pretty(numeric) text as pg_size_pretty_numeric
            2626 pg_sleep(float8) void volatile
            1181 age(xid) int4 as xid_age stable
            1928 pg_stat_get_numscans(oid) int8 stable
            2096 pg_terminate_backend(int4, int8 =) bool volatile
            1269 pg_column_size(any) int4 stable
            1619 pg_typeof(any) regtype nonstrict stable
            3298 row_security_active(oid) bool stable
            3299 row_security_active(text) bool as row_security_active_name stable
            746 session_user() name stable
            2078 set_config(text, text, bool) text as set_config_by_name nonstrict volatile
            1576 setval(regclass, int8) int8 as setval_oid volatile
            1765 setval(regclass, int8, bool) int8 as setval3_oid volatile
            3495 to_regclass(text) regclass stable
            4086 to_regnamespace(text) regnamespace stable
            3492 to_regoper(text) regoper stable
            3476 to_regoperator(text) regoperator stable
            3494 to_regproc(text) regproc stable
            3479 to_regprocedure(text) regprocedure stable
            4093 to_regrole(text) regrole stable
            3493 to_regtype(text) regtype stable
            2943 txid_current() int8 as pg_current_xact_id stable
            89 version() text as pgsql_version stable
            1081 format_type(oid, int4) text nonstrict stable
            """);
}
