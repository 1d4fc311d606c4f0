namespace VecSQL.Catalog.Types;

/// <summary>
/// Object ids of built-in types: PostgreSQL's, and ours for pgvector's types, which have no fixed ones.
/// </summary>
/// <remarks>
/// Source: PostgreSQL 15's pg_type. Clients look the vector family up by name, as they must with pgvector.
/// </remarks>
public static class TypeOid
{
    public const uint Bool = 16, Bytea = 17, Char = 18, Name = 19, Int8 = 20, Int2 = 21, Int2Vector = 22, Int4 = 23;
    public const uint RegProc = 24, Text = 25, Oid = 26, Tid = 27, Xid = 28, Cid = 29, OidVector = 30;
    public const uint Json = 114, PgNodeTree = 194, Float4 = 700, Float8 = 701, Unknown = 705, AclItem = 1033;
    public const uint BpChar = 1042, VarChar = 1043, Date = 1082, Time = 1083, Timestamp = 1114, TimestampTz = 1184;
    public const uint Interval = 1186, TimeTz = 1266, Bit = 1560, VarBit = 1562, Numeric = 1700;
    public const uint RegProcedure = 2202, RegOper = 2203, RegOperator = 2204, RegClass = 2205, RegType = 2206;
    public const uint Record = 2249, CString = 2275, Any = 2276, AnyArray = 2277, Void = 2278, Trigger = 2279;
    public const uint Internal = 2281, AnyElement = 2283, AnyNonArray = 2776, Uuid = 2950, AnyEnum = 3500;
    public const uint JsonPath = 4072;
    public const uint Jsonb = 3802, RegNamespace = 4089, RegRole = 4096;
    public const uint AnyCompatible = 5077, AnyCompatibleArray = 5078, AnyCompatibleNonArray = 5079;
    public const uint RegCollation = 4191;
    public const uint TsVector = 3614, TsQuery = 3615, RegConfig = 3734, RegDictionary = 3769;

    public const uint BoolArray = 1000, ByteaArray = 1001, CharArray = 1002, NameArray = 1003, Int2Array = 1005;
    public const uint Int4Array = 1007, TextArray = 1009, BpCharArray = 1014, VarCharArray = 1015, Int8Array = 1016;
    public const uint Float4Array = 1021, Float8Array = 1022, OidArray = 1028, NumericArray = 1231;

    public const uint Vector = 16400, VectorArray = 16401, HalfVector = 16402, HalfVectorArray = 16403;
    public const uint SparseVector = 16404, SparseVectorArray = 16405;

    /// <summary>The first id given to objects that users make.</summary>
    public const uint FirstUser = 20000;
}
