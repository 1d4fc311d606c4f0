using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;

namespace VecSQL.Engine.Introspection;

/// <summary>Names of types, of built-in ones and of those that users made.</summary>
internal static class TypeNaming
{
    /// <summary>The type as SQL spells it, with its schema where the search path finds another of that name or none; null if unknown.</summary>
    internal static string? NameOf(ViewContext context, uint oid)
    {
        if (!UserTypeOid.IsUserMade(oid))
            return BuiltinTypes.TryFind(oid, out _) ? Format(context, oid, null) : null;
        if (context.Catalog.FindType(oid) is not { } type)
            return null;
        string name = Deparser.Quote(type.Name);
        if (!IsVisible(context, type.SchemaOid, type.Name))
            name = $"{Deparser.Quote(context.SchemaName(type.SchemaOid))}.{name}";
        return oid == type.Oid ? name : name + "[]";
    }

    /// <summary>The type with its modifier; those that live in public with their schema where the search path does not find them.</summary>
    internal static string Format(ViewContext context, uint oid, int? modifier)
    {
        string name = BuiltinTypes.FormatType(oid, modifier);
        return BuiltinTypes.IsVectorFamily(oid) && !context.SearchPath.Contains("public") ? "public." + name : name;
    }

    /// <summary>pg_type.typname: of arrays the name that begins with an underscore.</summary>
    internal static string PlainName(ViewContext context, uint oid) => context.Catalog.FindType(oid) is { } type
        ? oid == type.Oid ? type.Name : type.ArrayName
        : BuiltinTypes.Find(oid).Name;

    internal static uint SchemaOf(ViewContext context, uint oid) => context.Catalog.FindType(oid)?.SchemaOid
        ?? context.SchemaHere(BuiltinTypes.IsVectorFamily(oid) ? CatalogSnapshot.PublicOid : CatalogSnapshot.PgCatalogOid);

    /// <summary>Whether the search path finds the type by its bare name; null where there is no such type.</summary>
    internal static bool? IsVisible(ViewContext context, uint oid)
    {
        if (UserTypeOid.IsUserMade(oid))
        {
            return context.Catalog.FindType(oid) is { } type
                ? IsVisible(context, type.SchemaOid, oid == type.Oid ? type.Name : type.ArrayName) : null;
        }
        return BuiltinTypes.TryFind(oid, out _)
            ? !BuiltinTypes.IsVectorFamily(oid) || context.SearchPath.Contains("public") : null;
    }

    private static bool IsVisible(ViewContext context, uint schemaOid, string name)
    {
        foreach (string inPath in context.SearchPath)
        {
            if (context.Catalog.FindSchema(inPath) is not { } schema)
                continue;
            if (schema.Oid == schemaOid)
                return true;
            bool isBuiltin = schema.Oid == CatalogSnapshot.PgCatalogOid && BuiltinTypes.TryFindByName(name, out TypeEntry? builtin)
                && !BuiltinTypes.IsVectorFamily(builtin.Oid);
            if (isBuiltin || context.Catalog.FindType(schema.Oid, name) != 0)
                return false;
        }
        return false;
    }
}
