namespace VecSQL.Catalog.Functions.Families;

/// <summary>json and jsonb.</summary>
internal static class JsonFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            2580 float8(jsonb) float8 as jsonb_float8
            3153 array_to_json(anyarray) json stable
            3154 array_to_json(anyarray, bool) json as array_to_json_pretty stable
            3156 row_to_json(record, bool) json as row_to_json_pretty stable
            3155 row_to_json(record) json stable
            3176 to_json(anyelement) json stable
            3198 json_build_array(variadic any) json nonstrict stable
            3199 json_build_array() json as json_build_array_noargs nonstrict stable
            3200 json_build_object(variadic any) json nonstrict stable
            3201 json_build_object() json as json_build_object_noargs nonstrict stable
            3202 json_object(text[]) json
            3203 json_object(text[], text[]) json as json_object_two_arg
            3204 json_to_record(json) record stable
            3209 jsonb_populate_record(anyelement, jsonb) anyelement nonstrict stable
            3490 jsonb_to_record(jsonb) record stable
            3960 json_populate_record(base anyelement, from_json json, use_json_as_text bool =false) anyelement nonstrict stable
            3207 jsonb_array_length(jsonb) int4
            3210 jsonb_typeof(jsonb) text
            3214 jsonb_object_field_text(from_json jsonb, field_name text) text
            3215 jsonb_array_element(from_json jsonb, element_index int4) jsonb
            3216 jsonb_array_element_text(from_json jsonb, element_index int4) text
            3217 jsonb_extract_path(from_json jsonb, variadic path_elems text[]) jsonb
            3261 json_strip_nulls(json) json
            3262 jsonb_strip_nulls(jsonb) jsonb
            3263 jsonb_object(text[]) jsonb
            3264 jsonb_object(text[], text[]) jsonb as jsonb_object_two_arg
            3271 jsonb_build_array(variadic any) jsonb nonstrict stable
            3272 jsonb_build_array() jsonb as jsonb_build_array_noargs nonstrict stable
            3273 jsonb_build_object(variadic any) jsonb nonstrict stable
            3274 jsonb_build_object() jsonb as jsonb_build_object_noargs nonstrict stable
            3301 jsonb_concat(jsonb, jsonb) jsonb
            3302 jsonb_delete(jsonb, text) jsonb
            3303 jsonb_delete(jsonb, int4) jsonb as jsonb_delete_idx
            3304 jsonb_delete_path(jsonb, text[]) jsonb
            3305 jsonb_set(jsonb_in jsonb, path text[], replacement jsonb, create_if_missing bool =true) jsonb
            3306 jsonb_pretty(jsonb) text
            3343 jsonb_delete(from_json jsonb, variadic path_elems text[]) jsonb as jsonb_delete_array
            3449 numeric(jsonb) numeric as jsonb_numeric
            3450 int2(jsonb) int2 as jsonb_int2
            3451 int4(jsonb) int4 as jsonb_int4
            3452 int8(jsonb) int8 as jsonb_int8
            3453 float4(jsonb) float4 as jsonb_float4
            3478 jsonb_object_field(from_json jsonb, field_name text) jsonb
            3556 bool(jsonb) bool as jsonb_bool
            3579 jsonb_insert(jsonb_in jsonb, path text[], replacement jsonb, insert_after bool =false) jsonb
            3787 to_jsonb(anyelement) jsonb stable
            3940 jsonb_extract_path_text(from_json jsonb, variadic path_elems text[]) text
            3947 json_object_field(from_json json, field_name text) json
            3948 json_object_field_text(from_json json, field_name text) text
            3949 json_array_element(from_json json, element_index int4) json
            3950 json_array_element_text(from_json json, element_index int4) text
            3951 json_extract_path(from_json json, variadic path_elems text[]) json
            3953 json_extract_path_text(from_json json, variadic path_elems text[]) text
            3956 json_array_length(json) int4
            3968 json_typeof(json) text
            1177 jsonb_path_exists_tz(target jsonb, path jsonpath, vars jsonb ={}, silent bool =false) bool stable
            1180 jsonb_path_query_array_tz(target jsonb, path jsonpath, vars jsonb ={}, silent bool =false) jsonb stable
            2023 jsonb_path_query_first_tz(target jsonb, path jsonpath, vars jsonb ={}, silent bool =false) jsonb stable
            2030 jsonb_path_match_tz(target jsonb, path jsonpath, vars jsonb ={}, silent bool =false) bool stable
            4005 jsonb_path_exists(target jsonb, path jsonpath, vars jsonb ={}, silent bool =false) bool
            4007 jsonb_path_query_array(target jsonb, path jsonpath, vars jsonb ={}, silent bool =false) jsonb
            4008 jsonb_path_query_first(target jsonb, path jsonpath, vars jsonb ={}, silent bool =false) jsonb
            4009 jsonb_path_match(target jsonb, path jsonpath, vars jsonb ={}, silent bool =false) bool
            4010 jsonb_path_exists_opr(jsonb, jsonpath) bool
            4011 jsonb_path_match_opr(jsonb, jsonpath) bool
            4038 jsonb_ne(jsonb, jsonb) bool
            4039 jsonb_lt(jsonb, jsonb) bool
            4040 jsonb_gt(jsonb, jsonb) bool
            4041 jsonb_le(jsonb, jsonb) bool
            4042 jsonb_ge(jsonb, jsonb) bool
            4043 jsonb_eq(jsonb, jsonb) bool
            4044 jsonb_cmp(jsonb, jsonb) int4
            4046 jsonb_contains(jsonb, jsonb) bool
            4047 jsonb_exists(jsonb, text) bool
            4048 jsonb_exists_any(jsonb, text[]) bool
            4049 jsonb_exists_all(jsonb, text[]) bool
            4050 jsonb_contained(jsonb, jsonb) bool
            5054 jsonb_set_lax(jsonb_in jsonb, path text[], replacement jsonb, create_if_missing bool =true, null_value_treatment text =use_json_null) jsonb nonstrict
            """,
        operators: """
            3206 jsonb #>> text[] 3940
            3211 jsonb -> text 3478
            3212 jsonb -> int4 3215
            3213 jsonb #> text[] 3217
            3240 jsonb = jsonb 4043 commutator = negator <> hash merge
            3241 jsonb <> jsonb 4038 commutator <> negator =
            3242 jsonb < jsonb 4039 commutator > negator >=
            3243 jsonb > jsonb 4040 commutator < negator <=
            3244 jsonb <= jsonb 4041 commutator >= negator >
            3245 jsonb >= jsonb 4042 commutator <= negator <
            3246 jsonb @> jsonb 4046 commutator <@
            3247 jsonb ? text 4047
            3248 jsonb ?| text[] 4048
            3249 jsonb ?& text[] 4049
            3250 jsonb <@ jsonb 4050 commutator @>
            3284 jsonb || jsonb 3301
            3285 jsonb - text 3302
            3286 jsonb - int4 3303
            3287 jsonb #- text[] 3304
            3398 jsonb - text[] 3343
            3477 jsonb ->> text 3214
            3481 jsonb ->> int4 3216
            4012 jsonb @? jsonpath 4010
            4013 jsonb @@ jsonpath 4011
            3962 json -> text 3947
            3963 json ->> text 3948
            3964 json -> int4 3949
            3965 json ->> int4 3950
            3966 json #> text[] 3951
            3967 json #>> text[] 3953
            """,
        casts: """
            jsonb bool explicit 3556
            jsonb numeric explicit 3449
            jsonb int2 explicit 3450
            jsonb int4 explicit 3451
            jsonb int8 explicit 3452
            jsonb float4 explicit 3453
            jsonb float8 explicit 2580
            """);
}
