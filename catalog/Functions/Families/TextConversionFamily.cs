namespace VecSQL.Catalog.Functions.Families;

/// <summary>Casts among text types.</summary>
internal static class TextConversionFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            401 text(bpchar) text as rtrim1
            406 text(name) text as name_text
            407 name(text) name as text_name
            408 bpchar(name) bpchar as name_bpchar
            409 name(bpchar) name as bpchar_name
            669 varchar(varchar, int4, bool) varchar
            860 bpchar(char) bpchar as char_bpchar
            882 rtrim(text) text as rtrim1
            944 char(text) char as text_char
            946 text(char) text as char_text
            1400 name(varchar) name as text_name
            1401 varchar(name) varchar as name_text
            2003 textanycat(text, anynonarray) text stable
            2004 anytextcat(anynonarray, text) text stable
            """,
        operators: """
            2779 text || anynonarray 2003
            2780 anynonarray || text 2004
            """,
        casts: """
            bpchar text implicit 401
            bpchar varchar implicit 401
            char text implicit 946
            char bpchar assignment 860
            char varchar assignment 946
            name text implicit 406
            name bpchar assignment 408
            name varchar assignment 1401
            text char assignment 944
            bpchar char assignment 944
            varchar char assignment 944
            text name implicit 407
            bpchar name implicit 409
            varchar name implicit 1400
            varchar varchar implicit 669
            """);
}
