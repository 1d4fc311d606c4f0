using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Types;

/// <summary>The types that every database has: PostgreSQL's, and pgvector's with object ids of ours; and what can be told of users' types
/// without a catalog.</summary>
/// <remarks>Source: PostgreSQL 15's pg_type; a type's array type follows from its row and is not listed.</remarks>
public static class BuiltinTypes
{
    private static readonly TypeEntry[] Entries = WithArrays(
    [
        new(TypeOid.Bool, "bool", PhysicalType.Bool, 'B', true, 1, ArrayOid: 1000),
        new(TypeOid.Bytea, "bytea", PhysicalType.Binary, 'U', false, -1, ArrayOid: 1001),
        new(TypeOid.Char, "char", PhysicalType.Int16, 'Z', false, 1, ArrayOid: 1002),
        new(TypeOid.Name, "name", PhysicalType.Binary, 'S', false, 64, ElementOid: TypeOid.Char, ArrayOid: 1003),
        new(TypeOid.Int8, "int8", PhysicalType.Int64, 'N', false, 8, ArrayOid: 1016),
        new(TypeOid.Int2, "int2", PhysicalType.Int16, 'N', false, 2, ArrayOid: 1005),
        new(TypeOid.Int2Vector, "int2vector", PhysicalType.Binary, 'A', false, -1, ElementOid: TypeOid.Int2,
            ArrayOid: 1006),
        new(TypeOid.Int4, "int4", PhysicalType.Int32, 'N', false, 4, ArrayOid: 1007),
        new(TypeOid.RegProc, "regproc", PhysicalType.Int64, 'N', false, 4, ArrayOid: 1008),
        new(TypeOid.Text, "text", PhysicalType.Binary, 'S', true, -1, ArrayOid: 1009),
        new(TypeOid.Oid, "oid", PhysicalType.Int64, 'N', true, 4, ArrayOid: 1028),
        new(TypeOid.Tid, "tid", PhysicalType.Int64, 'U', false, 6, ArrayOid: 1010),
        new(TypeOid.Xid, "xid", PhysicalType.Int64, 'U', false, 4, ArrayOid: 1011),
        new(TypeOid.Cid, "cid", PhysicalType.Int64, 'U', false, 4, ArrayOid: 1012),
        new(TypeOid.OidVector, "oidvector", PhysicalType.Binary, 'A', false, -1, ElementOid: TypeOid.Oid,
            ArrayOid: 1013),
        new(TypeOid.Json, "json", PhysicalType.Binary, 'U', false, -1, ArrayOid: 199),
        new(TypeOid.PgNodeTree, "pg_node_tree", PhysicalType.Binary, 'Z', false, -1),
        new(TypeOid.Float4, "float4", PhysicalType.Float32, 'N', false, 4, ArrayOid: 1021),
        new(TypeOid.Float8, "float8", PhysicalType.Float64, 'N', true, 8, ArrayOid: 1022),
        new(TypeOid.Unknown, "unknown", PhysicalType.Binary, 'X', false, -2, Kind: 'p'),
        new(TypeOid.AclItem, "aclitem", PhysicalType.Binary, 'U', false, 12, ArrayOid: 1034),
        new(TypeOid.BpChar, "bpchar", PhysicalType.Binary, 'S', false, -1, ArrayOid: 1014),
        new(TypeOid.VarChar, "varchar", PhysicalType.Binary, 'S', false, -1, ArrayOid: 1015),
        new(TypeOid.Date, "date", PhysicalType.Int32, 'D', false, 4, ArrayOid: 1182),
        new(TypeOid.Time, "time", PhysicalType.Int64, 'D', false, 8, ArrayOid: 1183),
        new(TypeOid.Timestamp, "timestamp", PhysicalType.Int64, 'D', false, 8, ArrayOid: 1115),
        new(TypeOid.TimestampTz, "timestamptz", PhysicalType.Int64, 'D', true, 8, ArrayOid: 1185),
        new(TypeOid.Interval, "interval", PhysicalType.Fixed16, 'T', true, 16, ArrayOid: 1187),
        new(TypeOid.TimeTz, "timetz", PhysicalType.Fixed16, 'D', false, 12, ArrayOid: 1270),
        new(TypeOid.Bit, "bit", PhysicalType.Binary, 'V', false, -1, ArrayOid: 1561),
        new(TypeOid.VarBit, "varbit", PhysicalType.Binary, 'V', true, -1, ArrayOid: 1563),
        new(TypeOid.Numeric, "numeric", PhysicalType.Binary, 'N', false, -1, ArrayOid: 1231),
        new(TypeOid.RegProcedure, "regprocedure", PhysicalType.Int64, 'N', false, 4, ArrayOid: 2207),
        new(TypeOid.RegOper, "regoper", PhysicalType.Int64, 'N', false, 4, ArrayOid: 2208),
        new(TypeOid.RegOperator, "regoperator", PhysicalType.Int64, 'N', false, 4, ArrayOid: 2209),
        new(TypeOid.RegClass, "regclass", PhysicalType.Int64, 'N', false, 4, ArrayOid: 2210),
        new(TypeOid.RegType, "regtype", PhysicalType.Int64, 'N', false, 4, ArrayOid: 2211),
        new(TypeOid.Uuid, "uuid", PhysicalType.Fixed16, 'U', false, 16, ArrayOid: 2951),
        new(TypeOid.Jsonb, "jsonb", PhysicalType.Binary, 'U', false, -1, ArrayOid: 3807),
        new(TypeOid.JsonPath, "jsonpath", PhysicalType.Binary, 'U', false, -1, ArrayOid: 4073),
        new(TypeOid.TsVector, "tsvector", PhysicalType.Binary, 'U', false, -1, ArrayOid: 3643),
        new(TypeOid.TsQuery, "tsquery", PhysicalType.Binary, 'U', false, -1, ArrayOid: 3645),
        new(TypeOid.RegConfig, "regconfig", PhysicalType.Int64, 'N', false, 4, ArrayOid: 3735),
        new(TypeOid.RegDictionary, "regdictionary", PhysicalType.Int64, 'N', false, 4, ArrayOid: 3770),
        new(TypeOid.RegNamespace, "regnamespace", PhysicalType.Int64, 'N', false, 4, ArrayOid: 4090),
        new(TypeOid.RegRole, "regrole", PhysicalType.Int64, 'N', false, 4, ArrayOid: 4097),
        new(TypeOid.RegCollation, "regcollation", PhysicalType.Int64, 'N', false, 4, ArrayOid: 4192),
        new(TypeOid.Vector, "vector", PhysicalType.Binary, 'U', false, -1, ArrayOid: TypeOid.VectorArray),
        new(TypeOid.HalfVector, "halfvec", PhysicalType.Binary, 'U', false, -1, ArrayOid: TypeOid.HalfVectorArray),
        new(TypeOid.SparseVector, "sparsevec", PhysicalType.Binary, 'U', false, -1,
            ArrayOid: TypeOid.SparseVectorArray),

        new(TypeOid.Record, "record", PhysicalType.Binary, 'P', false, -1, Kind: 'p', ArrayOid: 2287),
        new(TypeOid.CString, "cstring", PhysicalType.Binary, 'P', false, -2, Kind: 'p', ArrayOid: 1263),
        Pseudo(TypeOid.Any, "any", 4),
        Pseudo(TypeOid.AnyArray, "anyarray", -1),
        Pseudo(TypeOid.Void, "void", 4),
        Pseudo(TypeOid.Trigger, "trigger", 4),
        Pseudo(TypeOid.Internal, "internal", 8),
        Pseudo(TypeOid.AnyElement, "anyelement", 4),
        Pseudo(TypeOid.AnyNonArray, "anynonarray", 4),
        Pseudo(TypeOid.AnyEnum, "anyenum", 4),
        Pseudo(TypeOid.AnyCompatible, "anycompatible", 4),
        Pseudo(TypeOid.AnyCompatibleArray, "anycompatiblearray", -1),
        Pseudo(TypeOid.AnyCompatibleNonArray, "anycompatiblenonarray", 4),
    ]);

