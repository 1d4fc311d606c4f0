namespace VecSQL.Catalog.Functions.Families;

/// <summary>Integers, object ids and the one-byte "char": arithmetic, comparison, bits, conversion.</summary>
internal static class IntegerFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            61 chareq(char, char) bool
            63 int2eq(int2, int2) bool
            64 int2lt(int2, int2) bool
            65 int4eq(int4, int4) bool
            66 int4lt(int4, int4) bool
            68 xideq(xid, xid) bool
            69 cideq(cid, cid) bool
            70 charne(char, char) bool
            72 charle(char, char) bool
            73 chargt(char, char) bool
            74 charge(char, char) bool
            77 int4(char) int4 as chartoi4
            78 char(int4) char as i4tochar
            141 int4mul(int4, int4) int4
            144 int4ne(int4, int4) bool
            145 int2ne(int2, int2) bool
            146 int2gt(int2, int2) bool
            147 int4gt(int4, int4) bool
            148 int2le(int2, int2) bool
            149 int4le(int4, int4) bool
            150 int4ge(int4, int4) bool
            151 int2ge(int2, int2) bool
            152 int2mul(int2, int2) int2
            153 int2div(int2, int2) int2
            154 int4div(int4, int4) int4
            155 int2mod(int2, int2) int2
            156 int4mod(int4, int4) int4
            158 int24eq(int2, int4) bool
            159 int42eq(int4, int2) bool
            160 int24lt(int2, int4) bool
            161 int42lt(int4, int2) bool
            162 int24gt(int2, int4) bool
            163 int42gt(int4, int2) bool
            164 int24ne(int2, int4) bool
            165 int42ne(int4, int2) bool
            166 int24le(int2, int4) bool
            167 int42le(int4, int2) bool
            168 int24ge(int2, int4) bool
            169 int42ge(int4, int2) bool
            170 int24mul(int2, int4) int4
            171 int42mul(int4, int2) int4
            172 int24div(int2, int4) int4
            173 int42div(int4, int2) int4
            176 int2pl(int2, int2) int2
            177 int4pl(int4, int4) int4
            178 int24pl(int2, int4) int4
            179 int42pl(int4, int2) int4
            180 int2mi(int2, int2) int2
            181 int4mi(int4, int4) int4
            182 int24mi(int2, int4) int4
            183 int42mi(int4, int2) int4
            184 oideq(oid, oid) bool
            185 oidne(oid, oid) bool
            212 int4um(int4) int4
            213 int2um(int2) int2
            313 int4(int2) int4 as i2toi4
            314 int2(int4) int2 as i4toi2
            350 btint2cmp(int2, int2) int4
            351 btint4cmp(int4, int4) int4
            356 btoidcmp(oid, oid) int4
            462 int8um(int8) int8
            463 int8pl(int8, int8) int8
            464 int8mi(int8, int8) int8
            465 int8mul(int8, int8) int8
            466 int8div(int8, int8) int8
            467 int8eq(int8, int8) bool
            468 int8ne(int8, int8) bool
            469 int8lt(int8, int8) bool
            470 int8gt(int8, int8) bool
            471 int8le(int8, int8) bool
            472 int8ge(int8, int8) bool
            474 int84eq(int8, int4) bool
            475 int84ne(int8, int4) bool
            476 int84lt(int8, int4) bool
            477 int84gt(int8, int4) bool
            478 int84le(int8, int4) bool
            479 int84ge(int8, int4) bool
            480 int4(int8) int4 as int84
            481 int8(int4) int8 as int48
            714 int2(int8) int2 as int82
            716 oidlt(oid, oid) bool
            717 oidle(oid, oid) bool
            754 int8(int2) int8 as int28
            768 int4larger(int4, int4) int4
            769 int4smaller(int4, int4) int4
            770 int2larger(int2, int2) int2
            771 int2smaller(int2, int2) int2
            837 int82pl(int8, int2) int8
            838 int82mi(int8, int2) int8
            839 int82mul(int8, int2) int8
            840 int82div(int8, int2) int8
            841 int28pl(int2, int8) int8
            842 btint8cmp(int8, int8) int4
            852 int48eq(int4, int8) bool
            853 int48ne(int4, int8) bool
            854 int48lt(int4, int8) bool
            855 int48gt(int4, int8) bool
            856 int48le(int4, int8) bool
            857 int48ge(int4, int8) bool
            940 mod(int2, int2) int2 as int2mod
            941 mod(int4, int4) int4 as int4mod
            942 int28mi(int2, int8) int8
            943 int28mul(int2, int8) int8
            945 int8mod(int8, int8) int8
            947 mod(int8, int8) int8 as int8mod
            948 int28div(int2, int8) int8
            1230 int8abs(int8) int8
            1236 int8larger(int8, int8) int8
            1237 int8smaller(int8, int8) int8
            1246 charlt(char, char) bool
            1251 int4abs(int4) int4
            1253 int2abs(int2) int2
            1265 tidne(tid, tid) bool
            1274 int84pl(int8, int4) int8
            1275 int84mi(int8, int4) int8
            1276 int84mul(int8, int4) int8
            1277 int84div(int8, int4) int8
            1278 int48pl(int4, int8) int8
            1279 int48mi(int4, int8) int8
            1280 int48mul(int4, int8) int8
            1281 int48div(int4, int8) int8
            1287 oid(int8) oid as i8tooid
            1288 int8(oid) int8 as oidtoi8
            1292 tideq(tid, tid) bool
            1319 xideqint4(xid, int4) bool as xideq
            1396 abs(int8) int8 as int8abs
            1397 abs(int4) int4 as int4abs
            1398 abs(int2) int2 as int2abs
            1638 oidgt(oid, oid) bool
            1639 oidge(oid, oid) bool
            1850 int28eq(int2, int8) bool
            1851 int28ne(int2, int8) bool
            1852 int28lt(int2, int8) bool
            1853 int28gt(int2, int8) bool
            1854 int28le(int2, int8) bool
            1855 int28ge(int2, int8) bool
            1856 int82eq(int8, int2) bool
            1857 int82ne(int8, int2) bool
            1858 int82lt(int8, int2) bool
            1859 int82gt(int8, int2) bool
            1860 int82le(int8, int2) bool
            1861 int82ge(int8, int2) bool
            1892 int2and(int2, int2) int2
            1893 int2or(int2, int2) int2
            1894 int2xor(int2, int2) int2
            1895 int2not(int2) int2
            1896 int2shl(int2, int4) int2
            1897 int2shr(int2, int4) int2
            1898 int4and(int4, int4) int4
            1899 int4or(int4, int4) int4
            1900 int4xor(int4, int4) int4
            1901 int4not(int4) int4
            1902 int4shl(int4, int4) int4
            1903 int4shr(int4, int4) int4
            1904 int8and(int8, int8) int8
            1905 int8or(int8, int8) int8
            1906 int8xor(int8, int8) int8
            1907 int8not(int8) int8
            1908 int8shl(int8, int4) int8
            1909 int8shr(int8, int4) int8
            1910 int8up(int8) int8
            1911 int2up(int2) int2
            1912 int4up(int4) int4
            1965 oidlarger(oid, oid) oid
            1966 oidsmaller(oid, oid) oid
            2790 tidgt(tid, tid) bool
            2791 tidlt(tid, tid) bool
            2792 tidge(tid, tid) bool
            2793 tidle(tid, tid) bool
            2795 tidlarger(tid, tid) tid
            2796 tidsmaller(tid, tid) tid
            3308 xidneq(xid, xid) bool
            3309 xidneqint4(xid, int4) bool as xidneq
            5044 gcd(int4, int4) int4 as int4gcd
            5045 gcd(int8, int8) int8 as int8gcd
            5046 lcm(int4, int4) int4 as int4lcm
            5047 lcm(int8, int8) int8 as int8lcm
            """,
        operators: """
            15 int4 = int8 852 commutator = negator <> hash merge
            36 int4 <> int8 853 commutator <> negator =
            37 int4 < int8 854 commutator > negator >=
            76 int4 > int8 855 commutator < negator <=
            80 int4 <= int8 856 commutator >= negator >
            82 int4 >= int8 857 commutator <= negator <
            92 char = char 61 commutator = negator <> hash merge
            94 int2 = int2 63 commutator = negator <> hash merge
            95 int2 < int2 64 commutator > negator >=
            96 int4 = int4 65 commutator = negator <> hash merge
            97 int4 < int4 66 commutator > negator >=
            352 xid = xid 68 commutator = negator <> hash
            353 xid = int4 1319 negator <>
            385 cid = cid 69 commutator = hash
            387 tid = tid 1292 commutator = negator <> hash merge
            402 tid <> tid 1265 commutator <> negator =
            410 int8 = int8 467 commutator = negator <> hash merge
            411 int8 <> int8 468 commutator <> negator =
            412 int8 < int8 469 commutator > negator >=
            413 int8 > int8 470 commutator < negator <=
            414 int8 <= int8 471 commutator >= negator >
            415 int8 >= int8 472 commutator <= negator <
            416 int8 = int4 474 commutator = negator <> hash merge
            417 int8 <> int4 475 commutator <> negator =
            418 int8 < int4 476 commutator > negator >=
            419 int8 > int4 477 commutator < negator <=
            420 int8 <= int4 478 commutator >= negator >
            430 int8 >= int4 479 commutator <= negator <
            439 int8 % int8 945
            473 none @ int8 1230
            484 none - int8 462
            514 int4 * int4 141 commutator *
            518 int4 <> int4 144 commutator <> negator =
            519 int2 <> int2 145 commutator <> negator =
            520 int2 > int2 146 commutator < negator <=
            521 int4 > int4 147 commutator < negator <=
            522 int2 <= int2 148 commutator >= negator >
            523 int4 <= int4 149 commutator >= negator >
            524 int2 >= int2 151 commutator <= negator <
            525 int4 >= int4 150 commutator <= negator <
            526 int2 * int2 152 commutator *
            527 int2 / int2 153
            528 int4 / int4 154
            529 int2 % int2 155
            530 int4 % int4 156
            532 int2 = int4 158 commutator = negator <> hash merge
            533 int4 = int2 159 commutator = negator <> hash merge
            534 int2 < int4 160 commutator > negator >=
            535 int4 < int2 161 commutator > negator >=
            536 int2 > int4 162 commutator < negator <=
            537 int4 > int2 163 commutator < negator <=
            538 int2 <> int4 164 commutator <> negator =
            539 int4 <> int2 165 commutator <> negator =
            540 int2 <= int4 166 commutator >= negator >
            541 int4 <= int2 167 commutator >= negator >
            542 int2 >= int4 168 commutator <= negator <
            543 int4 >= int2 169 commutator <= negator <
            544 int2 * int4 170 commutator *
            545 int4 * int2 171 commutator *
            546 int2 / int4 172
            547 int4 / int2 173
            550 int2 + int2 176 commutator +
            551 int4 + int4 177 commutator +
            552 int2 + int4 178 commutator +
            553 int4 + int2 179 commutator +
            554 int2 - int2 180
            555 int4 - int4 181
            556 int2 - int4 182
            557 int4 - int2 183
            558 none - int4 212
            559 none - int2 213
            607 oid = oid 184 commutator = negator <> hash merge
            608 oid <> oid 185 commutator <> negator =
            609 oid < oid 716 commutator > negator >=
            610 oid > oid 1638 commutator < negator <=
            611 oid <= oid 717 commutator >= negator >
            612 oid >= oid 1639 commutator <= negator <
            630 char <> char 70 commutator <> negator =
            631 char < char 1246 commutator > negator >=
            632 char <= char 72 commutator >= negator >
            633 char > char 73 commutator < negator <=
            634 char >= char 74 commutator <= negator <
            682 none @ int2 1253
            684 int8 + int8 463 commutator +
            685 int8 - int8 464
            686 int8 * int8 465 commutator *
            687 int8 / int8 466
            688 int8 + int4 1274 commutator +
            689 int8 - int4 1275
            690 int8 * int4 1276 commutator *
            691 int8 / int4 1277
            692 int4 + int8 1278 commutator +
            693 int4 - int8 1279
            694 int4 * int8 1280 commutator *
            695 int4 / int8 1281
            773 none @ int4 1251
            818 int8 + int2 837 commutator +
            819 int8 - int2 838
            820 int8 * int2 839 commutator *
            821 int8 / int2 840
            822 int2 + int8 841 commutator +
            823 int2 - int8 942
            824 int2 * int8 943 commutator *
            825 int2 / int8 948
            1862 int2 = int8 1850 commutator = negator <> hash merge
            1863 int2 <> int8 1851 commutator <> negator =
            1864 int2 < int8 1852 commutator > negator >=
            1865 int2 > int8 1853 commutator < negator <=
            1866 int2 <= int8 1854 commutator >= negator >
            1867 int2 >= int8 1855 commutator <= negator <
            1868 int8 = int2 1856 commutator = negator <> hash merge
            1869 int8 <> int2 1857 commutator <> negator =
            1870 int8 < int2 1858 commutator > negator >=
            1871 int8 > int2 1859 commutator < negator <=
            1872 int8 <= int2 1860 commutator >= negator >
            1873 int8 >= int2 1861 commutator <= negator <
            1874 int2 & int2 1892 commutator &
            1875 int2 | int2 1893 commutator |
            1876 int2 # int2 1894 commutator #
            1877 none ~ int2 1895
            1878 int2 << int4 1896
            1879 int2 >> int4 1897
            1880 int4 & int4 1898 commutator &
            1881 int4 | int4 1899 commutator |
            1882 int4 # int4 1900 commutator #
            1883 none ~ int4 1901
            1884 int4 << int4 1902
            1885 int4 >> int4 1903
            1886 int8 & int8 1904 commutator &
            1887 int8 | int8 1905 commutator |
            1888 int8 # int8 1906 commutator #
            1889 none ~ int8 1907
            1890 int8 << int4 1908
            1891 int8 >> int4 1909
            1916 none + int8 1910
            1917 none + int2 1911
            1918 none + int4 1912
            2799 tid < tid 2791 commutator > negator >=
            2800 tid > tid 2790 commutator < negator <=
            2801 tid <= tid 2793 commutator >= negator >
            2802 tid >= tid 2792 commutator <= negator <
            3315 xid <> xid 3308 commutator <> negator =
            3316 xid <> int4 3309 negator =
            """,
        casts: """
            int8 int2 assignment 714
            int8 int4 assignment 480
            int2 int8 implicit 754
            int2 int4 implicit 313
            int4 int8 implicit 481
            int4 int2 assignment 314
            int8 oid implicit 1287
            int2 oid implicit 313
            oid int8 assignment 1288
            int8 regproc implicit 1287
            int2 regproc implicit 313
            regproc int8 assignment 1288
            int8 regprocedure implicit 1287
            int2 regprocedure implicit 313
            regprocedure int8 assignment 1288
            int8 regoper implicit 1287
            int2 regoper implicit 313
            regoper int8 assignment 1288
            int8 regoperator implicit 1287
            int2 regoperator implicit 313
            regoperator int8 assignment 1288
            int8 regclass implicit 1287
            int2 regclass implicit 313
            regclass int8 assignment 1288
            int8 regcollation implicit 1287
            int2 regcollation implicit 313
            regcollation int8 assignment 1288
            int8 regtype implicit 1287
            int2 regtype implicit 313
            regtype int8 assignment 1288
            int8 regconfig implicit 1287
            int2 regconfig implicit 313
            regconfig int8 assignment 1288
            int8 regdictionary implicit 1287
            int2 regdictionary implicit 313
            regdictionary int8 assignment 1288
            int8 regrole implicit 1287
            int2 regrole implicit 313
            regrole int8 assignment 1288
            int8 regnamespace implicit 1287
            int2 regnamespace implicit 313
            regnamespace int8 assignment 1288
            char int4 explicit 77
            int4 char explicit 78
            """);
}
