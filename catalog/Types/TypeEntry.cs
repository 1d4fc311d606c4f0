using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Types;

/// <summary>A data type: a row of pg_type, and how its values lie in memory.</summary>
/// <remarks>
/// Value layouts by type, in memory (integers little-endian):
/// <list type="bullet">
/// <item>bool: Bool. int2, int4, int8, float4, float8: the machine's.</item>
/// <item>oid, xid, cid, reg*: Int64 holding the unsigned value. "char": Int16 holding the byte.</item>
/// <item>date: Int32, days since 1970-01-01; int.MaxValue and int.MinValue are ±infinity.</item>
/// <item>timestamp, timestamptz: Int64, microseconds since 1970-01-01 (UTC); long.MaxValue and MinValue are
/// ±infinity.</item>
/// <item>time: Int64, microseconds since midnight. timetz: Fixed16, Low = microseconds, High = zone in seconds west of
/// UTC.</item>
/// <item>interval: Fixed16, Low = microseconds, High = days (low 32 bits) and months (high 32 bits); see
/// Interval.</item>
/// <item>uuid: Fixed16, the sixteen bytes in text order.</item>
/// <item>text, varchar, bpchar, name, json, jsonb (normalised text), unknown, cstring: UTF-8 bytes.</item>
/// <item>bytea: the bytes. bit, varbit: int32 bit count, then the bits, most significant first, padded with
/// zeros.</item>
/// <item>numeric: see SqlNumeric's encoding.</item>
/// <item>vector: the float32s and nothing else. halfvec: the float16s.</item>
/// <item>sparsevec: int32 dimensions, int32 count, count × int32 ascending 0-based index, count × float32.</item>
/// <item>tsvector, tsquery: PostgreSQL's binary form, see LexemeVector and LexemeQuery.</item>
/// <item>arrays, int2vector, oidvector: see ArrayValue's encoding. record: see RecordValue's encoding.</item>
/// <item>tid: Int64, block number · 65,536 + position. aclitem, pg_node_tree and pseudo types: UTF-8 bytes.</item>
/// </list>
/// </remarks>
/// <param name="Category">pg_type.typcategory.</param>
/// <param name="Length">pg_type.typlen: −1 for variable length.</param>
/// <param name="Kind">pg_type.typtype: b base, p pseudo, c composite, d domain, e enum.</param>
public sealed record TypeEntry(
    uint Oid,
    string Name,
    PhysicalType Physical,
    char Category,
    bool IsPreferred,
    short Length,
    char Kind = 'b',
    uint ElementOid = 0,
    uint ArrayOid = 0)
{
    /// <summary>Whether this is an array type proper (int2vector and oidvector are not).</summary>
    public bool IsArray => ElementOid != 0 && ArrayOid == 0;

    public bool IsPseudo => Kind == 'p';
}