    private static readonly FrozenDictionary<uint, TypeEntry> ByOid = Entries.ToFrozenDictionary(entry => entry.Oid);

    private static readonly FrozenDictionary<string, TypeEntry> ByName =
        Entries.ToFrozenDictionary(entry => entry.Name, StringComparer.Ordinal);

    /// <summary>Every built-in type, element types and array types.</summary>
    public static IReadOnlyList<TypeEntry> All => Entries;

    /// <summary>A built-in type, or what the id of a user's type tells: all but its name.</summary>
    /// <exception cref="KeyNotFoundException">No type has the object id.</exception>
    public static TypeEntry Find(uint oid) =>
        TryFind(oid, out TypeEntry? entry) ? entry : throw new KeyNotFoundException($"no type {oid}");

    /// <summary>A built-in type, or what the id of a user's type tells: all but its name.</summary>
    public static bool TryFind(uint oid, [NotNullWhen(true)] out TypeEntry? entry)
    {
        if (ByOid.TryGetValue(oid, out entry))
            return true;
        if (UserTypeOid.IsEnum(oid))
            entry = new(oid, "", PhysicalType.Int64, 'E', false, 4, Kind: 'e', ArrayOid: UserTypeOid.ArrayOf(oid));
        else if (UserTypeOid.IsEnumArray(oid))
            entry = new(oid, "", PhysicalType.Binary, 'A', false, -1, ElementOid: UserTypeOid.ElementOf(oid));
        return entry is not null;
    }

