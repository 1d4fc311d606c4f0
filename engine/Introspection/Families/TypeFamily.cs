using System.Collections.Frozen;
using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Engine.Statements;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>pg_type, and the functions that read and write types.</summary>
internal static class TypeFamily
{
    internal static readonly TypeFunction ArrayIn = new(750, "array_in"), ArrayOut = new(751, "array_out");
    internal static readonly TypeFunction ArrayReceive = new(2400, "array_recv"), ArraySend = new(2401, "array_send");

    private static readonly FrozenDictionary<string, TypeSupport> Known =
        DataFile.Lines("TypeFunctions.txt").Select(TypeSupport.Read).ToFrozenDictionary(support => support.Name);

    /// <summary>Of all enumerated types.</summary>
    private static readonly TypeSupport Enum = new("enum", true, 'i', 'p', 0, new(3506, "enum_in"), new(3507, "enum_out"),
        new(3532, "enum_recv"), new(3533, "enum_send"), default, default);

    private static readonly TypeSupport EnumArray =
        new("_anyenum", false, 'i', 'x', 0, ArrayIn, ArrayOut, ArrayReceive, ArraySend, default, default);

    private static readonly FrozenDictionary<uint, TypeSupport> ByType =
        BuiltinTypes.All.ToFrozenDictionary(type => type.Oid, Make);

    internal static readonly RowSource[] Sources =
    [
        new RowSource<TypeEntry>("pg_type", All)
            .With("oid", type => type.Oid)
            .With("typname", type => type.Name)
            .With("typnamespace", (context, type) => TypeNaming.SchemaOf(context, type.Oid))
            .WithAll("typowner", Roles.OwnerOid)
            .With("typlen", type => type.Length)
            .With("typbyval", type => Support(type.Oid).IsByValue)
            .With("typtype", type => type.Kind)
            .With("typcategory", type => type.Category)
            .With("typispreferred", type => type.IsPreferred)
            .WithAll("typisdefined", true)
            .WithAll("typdelim", ',')
            .With("typsubscript", type => type.IsArray ? 6179u : type.ElementOid != 0 ? 6180u : 0u)
            .With("typelem", type => type.ElementOid)
            .With("typarray", type => type.ArrayOid)
            .With("typinput", type => Support(type.Oid).Input.Oid)
            .With("typoutput", type => Support(type.Oid).Output.Oid)
            .With("typreceive", type => Support(type.Oid).Receive.Oid)
            .With("typsend", type => Support(type.Oid).Send.Oid)
            .With("typmodin", type => Support(type.Oid).ModifierIn.Oid)
            .With("typmodout", type => Support(type.Oid).ModifierOut.Oid)
            .With("typalign", type => Support(type.Oid).Alignment)
            .With("typstorage", type => Support(type.Oid).Storage)
            .WithAll("typtypmod", -1)
            .With("typcollation", type => Support(type.Oid).Collation),

        new RowSource<(EnumTypeEntry Type, EnumLabel Label)>("pg_enum", context =>
                from type in context.Catalog.Types.OfType<EnumTypeEntry>().OrderBy(type => type.Oid)
                from label in type.Labels.OrderBy(label => label.Oid)
                select (type, label))
            .With("oid", value => value.Label.Oid)
            .With("enumtypid", value => value.Type.Oid)
            .With("enumsortorder", value => value.Label.SortOrder)
            .With("enumlabel", value => value.Label.Name),
    ];

    internal static TypeSupport Support(uint typeOid) => ByType.TryGetValue(typeOid, out TypeSupport? support) ? support
        : UserTypeOid.IsEnum(typeOid) ? Enum
        : UserTypeOid.IsEnumArray(typeOid) ? EnumArray
        : Known["text"];

    private static IEnumerable<TypeEntry> All(ViewContext context) => BuiltinTypes.All.Concat(
        from type in context.Catalog.Types.OrderBy(type => type.Oid)
        from oid in (uint[])[type.Oid, BuiltinTypes.ArrayOf(type.Oid)]
        select BuiltinTypes.Find(oid) with { Name = TypeNaming.PlainName(context, oid) });

    /// <summary>Input, output and their like, each once, for pg_proc.</summary>
    internal static IEnumerable<TypeFunction> Functions =>
        ByType.Values.Append(Enum).SelectMany(support => support.Functions).Where(function => function.Oid != 0)
            .DistinctBy(function => function.Oid);

    private static TypeSupport Make(TypeEntry type)
    {
        if (Known.TryGetValue(type.Name, out TypeSupport? known))
            return known;
        if (type.IsArray)
        {
            TypeSupport element = Known.TryGetValue(type.Name[1..], out TypeSupport? found) ? found : Known["text"];
            return new TypeSupport(type.Name, false, element.Alignment == 'd' ? 'd' : 'i', 'x', element.Collation,
                ArrayIn, ArrayOut, ArrayReceive, ArraySend, element.ModifierIn, element.ModifierOut);
        }
        // pgvector's types: their functions are named after them, their ids follow the types'.
        uint first = 0x3000_0000 + (type.Oid << 3);
        TypeFunction Named(uint offset, string suffix) => new(first + offset, $"{type.Name}_{suffix}");
        return new TypeSupport(type.Name, false, 'i', 'e', 0, Named(0, "in"), Named(1, "out"), Named(2, "recv"),
            Named(3, "send"), Named(4, "typmod_in"), default);
    }
}

/// <param name="Oid">0 for none.</param>
internal readonly record struct TypeFunction(uint Oid, string Name);

/// <summary>How PostgreSQL stores and converts a type: columns of pg_type.</summary>
internal sealed record TypeSupport(
    string Name, bool IsByValue, char Alignment, char Storage, uint Collation,
    TypeFunction Input, TypeFunction Output, TypeFunction Receive, TypeFunction Send,
    TypeFunction ModifierIn, TypeFunction ModifierOut)
{
    internal TypeFunction[] Functions => [Input, Output, Receive, Send, ModifierIn, ModifierOut];

    internal static TypeSupport Read(string[] fields) => new(
        fields[0], fields[1] == "1", fields[2][0], fields[3][0], Number(fields[4]), Function(fields[5]), Function(fields[6]),
        Function(fields[7]), Function(fields[8]), Function(fields[9]), Function(fields[10]));

    private static TypeFunction Function(string field)
    {
        string[] parts = field.Split(':');
        return new TypeFunction(Number(parts[0]), parts[1]);
    }

    private static uint Number(string text) => uint.Parse(text, CultureInfo.InvariantCulture);
}
