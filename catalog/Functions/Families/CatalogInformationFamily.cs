namespace VecSQL.Catalog.Functions.Families;

/// <summary>Questions about catalog objects: definitions, comments, visibility, privileges, sizes.</summary>
internal static class CatalogInformationFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            1216 col_description(oid, int4) text as col_description_1216 stable
            3024 has_any_column_privilege(name, text, text) bool as has_any_column_privilege_name_name stable
            3025 has_any_column_privilege(name, oid, text) bool as has_any_column_privilege_name_id stable
            3026 has_any_column_privilege(oid, text, text) bool as has_any_column_privilege_id_name stable
            3027 has_any_column_privilege(oid, oid, text) bool as has_any_column_privilege_id_id stable
            3028 has_any_column_privilege(text, text) bool as has_any_column_privilege_name stable
            3029 has_any_column_privilege(oid, text) bool as has_any_column_privilege_id stable
            3012 has_column_privilege(name, text, text, text) bool as has_column_privilege_name_name_name stable
            3013 has_column_privilege(name, text, int2, text) bool as has_column_privilege_name_name_attnum stable
            3014 has_column_privilege(name, oid, text, text) bool as has_column_privilege_name_id_name stable
            3015 has_column_privilege(name, oid, int2, text) bool as has_column_privilege_name_id_attnum stable
            3016 has_column_privilege(oid, text, text, text) bool as has_column_privilege_id_name_name stable
            3017 has_column_privilege(oid, text, int2, text) bool as has_column_privilege_id_name_attnum stable
            3018 has_column_privilege(oid, oid, text, text) bool as has_column_privilege_id_id_name stable
            3019 has_column_privilege(oid, oid, int2, text) bool as has_column_privilege_id_id_attnum stable
            3020 has_column_privilege(text, text, text) bool as has_column_privilege_name_name stable
            3021 has_column_privilege(text, int2, text) bool as has_column_privilege_name_attnum stable
            3022 has_column_privilege(oid, text, text) bool as has_column_privilege_id_name stable
            3023 has_column_privilege(oid, int2, text) bool as has_column_privilege_id_attnum stable
            2250 has_database_privilege(name, text, text) bool as has_database_privilege_name_name stable
            2251 has_database_privilege(name, oid, text) bool as has_database_privilege_name_id stable
            2252 has_database_privilege(oid, text, text) bool as has_database_privilege_id_name stable
            2253 has_database_privilege(oid, oid, text) bool as has_database_privilege_id_id stable
            2254 has_database_privilege(text, text) bool as has_database_privilege_name stable
            2255 has_database_privilege(oid, text) bool as has_database_privilege_id stable
            2256 has_function_privilege(name, text, text) bool as has_function_privilege_name_name stable
            2257 has_function_privilege(name, oid, text) bool as has_function_privilege_name_id stable
            2258 has_function_privilege(oid, text, text) bool as has_function_privilege_id_name stable
            2259 has_function_privilege(oid, oid, text) bool as has_function_privilege_id_id stable
            2260 has_function_privilege(text, text) bool as has_function_privilege_name stable
            2261 has_function_privilege(oid, text) bool as has_function_privilege_id stable
            2262 has_language_privilege(name, text, text) bool as has_language_privilege_name_name stable
            2263 has_language_privilege(name, oid, text) bool as has_language_privilege_name_id stable
            2264 has_language_privilege(oid, text, text) bool as has_language_privilege_id_name stable
            2265 has_language_privilege(oid, oid, text) bool as has_language_privilege_id_id stable
            2266 has_language_privilege(text, text) bool as has_language_privilege_name stable
            2267 has_language_privilege(oid, text) bool as has_language_privilege_id stable
            2268 has_schema_privilege(name, text, text) bool as has_schema_privilege_name_name stable
            2269 has_schema_privilege(name, oid, text) bool as has_schema_privilege_name_id stable
            2270 has_schema_privilege(oid, text, text) bool as has_schema_privilege_id_name stable
            2271 has_schema_privilege(oid, oid, text) bool as has_schema_privilege_id_id stable
            2272 has_schema_privilege(text, text) bool as has_schema_privilege_name stable
            2273 has_schema_privilege(oid, text) bool as has_schema_privilege_id stable
            2181 has_sequence_privilege(name, text, text) bool as has_sequence_privilege_name_name stable
            2182 has_sequence_privilege(name, oid, text) bool as has_sequence_privilege_name_id stable
            2183 has_sequence_privilege(oid, text, text) bool as has_sequence_privilege_id_name stable
            2184 has_sequence_privilege(oid, oid, text) bool as has_sequence_privilege_id_id stable
            2185 has_sequence_privilege(text, text) bool as has_sequence_privilege_name stable
            2186 has_sequence_privilege(oid, text) bool as has_sequence_privilege_id stable
            1922 has_table_privilege(name, text, text) bool as has_table_privilege_name_name stable
            1923 has_table_privilege(name, oid, text) bool as has_table_privilege_name_id stable
            1924 has_table_privilege(oid, text, text) bool as has_table_privilege_id_name stable
            1925 has_table_privilege(oid, oid, text) bool as has_table_privilege_id_id stable
            1926 has_table_privilege(text, text) bool as has_table_privilege_name stable
            1927 has_table_privilege(oid, text) bool as has_table_privilege_id stable
            2390 has_tablespace_privilege(name, text, text) bool as has_tablespace_privilege_name_name stable
            2391 has_tablespace_privilege(name, oid, text) bool as has_tablespace_privilege_name_id stable
            2392 has_tablespace_privilege(oid, text, text) bool as has_tablespace_privilege_id_name stable
            2393 has_tablespace_privilege(oid, oid, text) bool as has_tablespace_privilege_id_id stable
            2394 has_tablespace_privilege(text, text) bool as has_tablespace_privilege_name stable
            2395 has_tablespace_privilege(oid, text) bool as has_tablespace_privilege_id stable
            3138 has_type_privilege(name, text, text) bool as has_type_privilege_name_name stable
            3139 has_type_privilege(name, oid, text) bool as has_type_privilege_name_id stable
            3140 has_type_privilege(oid, text, text) bool as has_type_privilege_id_name stable
            3141 has_type_privilege(oid, oid, text) bool as has_type_privilege_id_id stable
            3142 has_type_privilege(text, text) bool as has_type_privilege_name stable
            3143 has_type_privilege(oid, text) bool as has_type_privilege_id stable
            3943 acldefault(char, oid) _aclitem stable
            1215 obj_description(oid, name) text as obj_description_1215 stable
            1348 obj_description(oid) text as obj_description_1348 stable
            1264 pg_char_to_encoding(name) int4 as pg_char_to_encoding stable
            3815 pg_collation_is_visible(oid) bool stable
            3843 pg_column_is_updatable(regclass, int2, bool) bool stable
            2034 pg_conf_load_time() timestamptz stable
            2093 pg_conversion_is_visible(oid) bool stable
            2168 pg_database_size(name) int8 as pg_database_size_name volatile
            2324 pg_database_size(oid) int8 as pg_database_size_oid volatile
            3537 pg_describe_object(oid, oid, int4) text stable
            1597 pg_encoding_to_char(int4) name as pg_encoding_to_char stable
            2081 pg_function_is_visible(oid) bool stable
            1387 pg_get_constraintdef(oid) text stable
            2508 pg_get_constraintdef(oid, bool) text as pg_get_constraintdef_ext stable
            1716 pg_get_expr(pg_node_tree, oid) text stable
            2509 pg_get_expr(pg_node_tree, oid, bool) text as pg_get_expr_ext stable
            3808 pg_get_function_arg_default(oid, int4) text stable
            2162 pg_get_function_arguments(oid) text stable
            2232 pg_get_function_identity_arguments(oid) text stable
            2165 pg_get_function_result(oid) text stable
            6197 pg_get_function_sqlbody(oid) text stable
            2098 pg_get_functiondef(oid) text stable
            1643 pg_get_indexdef(oid) text stable
            2507 pg_get_indexdef(oid, int4, bool) text as pg_get_indexdef_ext stable
            3352 pg_get_partkeydef(oid) text stable
            1573 pg_get_ruledef(oid) text stable
            2504 pg_get_ruledef(oid, bool) text as pg_get_ruledef_ext stable
            1665 pg_get_serial_sequence(text, text) text stable
            6174 pg_get_statisticsobjdef_columns(oid) text stable
            1662 pg_get_triggerdef(oid) text stable
            2730 pg_get_triggerdef(oid, bool) text as pg_get_triggerdef_ext stable
            1642 pg_get_userbyid(oid) name stable
            1640 pg_get_viewdef(text) text as pg_get_viewdef_name stable
            1641 pg_get_viewdef(oid) text stable
            2505 pg_get_viewdef(text, bool) text as pg_get_viewdef_name_ext stable
            2506 pg_get_viewdef(oid, bool) text as pg_get_viewdef_ext stable
            3159 pg_get_viewdef(oid, int4) text as pg_get_viewdef_wrap stable
            2705 pg_has_role(name, name, text) bool as pg_has_role_name_name stable
            2706 pg_has_role(name, oid, text) bool as pg_has_role_name_id stable
            2707 pg_has_role(oid, name, text) bool as pg_has_role_id_name stable
            2708 pg_has_role(oid, oid, text) bool as pg_has_role_id_id stable
            2709 pg_has_role(name, text) bool as pg_has_role_name stable
            2710 pg_has_role(oid, text) bool as pg_has_role_id stable
            638 pg_index_column_has_property(regclass, int4, text) bool stable
            637 pg_index_has_property(regclass, text) bool stable
            636 pg_indexam_has_property(oid, text) bool stable
            2998 pg_indexes_size(regclass) int8 volatile
            2083 pg_opclass_is_visible(oid) bool stable
            2082 pg_operator_is_visible(oid) bool stable
            3829 pg_opfamily_is_visible(oid) bool stable
            2560 pg_postmaster_start_time() timestamptz stable
            6121 pg_relation_is_publishable(regclass) bool stable
            3842 pg_relation_is_updatable(regclass, bool) int4 stable
            2325 pg_relation_size(regclass) int8 as pg_relation_size_2325 volatile
            2332 pg_relation_size(regclass, text) int8 volatile
            3403 pg_statistics_obj_is_visible(oid) bool stable
            2079 pg_table_is_visible(oid) bool stable
            2997 pg_table_size(regclass) int8 volatile
            3778 pg_tablespace_location(oid) text stable
            2286 pg_total_relation_size(regclass) int8 volatile
            3758 pg_ts_config_is_visible(oid) bool stable
            3757 pg_ts_dict_is_visible(oid) bool stable
            3756 pg_ts_parser_is_visible(oid) bool stable
            2322 pg_tablespace_size(oid) int8 as pg_tablespace_size_oid volatile
            2323 pg_tablespace_size(name) int8 as pg_tablespace_size_name volatile
            3768 pg_ts_template_is_visible(oid) bool stable
            2080 pg_type_is_visible(oid) bool stable
            1993 shobj_description(oid, name) text as shobj_description_1993 stable
            """);

    /// <summary>The functions here, which are all computed by the engine's introspection from their arguments' text.</summary>
    internal static IEnumerable<FunctionEntry> Functions => Tables.Functions;
}
