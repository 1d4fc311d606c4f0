using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Keys;

/// <summary>How values of a type are told apart and put in order, as its default btree operators do.</summary>
public enum KeyKind : byte
{
    Bool, Int16, Int32, Int64, Float32, Float64, TimeTz, Interval, Uuid,

    /// <summary>Bytes in memcmp's order: text in the C collation, bytea.</summary>
    Bytes,

    /// <summary>As <see cref="Bytes"/>, trailing spaces apart: char(n).</summary>
    BlankPadded,

    Bits, Numeric, Json, Array, Record, Vector, HalfVector, SparseVector, TsVector, TsQuery,
}

/// <summary>The kinds of types.</summary>
public static class KeyKinds
{
    public static KeyKind Of(SqlType type)
    {
        switch (type.Oid)
        {
            case TypeOid.TimeTz: return KeyKind.TimeTz;
            case TypeOid.Interval: return KeyKind.Interval;
            case TypeOid.BpChar: return KeyKind.BlankPadded;
            case TypeOid.Bit or TypeOid.VarBit: return KeyKind.Bits;
            case TypeOid.Numeric: return KeyKind.Numeric;
            case TypeOid.Jsonb: return KeyKind.Json;
            case TypeOid.Vector: return KeyKind.Vector;
            case TypeOid.HalfVector: return KeyKind.HalfVector;
            case TypeOid.SparseVector: return KeyKind.SparseVector;
            case TypeOid.TsVector: return KeyKind.TsVector;
            case TypeOid.TsQuery: return KeyKind.TsQuery;
            case TypeOid.Record: return KeyKind.Record;
            case TypeOid.Int2Vector or TypeOid.OidVector or TypeOid.AnyArray: return KeyKind.Array;
        }
        if (!BuiltinTypes.TryFind(type.Oid, out TypeEntry? entry))
            return KeyKind.Bytes;
        return entry.IsArray ? KeyKind.Array : Of(entry.Physical);
    }

    public static KeyKind[] Of(ReadOnlySpan<SqlType> types)
    {
        var kinds = new KeyKind[types.Length];
        for (int i = 0; i < kinds.Length; i++)
            kinds[i] = Of(types[i]);
        return kinds;
    }

    public static KeyKind Of(PhysicalType type) => type switch
    {
        PhysicalType.Bool => KeyKind.Bool,
        PhysicalType.Int16 => KeyKind.Int16,
        PhysicalType.Int32 => KeyKind.Int32,
        PhysicalType.Int64 => KeyKind.Int64,
        PhysicalType.Float32 => KeyKind.Float32,
        PhysicalType.Float64 => KeyKind.Float64,
        PhysicalType.Fixed16 => KeyKind.Uuid,
        _ => KeyKind.Bytes,
    };

    /// <summary>Bytes of a value's canonical form; 0 where they vary.</summary>
    public static int WidthBytes(KeyKind kind) => kind switch
    {
        KeyKind.Bool => 1,
        KeyKind.Int16 => 2,
        KeyKind.Int32 or KeyKind.Float32 => 4,
        KeyKind.Int64 or KeyKind.Float64 => 8,
        KeyKind.TimeTz or KeyKind.Interval or KeyKind.Uuid => 16,
        _ => 0,
    };
}
