namespace VecSQL.Catalog.Types;

/// <summary>Types as SQL spells them, the way PostgreSQL's format_type does.</summary>
internal static class TypeNames
{
    internal static string Format(uint oid, int? modifier)
    {
        if (oid == 0)
            return "-";
        if (!BuiltinTypes.TryFind(oid, out TypeEntry? entry))
            return "???";
        return entry.IsArray ? FormatElement(entry.ElementOid, modifier) + "[]" : FormatElement(oid, modifier);
    }

    /// <summary>
    /// What stands in parentheses (or after the name) for the modifier: the type's typmodout function.
    /// </summary>
    internal static string FormatModifier(uint oid, int modifier) => modifier < 0 ? "" : oid switch
    {
        TypeOid.BpChar or TypeOid.VarChar => modifier > 4 ? $"({modifier - 4})" : "",
        TypeOid.Numeric => modifier >= 4
            ? $"({TypeModifiers.NumericPrecision(modifier)},{TypeModifiers.NumericScale(modifier)})"
            : "",
        TypeOid.Time or TypeOid.Timestamp => $"({modifier}) without time zone",
        TypeOid.TimeTz or TypeOid.TimestampTz => $"({modifier}) with time zone",
        TypeOid.Interval => TypeModifiers.IntervalText(modifier),
        _ => $"({modifier})",
    };

    private static string FormatElement(uint oid, int? modifier)
    {
        string suffix = modifier is >= 0 ? FormatModifier(oid, modifier.Value) : "";
        bool isBare = suffix.Length == 0;
        return oid switch
        {
            // Without a length these two mean one bit or character, so the bare name needs quotes or its other name.
            TypeOid.Bit => !isBare ? "bit" + suffix : modifier is null ? "bit" : "\"bit\"",
            TypeOid.BpChar => !isBare ? "character" + suffix : modifier is null ? "character" : "bpchar",
            TypeOid.Bool => "boolean",
            TypeOid.Int2 => "smallint",
            TypeOid.Int4 => "integer",
            TypeOid.Int8 => "bigint",
            TypeOid.Float4 => "real",
            TypeOid.Float8 => "double precision",
            TypeOid.VarBit => "bit varying" + suffix,
            TypeOid.VarChar => "character varying" + suffix,
            TypeOid.Time => isBare ? "time without time zone" : "time" + suffix,
            TypeOid.TimeTz => isBare ? "time with time zone" : "time" + suffix,
            TypeOid.Timestamp => isBare ? "timestamp without time zone" : "timestamp" + suffix,
            TypeOid.TimestampTz => isBare ? "timestamp with time zone" : "timestamp" + suffix,
            TypeOid.Char or TypeOid.Any => $"\"{BuiltinTypes.Find(oid).Name}\"", // words of the grammar
            _ when UserTypeOid.IsUserMade(oid) => CatalogMark.OfType(oid),
            _ => BuiltinTypes.TryFind(oid, out TypeEntry? entry) ? entry.Name + suffix : "???",
        };
    }
}
