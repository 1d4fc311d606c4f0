using System.Collections.Frozen;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions.Sets;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Functions;

/// <summary>Finds the code of set-returning functions.</summary>
public static class SetFunctionLibrary
{
    private static readonly FrozenDictionary<string, Func<CallSite, SetFunction>> Makers = new Dictionary<string,
        Func<CallSite, SetFunction>>
    {
        ["generate_series_int4"] = static _ => new IntegerSeries(isLong: false),
        ["generate_series_step_int4"] = static _ => new IntegerSeries(isLong: false),
        ["generate_series_int8"] = static _ => new IntegerSeries(isLong: true),
        ["generate_series_step_int8"] = static _ => new IntegerSeries(isLong: true),
        ["generate_series_numeric"] = static _ => new NumericSeries(),
        ["generate_series_step_numeric"] = static _ => new NumericSeries(),
        ["generate_series_timestamp"] = static _ => new TimestampSeries(hasZone: false),
        ["generate_series_timestamptz"] = static _ => new TimestampSeries(hasZone: true),
        ["generate_subscripts"] = static _ => new Subscripts(),
        ["generate_subscripts_nodir"] = static _ => new Subscripts(),
        ["array_unnest"] = static site => new Unnest(BuiltinTypes.ElementOf(site.Arguments[0].Oid)),
        ["_pg_expandarray"] = static site => new ExpandArray(BuiltinTypes.ElementOf(site.Arguments[0].Oid)),
        ["text_to_table"] = static _ => new TextParts(),
        ["text_to_table_null"] = static _ => new TextParts(),
        ["regexp_split_to_table"] = static _ => new RegexParts(),
        ["regexp_split_to_table_no_flags"] = static _ => new RegexParts(),
        ["regexp_matches"] = static _ => new RegexMatches(),
        ["regexp_matches_no_flags"] = static _ => new RegexMatches(),
        ["json_array_elements"] = static _ => new JsonArrayRows("json_array_elements", asText: false),
        ["json_array_elements_text"] = static _ => new JsonArrayRows("json_array_elements_text", asText: true),
        ["jsonb_array_elements"] = static _ => new JsonArrayRows("jsonb_array_elements", asText: false),
        ["jsonb_array_elements_text"] = static _ => new JsonArrayRows("jsonb_array_elements_text", asText: true),
        ["json_each"] = static _ => new JsonMemberRows("json_each", JsonMemberColumns.KeyAndValue),
        ["json_each_text"] = static _ => new JsonMemberRows("json_each_text", JsonMemberColumns.KeyAndText),
        ["jsonb_each"] = static _ => new JsonMemberRows("jsonb_each", JsonMemberColumns.KeyAndValue),
        ["jsonb_each_text"] = static _ => new JsonMemberRows("jsonb_each_text", JsonMemberColumns.KeyAndText),
        ["json_object_keys"] = static _ => new JsonMemberRows("json_object_keys", JsonMemberColumns.Key),
        ["jsonb_object_keys"] = static _ => new JsonMemberRows("jsonb_object_keys", JsonMemberColumns.Key),
        ["json_to_recordset"] = static site => new JsonRecordRows("json_to_recordset", site),
        ["jsonb_to_recordset"] = static site => new JsonRecordRows("jsonb_to_recordset", site),
        ["json_populate_recordset"] = static site => new JsonRecordRows("json_populate_recordset", site),
        ["jsonb_populate_recordset"] = static site => new JsonRecordRows("jsonb_populate_recordset", site),
        ["jsonb_path_query"] = static _ => new JsonPathRows(usesZone: false),
        ["jsonb_path_query_tz"] = static _ => new JsonPathRows(usesZone: true),
        ["tsvector_unnest"] = static _ => new LexemeRows(),
        ["ts_token_type_byid"] = static _ => new TokenKindRows(),
        ["ts_token_type_byname"] = static _ => new TokenKindRows(),
        ["ts_parse_byid"] = static _ => new TokenRows(),
        ["ts_parse_byname"] = static _ => new TokenRows(),
        ["pg_get_keywords"] = static _ => new KeywordRows(),
        ["pg_partition_tree"] = static _ => new NoRows(),
        ["pg_partition_ancestors"] = static _ => new NoRows(),
        ["vecsql_recall"] = static _ => new RecallRow(),
        ["vecsql_recall_default"] = static _ => new RecallRow(),
        ["pg_options_to_table"] = static _ => new OptionRows(),
        ["aclexplode"] = static _ => new PrivilegeRows(),
        ["pg_show_all_settings"] = static _ => new ViewRows("pg_settings"),
        ["pg_available_extensions"] = static _ => new ViewRows("pg_available_extensions", "name", "default_version", "comment"),
        ["pg_available_extension_versions"] = static _ => new ViewRows("pg_available_extension_versions", "name", "version", "superuser",
            "trusted", "relocatable", "schema", "requires", "comment"),
        ["pg_lock_status"] = static _ => new ViewRows("pg_locks"),
        ["pg_timezone_names"] = static _ => new ViewRows("pg_timezone_names"),
        ["pg_prepared_statement"] = static _ => new ViewRows("pg_prepared_statements"),
        ["pg_cursor"] = static _ => new ViewRows("pg_cursors"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    internal static IEnumerable<string> Names => Makers.Keys;

    /// <exception cref="SqlException">0A000: the function has no implementation.</exception>
    public static SetFunction Find(CallExpression call)
    {
        var site = new CallSite([.. call.Arguments.Select(static argument =>
            argument.Type)], call.Type, call.IsVariadicArray);
        return Makers.TryGetValue(call.Function.Implementation, out Func<CallSite, SetFunction>? make)
            ? new StrictSet(make(site), call.Function.IsStrict)
            : throw new SqlException(SqlState.FeatureNotSupported, $"function {call.Function.Name} is not supported");
    }
}
