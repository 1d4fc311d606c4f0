namespace VecSQL.Catalog.Functions.Families;

/// <summary>Arrays and records.</summary>
internal static class ArrayFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            376 string_to_array(text, text, text) text[] as text_to_array_null nonstrict
            378 array_append(anycompatiblearray, anycompatible) anycompatiblearray nonstrict
            379 array_prepend(anycompatible, anycompatiblearray) anycompatiblearray nonstrict
            382 btarraycmp(anyarray, anyarray) int4
            383 array_cat(anycompatiblearray, anycompatiblearray) anycompatiblearray nonstrict
            384 array_to_string(anyarray, text, text) text as array_to_text_null nonstrict stable
            390 array_ne(anyarray, anyarray) bool
            391 array_lt(anyarray, anyarray) bool
            392 array_gt(anyarray, anyarray) bool
            393 array_le(anyarray, anyarray) bool
            394 string_to_array(text, text) text[] as text_to_array nonstrict
            395 array_to_string(anyarray, text) text as array_to_text stable
            396 array_ge(anyarray, anyarray) bool
            619 oidvectorne(oidvector, oidvector) bool
            1349 oidvectortypes(oidvector) text stable
            679 oidvectoreq(oidvector, oidvector) bool
            744 array_eq(anyarray, anyarray) bool
            747 array_dims(anyarray) text
            748 array_ndims(anyarray) int4
            1193 array_fill(anyelement, int4[]) anyarray nonstrict
            1286 array_fill(anyelement, int4[], int4[]) anyarray as array_fill_with_lower_bounds nonstrict
            2091 array_lower(anyarray, int4) int4
            2092 array_upper(anyarray, int4) int4
            2176 array_length(anyarray, int4) int4
            2747 arrayoverlap(anyarray, anyarray) bool
            2748 arraycontains(anyarray, anyarray) bool
            2749 arraycontained(anyarray, anyarray) bool
            2767 regexp_split_to_array(text, text) text[] as regexp_split_to_array_no_flags
            2768 regexp_split_to_array(text, text, text) text[]
            2981 record_eq(record, record) bool
            2982 record_ne(record, record) bool
            2983 record_lt(record, record) bool
            2984 record_gt(record, record) bool
            2985 record_le(record, record) bool
            2986 record_ge(record, record) bool
            3167 array_remove(anycompatiblearray, anycompatible) anycompatiblearray nonstrict
            3168 array_replace(anycompatiblearray, anycompatible, anycompatible) anycompatiblearray nonstrict
            3179 cardinality(anyarray) int4 as array_cardinality
            3218 width_bucket(anycompatible, anycompatiblearray) int4 as width_bucket_array
            3277 array_position(anycompatiblearray, anycompatible) int4 nonstrict
            3278 array_position(anycompatiblearray, anycompatible, int4) int4 as array_position_start nonstrict
            3279 array_positions(anycompatiblearray, anycompatible) int4[] nonstrict
            3396 regexp_match(text, text) text[] as regexp_match_no_flags
            3397 regexp_match(text, text, text) text[]
            6172 trim_array(anyarray, int4) anyarray
            """,
        operators: """
            349 anycompatiblearray || anycompatible 378
            374 anycompatible || anycompatiblearray 379
            375 anycompatiblearray || anycompatiblearray 383
            644 oidvector <> oidvector 619 commutator <> negator =
            649 oidvector = oidvector 679 commutator = negator <> hash merge
            1070 anyarray = anyarray 744 commutator = negator <> hash merge
            1071 anyarray <> anyarray 390 commutator <> negator =
            1072 anyarray < anyarray 391 commutator > negator >=
            1073 anyarray > anyarray 392 commutator < negator <=
            1074 anyarray <= anyarray 393 commutator >= negator >
            1075 anyarray >= anyarray 396 commutator <= negator <
            2750 anyarray && anyarray 2747 commutator &&
            2751 anyarray @> anyarray 2748 commutator <@
            2752 anyarray <@ anyarray 2749 commutator @>
            2988 record = record 2981 commutator = negator <> hash merge
            2989 record <> record 2982 commutator <> negator =
            2990 record < record 2983 commutator > negator >=
            2991 record > record 2984 commutator < negator <=
            2992 record <= record 2985 commutator >= negator >
            2993 record >= record 2986 commutator <= negator <
            """);
}
