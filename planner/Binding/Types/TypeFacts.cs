using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;

namespace VecSQL.Planner.Binding.Types;

/// <summary>What the rules of type resolution ask about types.</summary>
internal static class TypeFacts
{
    internal static char Category(uint oid) => BuiltinTypes.TryFind(oid, out TypeEntry? type) ? type.Category : 'X';

    internal static bool IsPreferred(uint oid) => BuiltinTypes.TryFind(oid, out TypeEntry? type) && type.IsPreferred;

    internal static bool IsTrueArray(uint oid) => BuiltinTypes.TryFind(oid, out TypeEntry? type) && type.IsArray;

    internal static bool IsPolymorphic(uint oid) => oid is TypeOid.AnyElement or TypeOid.AnyArray or TypeOid.AnyNonArray
        or TypeOid.AnyEnum || IsCompatibleFamily(oid);

    /// <summary>Whether it is of the family in which arguments are brought to a common type.</summary>
    internal static bool IsCompatibleFamily(uint oid) =>
        oid is TypeOid.AnyCompatible or TypeOid.AnyCompatibleArray or TypeOid.AnyCompatibleNonArray;

    internal static string Name(uint oid) => BuiltinTypes.FormatType(new SqlType(oid));

    internal static string Names(ImmutableArray<uint> types) => string.Join(", ", types.Select(Name));

    /// <summary>Whether values of one type may be used as the other's without work, unasked.</summary>
    internal static bool IsBinaryCoercible(uint source, uint target)
    {
        if (source == target)
            return true;
        switch (target)
        {
            case TypeOid.Any or TypeOid.AnyElement or TypeOid.AnyCompatible:
                return true;
            case TypeOid.AnyArray or TypeOid.AnyCompatibleArray:
                return IsTrueArray(source);
            case TypeOid.AnyNonArray or TypeOid.AnyCompatibleNonArray:
                return !IsTrueArray(source);
            case TypeOid.AnyEnum:
                return UserTypeOid.IsEnum(source);
        }
        return FunctionRegistry.FindCast(source, target) is { Method: CastMethod.BinaryCoercible,
            Context: CastContext.Implicit };
    }
}
