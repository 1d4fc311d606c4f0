namespace VecSQL.Catalog.Functions.Families;

/// <summary>Floats: arithmetic, comparison, conversion.</summary>
internal static class FloatFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            202 float4mul(float4, float4) float4
            203 float4div(float4, float4) float4
            204 float4pl(float4, float4) float4
            205 float4mi(float4, float4) float4
            206 float4um(float4) float4
            207 float4abs(float4) float4
            209 float4larger(float4, float4) float4
            211 float4smaller(float4, float4) float4
            216 float8mul(float8, float8) float8
            217 float8div(float8, float8) float8
            218 float8pl(float8, float8) float8
            219 float8mi(float8, float8) float8
            220 float8um(float8) float8
            221 float8abs(float8) float8
            223 float8larger(float8, float8) float8
            224 float8smaller(float8, float8) float8
            235 float8(int2) float8 as i2tod
            236 float4(int2) float4 as i2tof
            237 int2(float8) int2 as dtoi2
            238 int2(float4) int2 as ftoi2
            279 float48mul(float4, float8) float8
            280 float48div(float4, float8) float8
            281 float48pl(float4, float8) float8
            282 float48mi(float4, float8) float8
            283 float84mul(float8, float4) float8
            284 float84div(float8, float4) float8
            285 float84pl(float8, float4) float8
            286 float84mi(float8, float4) float8
            287 float4eq(float4, float4) bool
            288 float4ne(float4, float4) bool
            289 float4lt(float4, float4) bool
            290 float4le(float4, float4) bool
            291 float4gt(float4, float4) bool
            292 float4ge(float4, float4) bool
            293 float8eq(float8, float8) bool
            294 float8ne(float8, float8) bool
            295 float8lt(float8, float8) bool
            296 float8le(float8, float8) bool
            297 float8gt(float8, float8) bool
            298 float8ge(float8, float8) bool
            299 float48eq(float4, float8) bool
            300 float48ne(float4, float8) bool
            301 float48lt(float4, float8) bool
            302 float48le(float4, float8) bool
            303 float48gt(float4, float8) bool
            304 float48ge(float4, float8) bool
            305 float84eq(float8, float4) bool
            306 float84ne(float8, float4) bool
            307 float84lt(float8, float4) bool
            308 float84le(float8, float4) bool
            309 float84gt(float8, float4) bool
            310 float84ge(float8, float4) bool
            208 float4_accum(float8[], float4) float8[]
            222 float8_accum(float8[], float8) float8[]
            276 float8_combine(float8[], float8[]) float8[]
            2806 float8_regr_accum(float8[], float8, float8) float8[]
            3342 float8_regr_combine(float8[], float8[]) float8[]
            311 float8(float4) float8 as ftod
            312 float4(float8) float4 as dtof
            316 float8(int4) float8 as i4tod
            317 int4(float8) int4 as dtoi4
            318 float4(int4) float4 as i4tof
            319 int4(float4) int4 as ftoi4
            354 btfloat4cmp(float4, float4) int4
            355 btfloat8cmp(float8, float8) int4
            482 float8(int8) float8 as i8tod
            483 int8(float8) int8 as dtoi8
            652 float4(int8) float4 as i8tof
            653 int8(float4) int8 as ftoi8
            1394 abs(float4) float4 as float4abs
            1395 abs(float8) float8 as float8abs
            1913 float4up(float4) float4
            1914 float8up(float8) float8
            """,
        operators: """
            584 none - float4 206
            585 none - float8 220
            586 float4 + float4 204 commutator +
            587 float4 - float4 205
            588 float4 / float4 203
            589 float4 * float4 202 commutator *
            590 none @ float4 207
            591 float8 + float8 218 commutator +
            592 float8 - float8 219
            593 float8 / float8 217
            594 float8 * float8 216 commutator *
            595 none @ float8 221
            620 float4 = float4 287 commutator = negator <> hash merge
            621 float4 <> float4 288 commutator <> negator =
            622 float4 < float4 289 commutator > negator >=
            623 float4 > float4 291 commutator < negator <=
            624 float4 <= float4 290 commutator >= negator >
            625 float4 >= float4 292 commutator <= negator <
            670 float8 = float8 293 commutator = negator <> hash merge
            671 float8 <> float8 294 commutator <> negator =
            672 float8 < float8 295 commutator > negator >=
            673 float8 <= float8 296 commutator >= negator >
            674 float8 > float8 297 commutator < negator <=
            675 float8 >= float8 298 commutator <= negator <
            1116 float4 + float8 281 commutator +
            1117 float4 - float8 282
            1118 float4 / float8 280
            1119 float4 * float8 279 commutator *
            1120 float4 = float8 299 commutator = negator <> hash merge
            1121 float4 <> float8 300 commutator <> negator =
            1122 float4 < float8 301 commutator > negator >=
            1123 float4 > float8 303 commutator < negator <=
            1124 float4 <= float8 302 commutator >= negator >
            1125 float4 >= float8 304 commutator <= negator <
            1126 float8 + float4 285 commutator +
            1127 float8 - float4 286
            1128 float8 / float4 284
            1129 float8 * float4 283 commutator *
            1130 float8 = float4 305 commutator = negator <> hash merge
            1131 float8 <> float4 306 commutator <> negator =
            1132 float8 < float4 307 commutator > negator >=
            1133 float8 > float4 309 commutator < negator <=
            1134 float8 <= float4 308 commutator >= negator >
            1135 float8 >= float4 310 commutator <= negator <
            1919 none + float4 1913
            1920 none + float8 1914
            """,
        casts: """
            int8 float4 implicit 652
            int8 float8 implicit 482
            int2 float4 implicit 236
            int2 float8 implicit 235
            int4 float4 implicit 318
            int4 float8 implicit 316
            float4 int8 assignment 653
            float4 int2 assignment 238
            float4 int4 assignment 319
            float4 float8 implicit 311
            float8 int8 assignment 483
            float8 int2 assignment 237
            float8 int4 assignment 317
            float8 float4 assignment 312
            """);
}
