namespace VecSQL.Catalog.Functions.Families;

/// <summary>Comparison of text, name, char(n) and bytea.</summary>
internal static class TextComparisonFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            62 nameeq(name, name) bool
            67 texteq(text, text) bool
            157 textne(text, text) bool
            240 nameeqtext(name, text) bool
            241 namelttext(name, text) bool
            242 nameletext(name, text) bool
            243 namegetext(name, text) bool
            244 namegttext(name, text) bool
            245 namenetext(name, text) bool
            247 texteqname(text, name) bool
            248 textltname(text, name) bool
            249 textlename(text, name) bool
            250 textgename(text, name) bool
            251 textgtname(text, name) bool
            252 textnename(text, name) bool
            360 bttextcmp(text, text) int4
            458 text_larger(text, text) text
            459 text_smaller(text, text) text
            655 namelt(name, name) bool
            656 namele(name, name) bool
            657 namegt(name, name) bool
            658 namege(name, name) bool
            659 namene(name, name) bool
            668 bpchar(bpchar, int4, bool) bpchar
            740 text_lt(text, text) bool
            741 text_le(text, text) bool
            742 text_gt(text, text) bool
            743 text_ge(text, text) bool
            1048 bpchareq(bpchar, bpchar) bool
            1049 bpcharlt(bpchar, bpchar) bool
            1050 bpcharle(bpchar, bpchar) bool
            1051 bpchargt(bpchar, bpchar) bool
            1052 bpcharge(bpchar, bpchar) bool
            1053 bpcharne(bpchar, bpchar) bool
            1062 aclitemeq(aclitem, aclitem) bool
            1078 bpcharcmp(bpchar, bpchar) int4
            1948 byteaeq(bytea, bytea) bool
            1949 bytealt(bytea, bytea) bool
            1950 byteale(bytea, bytea) bool
            1951 byteagt(bytea, bytea) bool
            1952 byteage(bytea, bytea) bool
            1953 byteane(bytea, bytea) bool
            1954 byteacmp(bytea, bytea) int4
            2160 text_pattern_lt(text, text) bool
            2161 text_pattern_le(text, text) bool
            2163 text_pattern_ge(text, text) bool
            2164 text_pattern_gt(text, text) bool
            """,
        operators: """
            974 aclitem = aclitem 1062 commutator = hash
            93 name = name 62 commutator = negator <> hash merge
            98 text = text 67 commutator = negator <> hash merge
            254 name = text 240 commutator = negator <> hash merge
            255 name < text 241 commutator > negator >=
            256 name <= text 242 commutator >= negator >
            257 name >= text 243 commutator <= negator <
            258 name > text 244 commutator < negator <=
            259 name <> text 245 commutator <> negator =
            260 text = name 247 commutator = negator <> hash merge
            261 text < name 248 commutator > negator >=
            262 text <= name 249 commutator >= negator >
            263 text >= name 250 commutator <= negator <
            264 text > name 251 commutator < negator <=
            265 text <> name 252 commutator <> negator =
            531 text <> text 157 commutator <> negator =
            643 name <> name 659 commutator <> negator =
            660 name < name 655 commutator > negator >=
            661 name <= name 656 commutator >= negator >
            662 name > name 657 commutator < negator <=
            663 name >= name 658 commutator <= negator <
            664 text < text 740 commutator > negator >=
            665 text <= text 741 commutator >= negator >
            666 text > text 742 commutator < negator <=
            667 text >= text 743 commutator <= negator <
            1054 bpchar = bpchar 1048 commutator = negator <> hash merge
            1057 bpchar <> bpchar 1053 commutator <> negator =
            1058 bpchar < bpchar 1049 commutator > negator >=
            1059 bpchar <= bpchar 1050 commutator >= negator >
            1060 bpchar > bpchar 1051 commutator < negator <=
            1061 bpchar >= bpchar 1052 commutator <= negator <
            1955 bytea = bytea 1948 commutator = negator <> hash merge
            1956 bytea <> bytea 1953 commutator <> negator =
            1957 bytea < bytea 1949 commutator > negator >=
            1958 bytea <= bytea 1950 commutator >= negator >
            1959 bytea > bytea 1951 commutator < negator <=
            1960 bytea >= bytea 1952 commutator <= negator <
            2314 text ~<~ text 2160 commutator ~>~ negator ~>=~
            2315 text ~<=~ text 2161 commutator ~>=~ negator ~>~
            2317 text ~>=~ text 2163 commutator ~<=~ negator ~<~
            2318 text ~>~ text 2164 commutator ~<~ negator ~<=~
            """,
        casts: """
            bpchar bpchar implicit 668
            """);
}
