namespace VecSQL.Catalog.Functions.Families;

/// <summary>Text made of other values.</summary>
internal static class FormattingFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            438 num_nulls(variadic any) int4 as pg_num_nulls nonstrict
            440 num_nonnulls(variadic any) int4 as pg_num_nonnulls nonstrict
            1268 parse_ident(str text, strict bool =true) text[] as parse_ident
            1282 quote_ident(text) text
            1283 quote_literal(text) text
            1285 quote_literal(anyelement) text as quote_literal_any stable
            1289 quote_nullable(text) text nonstrict
            1290 quote_nullable(anyelement) text as quote_nullable_any nonstrict stable
            3058 concat(variadic any) text as text_concat nonstrict stable
            3059 concat_ws(text, variadic any) text as text_concat_ws nonstrict stable
            3539 format(text, variadic any) text as text_format nonstrict stable
            3540 format(text) text as text_format_nv nonstrict stable
            """);
}
