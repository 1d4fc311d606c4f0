using System.Collections.Frozen;
using VecSQL.Catalog.Types;
using VecSQL.Text.Configurations;

namespace VecSQL.Catalog.Formats;

/// <summary>The formats of all types.</summary>
public static class TypeFormats
{
    private static readonly FrozenDictionary<uint, TypeFormat> Formats = MakeAll().ToFrozenDictionary();

    /// <exception cref="KeyNotFoundException">No type has the object id.</exception>
    public static TypeFormat For(uint typeOid) => Formats.TryGetValue(typeOid, out TypeFormat? format)
        ? format
        : UserMade(typeOid) ?? throw new KeyNotFoundException($"no format for type {typeOid}");

    private static TypeFormat? UserMade(uint typeOid)
    {
        if (UserTypeOid.IsEnum(typeOid))
            return new EnumFormat(typeOid);
        return UserTypeOid.IsEnumArray(typeOid) && BuiltinTypes.ElementOf(typeOid) is var element
            ? new ArrayFormat(element, new EnumFormat(element))
            : null;
    }

    /// <summary>An array of values that are text already.</summary>
    public static string ArrayText(IEnumerable<string> elements) => ArrayFormat.Text(elements);

    private static Dictionary<uint, TypeFormat> MakeAll()
    {
        var formats = new Dictionary<uint, TypeFormat>
        {
            [TypeOid.Bool] = new BoolFormat(),
            [TypeOid.Bytea] = new ByteaFormat(),
            [TypeOid.Char] = new CharFormat(),
            [TypeOid.Name] = new NameFormat(),
            [TypeOid.Int2] = new Int16Format(),
            [TypeOid.Int4] = new Int32Format(),
            [TypeOid.Int8] = new Int64Format(),
            [TypeOid.Oid] = new OidFormat("oid"),
            [TypeOid.Xid] = new OidFormat("xid"),
            [TypeOid.Cid] = new OidFormat("cid"),
            [TypeOid.Text] = new TextFormat(),
            [TypeOid.Unknown] = new TextFormat(),
            [TypeOid.CString] = new TextFormat(),
            [TypeOid.PgNodeTree] = new TextFormat(),
            [TypeOid.AclItem] = new TextFormat(),
            [TypeOid.VarChar] = new VarCharFormat(),
            [TypeOid.BpChar] = new BpCharFormat(),
            [TypeOid.Float4] = new Float32Format(),
            [TypeOid.Float8] = new Float64Format(),
            [TypeOid.Numeric] = new NumericFormat(),
            [TypeOid.Date] = new DateFormat(),
            [TypeOid.Time] = new TimeFormat(),
            [TypeOid.TimeTz] = new TimeTzFormat(),
            [TypeOid.Timestamp] = new TimestampFormat(hasZone: false),
            [TypeOid.TimestampTz] = new TimestampFormat(hasZone: true),
            [TypeOid.Interval] = new IntervalFormat(),
            [TypeOid.Uuid] = new UuidFormat(),
            [TypeOid.Bit] = new BitFormat(isVarying: false),
            [TypeOid.VarBit] = new BitFormat(isVarying: true),
            [TypeOid.Tid] = new TidFormat(),
            [TypeOid.Int2Vector] = new NumberListFormat(TypeOid.Int2, new Int16Format()),
            [TypeOid.OidVector] = new NumberListFormat(TypeOid.Oid, new OidFormat("oid")),
            [TypeOid.Record] = new RecordFormat(),
            [TypeOid.Json] = new JsonFormat(),
            [TypeOid.Jsonb] = new JsonbFormat(),
            [TypeOid.JsonPath] = new JsonPathFormat(),
            [TypeOid.Void] = new VoidFormat(),
            [TypeOid.Vector] = new VectorFormat(),
            [TypeOid.HalfVector] = new HalfVectorFormat(),
            [TypeOid.SparseVector] = new SparseVectorFormat(),
            [TypeOid.TsVector] = new LexemeVectorFormat(),
            [TypeOid.TsQuery] = new LexemeQueryFormat(),
            [TypeOid.RegConfig] = new TextSearchNameFormat("configuration", [.. TextConfiguration.All.Select(static entry => (entry.Oid, entry.Name))]),
            [TypeOid.RegDictionary] = new TextSearchNameFormat("dictionary", [.. TextDictionary.All.Select(static entry => (entry.Oid, entry.Name))]),
        };
        foreach (TypeEntry type in BuiltinTypes.All)
        {
            if (type.Name.StartsWith("reg", StringComparison.Ordinal))
                formats.TryAdd(type.Oid, new RegFormat(type.Oid, type.Name));
            else if (type.IsPseudo && !type.IsArray)
                formats.TryAdd(type.Oid, new PseudoFormat(type.Name));
        }
        foreach (TypeEntry type in BuiltinTypes.All)
        {
            if (type.IsArray && formats.TryGetValue(type.ElementOid, out TypeFormat? element))
                formats[type.Oid] = new ArrayFormat(type.ElementOid, element);
        }
        return formats;
    }
}
