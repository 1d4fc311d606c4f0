namespace VecSQL.Catalog.Functions.Families;

/// <summary>Functions that return sets of rows.</summary>
internal static class SetFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            938 generate_series(timestamp, timestamp, interval) setof timestamp as generate_series_timestamp
            939 generate_series(timestamptz, timestamptz, interval) setof timestamptz as generate_series_timestamptz stable
            1066 generate_series(int4, int4, int4) setof int4 as generate_series_step_int4
            1067 generate_series(int4, int4) setof int4 as generate_series_int4
            1068 generate_series(int8, int8, int8) setof int8 as generate_series_step_int8
            1069 generate_series(int8, int8) setof int8 as generate_series_int8
            1191 generate_subscripts(anyarray, int4, bool) setof int4
            1192 generate_subscripts(anyarray, int4) setof int4 as generate_subscripts_nodir
            1686 pg_get_keywords() setof record(word text, catcode char, barelabel bool, catdesc text, baredesc text) stable
            1689 aclexplode(acl aclitem[]) setof record(grantor oid, grantee oid, privilege_type text, is_grantable \
                bool) stable
            2084 pg_show_all_settings() setof record(name text, setting text, unit text, category text, short_desc \
                text, extra_desc text, context text, vartype text, source text, min_val text, max_val text, enumvals \
                text[], boot_val text, reset_val text, sourcefile text, sourceline int4, pending_restart bool) \
                stable
            3082 pg_available_extensions() setof record(name name, default_version text, comment text) stable
            3083 pg_available_extension_versions() setof record(name name, version text, superuser bool, trusted \
                bool, relocatable bool, schema name, requires name[], comment text) stable
            1371 pg_lock_status() setof record(locktype text, database oid, relation oid, page int4, tuple int2, \
                virtualxid text, transactionid xid, classid oid, objid oid, objsubid int2, virtualtransaction text, \
                pid int4, mode text, granted bool, fastpath bool, waitstart timestamptz) volatile
            2856 pg_timezone_names() setof record(name text, abbrev text, utc_offset interval, is_dst bool) stable
            2510 pg_prepared_statement() setof record(name text, statement text, prepare_time timestamptz, \
                parameter_types regtype[], from_sql bool, generic_plans int8, custom_plans int8) stable
            2511 pg_cursor() setof record(name text, statement text, is_holdable bool, is_binary bool, is_scrollable \
                bool, creation_time timestamptz) stable
            2289 pg_options_to_table(options_array text[]) setof record(option_name text, option_value text) stable
            2331 unnest(anyarray) setof anyelement as array_unnest
            2763 regexp_matches(text, text) setof text[] as regexp_matches_no_flags
            2764 regexp_matches(text, text, text) setof text[]
            2765 regexp_split_to_table(text, text) setof text as regexp_split_to_table_no_flags
            2766 regexp_split_to_table(text, text, text) setof text
            3205 json_to_recordset(json) setof record nonstrict stable
            3491 jsonb_to_recordset(jsonb) setof record nonstrict stable
            3961 json_populate_recordset(base anyelement, from_json json, use_json_as_text bool =false) setof anyelement nonstrict stable
            3475 jsonb_populate_recordset(anyelement, jsonb) setof anyelement nonstrict stable
            3208 jsonb_each(from_json jsonb) setof record(key text, value jsonb)
            3219 jsonb_array_elements(from_json jsonb) setof jsonb named value
            3259 generate_series(numeric, numeric, numeric) setof numeric as generate_series_step_numeric
            3260 generate_series(numeric, numeric) setof numeric as generate_series_numeric
            3423 pg_partition_tree(rootrelid regclass) setof record(relid regclass, parentrelid regclass, isleaf bool, \
                level int4) volatile
            3425 pg_partition_ancestors(partitionid regclass) setof regclass named relid volatile
            3465 jsonb_array_elements_text(from_json jsonb) setof text named value
            1179 jsonb_path_query_tz(target jsonb, path jsonpath, vars jsonb ={}, silent bool =false) setof jsonb stable
            4006 jsonb_path_query(target jsonb, path jsonpath, vars jsonb ={}, silent bool =false) setof jsonb
            3931 jsonb_object_keys(jsonb) setof text
            3932 jsonb_each_text(from_json jsonb) setof record(key text, value text)
            3955 json_array_elements(from_json json) setof json named value
            3957 json_object_keys(json) setof text
            3958 json_each(from_json json) setof record(key text, value json)
            3959 json_each_text(from_json json) setof record(key text, value text)
            3969 json_array_elements_text(from_json json) setof text named value
            6160 string_to_table(text, text) setof text as text_to_table nonstrict
            6161 string_to_table(text, text, text) setof text as text_to_table_null nonstrict
            16811 vecsql_recall(query text) setof record(recall float8, p50_ms float8, exact_ms float8) as vecsql_recall_default volatile public
            16812 vecsql_recall(query text, samples int4) setof record(recall float8, p50_ms float8, exact_ms float8) volatile public
            16810 _pg_expandarray(anyarray) setof record(x anyelement, n int4) information_schema
            """);
}
