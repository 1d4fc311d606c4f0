namespace VecSQL.Catalog.Functions.Families;

/// <summary>Regular expressions.</summary>
internal static class RegexFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            79 nameregexeq(name, text) bool
            1238 texticregexeq(text, text) bool
            1239 texticregexne(text, text) bool
            1240 nameicregexeq(name, text) bool
            1241 nameicregexne(name, text) bool
            1252 nameregexne(name, text) bool
            1254 textregexeq(text, text) bool
            1256 textregexne(text, text) bool
            1656 bpcharicregexeq(bpchar, text) bool as texticregexeq
            1657 bpcharicregexne(bpchar, text) bool as texticregexne
            1658 bpcharregexeq(bpchar, text) bool as textregexeq
            1659 bpcharregexne(bpchar, text) bool as textregexne
            2073 substring(text, text) text as textregexsubstr
            2074 substring(text, text, text) text as sql_substring
            2284 regexp_replace(text, text, text) text as textregexreplace_noopt
            2285 regexp_replace(text, text, text, text) text as textregexreplace
            6251 regexp_replace(text, text, text, int4, int4, text) text as textregexreplace_extended
            6252 regexp_replace(text, text, text, int4, int4) text as textregexreplace_extended_no_flags
            6253 regexp_replace(text, text, text, int4) text as textregexreplace_extended_no_n
            6254 regexp_count(text, text) int4 as regexp_count_no_start
            6255 regexp_count(text, text, int4) int4 as regexp_count_no_flags
            6256 regexp_count(text, text, int4, text) int4
            6257 regexp_instr(text, text) int4 as regexp_instr_no_start
            6258 regexp_instr(text, text, int4) int4 as regexp_instr_no_n
            6259 regexp_instr(text, text, int4, int4) int4 as regexp_instr_no_endoption
            6260 regexp_instr(text, text, int4, int4, int4) int4 as regexp_instr_no_flags
            6261 regexp_instr(text, text, int4, int4, int4, text) int4 as regexp_instr_no_subexpr
            6262 regexp_instr(text, text, int4, int4, int4, text, int4) int4
            6263 regexp_like(text, text) bool as regexp_like_no_flags
            6264 regexp_like(text, text, text) bool
            6265 regexp_substr(text, text) text as regexp_substr_no_start
            6266 regexp_substr(text, text, int4) text as regexp_substr_no_n
            6267 regexp_substr(text, text, int4, int4) text as regexp_substr_no_flags
            6268 regexp_substr(text, text, int4, int4, text) text as regexp_substr_no_subexpr
            6269 regexp_substr(text, text, int4, int4, text, int4) text
            """,
        operators: """
            639 name ~ text 79 negator !~
            640 name !~ text 1252 negator ~
            641 text ~ text 1254 negator !~
            642 text !~ text 1256 negator ~
            1055 bpchar ~ text 1658 negator !~
            1056 bpchar !~ text 1659 negator ~
            1226 name ~* text 1240 negator !~*
            1227 name !~* text 1241 negator ~*
            1228 text ~* text 1238 negator !~*
            1229 text !~* text 1239 negator ~*
            1234 bpchar ~* text 1656 negator !~*
            1235 bpchar !~* text 1657 negator ~*
            """);
}