    /// <summary>Finds a type by its pg_type name, without a schema: <c>int4</c>, <c>_int4</c>, <c>vector</c>.</summary>
    public static bool TryFindByName(string name, [NotNullWhen(true)] out TypeEntry? entry) =>
        ByName.TryGetValue(name, out entry);

    /// <summary>The array type whose elements have the type; 0 where there is none.</summary>
    public static uint ArrayOf(uint elementOid) => ByOid.TryGetValue(elementOid, out TypeEntry? entry) ? entry.ArrayOid
        : UserTypeOid.IsEnum(elementOid) ? UserTypeOid.ArrayOf(elementOid) : 0;

    /// <summary>Values are texts or arrays of them, so that COLLATE may stand behind them.</summary>
    public static bool IsCollatable(uint type) =>
        (ElementOf(type) is var element and not 0 ? element : type)
        is TypeOid.Text or TypeOid.VarChar or TypeOid.BpChar or TypeOid.Name;

    /// <summary>The element type of an array type, of int2vector or of oidvector; 0 for other types.</summary>
    public static uint ElementOf(uint arrayOid) =>
        ByOid.TryGetValue(arrayOid, out TypeEntry? entry) && (entry.IsArray || entry.Category == 'A')
            ? entry.ElementOid
            : UserTypeOid.IsEnumArray(arrayOid) ? UserTypeOid.ElementOf(arrayOid) : 0;

    /// <summary>How values of the type lie in memory.</summary>
    public static PhysicalType PhysicalOf(uint oid) => Find(oid).Physical;

    /// <summary>Whether the name's schema is public, as pgvector's types are, rather than pg_catalog.</summary>
    public static bool IsVectorFamily(uint oid) => oid is >= TypeOid.Vector and <= TypeOid.SparseVectorArray;

    /// <summary>The type as SQL spells it, with its modifier: <c>character varying(3)</c>, <c>integer[]</c>.</summary>
    public static string FormatType(SqlType type) =>
        TypeNames.Format(type.Oid, type.Modifier == -1 ? null : type.Modifier);

    /// <summary>What SQL's format_type answers; a null modifier and −1 differ for bit and character.</summary>
    public static string FormatType(uint oid, int? modifier) => TypeNames.Format(oid, modifier);

    /// <summary>What a constant between the parentheses after a type's name says.</summary>
    /// <exception cref="VecSQL.Core.Errors.SqlException">It is no number (22P02), or none of int4 (22003).</exception>
    public static int ModifierNumber(string text) =>
        (int)IntegerText.Read(Encoding.UTF8.GetBytes(text), "integer", int.MinValue, int.MaxValue);

    /// <summary>The modifier that <c>type(modifiers)</c> stands for (the type's typmodin function).</summary>
    /// <exception cref="VecSQL.Core.Errors.SqlException">The type takes no modifiers, or not these.</exception>
    public static int ModifierFrom(uint typeOid, ReadOnlySpan<int> modifiers) => TypeModifiers.From(typeOid, modifiers);

    /// <summary>The modifier of <c>interval fields(precision)</c>, fields as in <c>day to second</c>.</summary>
    public static int IntervalModifierFrom(string? fields, int? precision) =>
        TypeModifiers.OfInterval(fields, precision);

    private static TypeEntry Pseudo(uint oid, string name, short length) =>
        new(oid, name, PhysicalType.Binary, 'P', false, length, Kind: 'p');

    private static TypeEntry[] WithArrays(TypeEntry[] types)
    {
        var all = new List<TypeEntry>(types);
        foreach (TypeEntry type in types)
        {
            if (type.ArrayOid == 0)
                continue;
            bool ofRecord = type.Oid == TypeOid.Record; // any row type fits, so the array is a pseudo type too
            all.Add(new TypeEntry(type.ArrayOid, "_" + type.Name, PhysicalType.Binary, ofRecord ? 'P' : 'A', false, -1,
                Kind: ofRecord ? 'p' : 'b', ElementOid: type.Oid));
        }
        return [.. all];
    }
}
