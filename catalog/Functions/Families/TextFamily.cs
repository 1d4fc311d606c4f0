namespace VecSQL.Catalog.Functions.Families;

/// <summary>Text: length, case, cutting, padding, trimming, parts.</summary>
internal static class TextFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            266 nameconcatoid(name, oid) name
            849 position(text, text) int4 as textpos
            868 strpos(text, text) int4 as textpos
            870 lower(text) text
            871 upper(text) text
            872 initcap(text) text
            873 lpad(text, int4, text) text
            874 rpad(text, int4, text) text
            875 ltrim(text, text) text
            876 rtrim(text, text) text
            877 substr(text, int4, int4) text as text_substr
            878 translate(text, text, text) text
            879 lpad(text, int4) text as lpad_blank
            880 rpad(text, int4) text as rpad_blank
            881 ltrim(text) text as ltrim1
            883 substr(text, int4) text as text_substr_no_len
            884 btrim(text, text) text
            885 btrim(text) text as btrim1
            936 substring(text, int4, int4) text as text_substr
            937 substring(text, int4) text as text_substr_no_len
            1257 textlen(text) int4
            1258 textcat(text, text) text
            1317 length(text) int4 as textlen
            1318 length(bpchar) int4 as bpcharlen
            1367 character_length(bpchar) int4 as bpcharlen
            1369 character_length(text) int4 as textlen
            1372 char_length(bpchar) int4 as bpcharlen
            1374 octet_length(text) int4 as textoctetlen
            1375 octet_length(bpchar) int4 as bpcharoctetlen
            1381 char_length(text) int4 as textlen
            1404 overlay(text, text, int4, int4) text as textoverlay
            1405 overlay(text, text, int4) text as textoverlay_no_len
            1620 ascii(text) int4
            1621 chr(int4) text
            1622 repeat(text, int4) text
            1811 bit_length(text) int4 as text_bit_length
            2087 replace(text, text, text) text as replace_text
            2088 split_part(text, text, int4) text
            2089 to_hex(int4) text as to_hex32
            2090 to_hex(int8) text as to_hex64
            3060 left(text, int4) text as text_left
            3061 right(text, int4) text as text_right
            3062 reverse(text) text as text_reverse
            3696 starts_with(text, text) bool as text_starts_with
            4350 normalize(text, text =) text as unicode_normalize_func
            4351 is_normalized(text, text =) bool as unicode_is_normalized
            6198 unistr(text) text
            """,
        operators: """
            654 text || text 1258
            3877 text ^@ text 3696
            """);
}
