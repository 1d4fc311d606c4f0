using VecSQL.Catalog.Types;

namespace VecSQL.Engine.Introspection;

/// <summary>What information_schema says about a column's type.</summary>
internal static class ColumnFacts
{
    private const int OctetsPerCharacter = 4, TextOctetsMax = 1 << 30;

    internal static string DataType(SqlType type)
    {
        TypeEntry entry = BuiltinTypes.Find(type.Oid);
        return entry.IsArray ? "ARRAY"
            : BuiltinTypes.IsVectorFamily(type.Oid) || UserTypeOid.IsUserMade(type.Oid) ? "USER-DEFINED"
            : BuiltinTypes.FormatType(type.Oid, null);
    }

    internal static int? Length(SqlType type) => type.Oid switch
    {
        TypeOid.VarChar or TypeOid.BpChar => TypeModifiers.CharacterLength(type.Modifier) is > 0 and var length ? length : null,
        TypeOid.Bit or TypeOid.VarBit => type.Modifier >= 0 ? type.Modifier : null,
        _ => null,
    };

    internal static int? OctetLength(SqlType type) => type.Oid switch
    {
        TypeOid.VarChar or TypeOid.BpChar => Length(type) * OctetsPerCharacter ?? TextOctetsMax,
        TypeOid.Text => TextOctetsMax,
        _ => null,
    };

    internal static int? Precision(SqlType type) => type.Oid switch
    {
        TypeOid.Int2 => 16,
        TypeOid.Int4 => 32,
        TypeOid.Int8 => 64,
        TypeOid.Float4 => 24,
        TypeOid.Float8 => 53,
        TypeOid.Numeric when type.Modifier >= 0 => TypeModifiers.NumericPrecision(type.Modifier),
        _ => null,
    };

    internal static int? Radix(SqlType type) => type.Oid switch
    {
        TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8 or TypeOid.Float4 or TypeOid.Float8 => 2,
        TypeOid.Numeric => 10,
        _ => null,
    };

    internal static int? Scale(SqlType type) => type.Oid switch
    {
        TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8 => 0,
        TypeOid.Numeric when type.Modifier >= 0 => TypeModifiers.NumericScale(type.Modifier),
        _ => null,
    };

    internal static int? TimePrecision(SqlType type) => type.Oid switch
    {
        TypeOid.Date => 0,
        TypeOid.Time or TypeOid.TimeTz or TypeOid.Timestamp or TypeOid.TimestampTz =>
            type.Modifier >= 0 ? type.Modifier : TypeModifiers.FractionDigitsMax,
        TypeOid.Interval => TypeModifiers.IntervalPrecision(type.Modifier) is >= 0 and var digits
            ? digits
            : TypeModifiers.FractionDigitsMax,
        _ => null,
    };
}
