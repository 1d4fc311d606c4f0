namespace VecSQL.Catalog.Functions.Families;

/// <summary>LIKE and ILIKE.</summary>
internal static class LikeFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            850 textlike(text, text) bool
            851 textnlike(text, text) bool
            858 namelike(name, text) bool
            859 namenlike(name, text) bool
            1569 like(text, text) bool as textlike
            1570 notlike(text, text) bool as textnlike
            1571 like(name, text) bool as namelike
            1572 notlike(name, text) bool as namenlike
            1623 similar_escape(text, text) text nonstrict
            1631 bpcharlike(bpchar, text) bool as textlike
            1632 bpcharnlike(bpchar, text) bool as textnlike
            1633 texticlike(text, text) bool
            1634 texticnlike(text, text) bool
            1635 nameiclike(name, text) bool
            1636 nameicnlike(name, text) bool
            1637 like_escape(text, text) text
            1660 bpchariclike(bpchar, text) bool as texticlike
            1661 bpcharicnlike(bpchar, text) bool as texticnlike
            1986 similar_to_escape(text, text) text as similar_to_escape_2
            1987 similar_to_escape(text) text as similar_to_escape_1
            2005 bytealike(bytea, bytea) bool
            2006 byteanlike(bytea, bytea) bool
            2007 like(bytea, bytea) bool as bytealike
            2008 notlike(bytea, bytea) bool as byteanlike
            2009 like_escape(bytea, bytea) bytea as like_escape_bytea
            """,
        operators: """
            1207 name ~~ text 858 negator !~~
            1208 name !~~ text 859 negator ~~
            1209 text ~~ text 850 negator !~~
            1210 text !~~ text 851 negator ~~
            1211 bpchar ~~ text 1631 negator !~~
            1212 bpchar !~~ text 1632 negator ~~
            1625 name ~~* text 1635 negator !~~*
            1626 name !~~* text 1636 negator ~~*
            1627 text ~~* text 1633 negator !~~*
            1628 text !~~* text 1634 negator ~~*
            1629 bpchar ~~* text 1660 negator !~~*
            1630 bpchar !~~* text 1661 negator ~~*
            2016 bytea ~~ bytea 2005 negator !~~
            2017 bytea !~~ bytea 2006 negator ~~
            """);
}
