namespace VecSQL.Catalog.Functions.Families;

/// <summary>uuid and bit strings.</summary>
internal static class UuidFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            1581 biteq(bit, bit) bool
            1582 bitne(bit, bit) bool
            1592 bitge(bit, bit) bool
            1593 bitgt(bit, bit) bool
            1594 bitle(bit, bit) bool
            1595 bitlt(bit, bit) bool
            1596 bitcmp(bit, bit) int4
            1666 varbiteq(varbit, varbit) bool as biteq
            1667 varbitne(varbit, varbit) bool as bitne
            1668 varbitge(varbit, varbit) bool as bitge
            1669 varbitgt(varbit, varbit) bool as bitgt
            1670 varbitle(varbit, varbit) bool as bitle
            1671 varbitlt(varbit, varbit) bool as bitlt
            1672 varbitcmp(varbit, varbit) int4 as bitcmp
            1673 bitand(bit, bit) bit as bit_and
            1674 bitor(bit, bit) bit as bit_or
            1675 bitxor(bit, bit) bit
            1676 bitnot(bit) bit
            1677 bitshiftleft(bit, int4) bit
            1678 bitshiftright(bit, int4) bit
            1679 bitcat(varbit, varbit) varbit
            1680 substring(bit, int4, int4) bit as bitsubstr
            1681 length(bit) int4 as bitlength
            1682 octet_length(bit) int4 as bitoctetlength
            1683 bit(int4, int4) bit as bitfromint4
            1684 int4(bit) int4 as bittoint4
            1685 bit(bit, int4, bool) bit
            1687 varbit(varbit, int4, bool) varbit
            1698 position(bit, bit) int4 as bitposition
            1699 substring(bit, int4) bit as bitsubstr_no_len
            1812 bit_length(bit) int4 as bitlength
            2075 bit(int8, int4) bit as bitfromint8
            2076 int8(bit) int8 as bittoint8
            2954 uuid_lt(uuid, uuid) bool
            2955 uuid_le(uuid, uuid) bool
            2956 uuid_eq(uuid, uuid) bool
            2957 uuid_ge(uuid, uuid) bool
            2958 uuid_gt(uuid, uuid) bool
            2959 uuid_ne(uuid, uuid) bool
            2960 uuid_cmp(uuid, uuid) int4
            3032 get_bit(bit, int4) int4 as bitgetbit
            3030 overlay(bit, bit, int4, int4) bit as bitoverlay
            3031 overlay(bit, bit, int4) bit as bitoverlay_no_len
            3033 set_bit(bit, int4, int4) bit as bitsetbit
            6162 bit_count(bit) int8 as bit_bit_count
            """,
        operators: """
            1784 bit = bit 1581 commutator = negator <> merge
            1785 bit <> bit 1582 commutator <> negator =
            1786 bit < bit 1595 commutator > negator >=
            1787 bit > bit 1593 commutator < negator <=
            1788 bit <= bit 1594 commutator >= negator >
            1789 bit >= bit 1592 commutator <= negator <
            1791 bit & bit 1673 commutator &
            1792 bit | bit 1674 commutator |
            1793 bit # bit 1675 commutator #
            1794 none ~ bit 1676
            1795 bit << int4 1677
            1796 bit >> int4 1678
            1797 varbit || varbit 1679
            1804 varbit = varbit 1666 commutator = negator <> merge
            1805 varbit <> varbit 1667 commutator <> negator =
            1806 varbit < varbit 1671 commutator > negator >=
            1807 varbit > varbit 1669 commutator < negator <=
            1808 varbit <= varbit 1670 commutator >= negator >
            1809 varbit >= varbit 1668 commutator <= negator <
            2972 uuid = uuid 2956 commutator = negator <> hash merge
            2973 uuid <> uuid 2959 commutator <> negator =
            2974 uuid < uuid 2954 commutator > negator >=
            2975 uuid > uuid 2958 commutator < negator <=
            2976 uuid <= uuid 2955 commutator >= negator >
            2977 uuid >= uuid 2957 commutator <= negator <
            """,
        casts: """
            int8 bit explicit 2075
            int4 bit explicit 1683
            bit int8 explicit 2076
            bit int4 explicit 1684
            bit bit implicit 1685
            varbit varbit implicit 1687
            """);
}
