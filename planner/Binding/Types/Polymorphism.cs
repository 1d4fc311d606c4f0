using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding.Types;

/// <summary>Finds what polymorphic types stand for in a call.</summary>
/// <remarks>Source: PostgreSQL manual, "Polymorphic Types".</remarks>
internal static class Polymorphism
{
    /// <summary>Whether the arguments can agree on what the polymorphic types of the signature stand for.</summary>
    internal static bool Fits(ReadOnlySpan<uint> actual, ReadOnlySpan<uint> declared)
    {
        uint element = 0, array = 0;
        List<uint> compatible = [];
        bool needsNonArray = false, needsEnum = false, compatibleNonArray = false;
        for (int i = 0; i < actual.Length; i++)
        {
            uint type = actual[i];
            switch (declared[i])
            {
                case TypeOid.AnyElement or TypeOid.AnyNonArray or TypeOid.AnyEnum:
                    needsNonArray |= declared[i] == TypeOid.AnyNonArray;
                    needsEnum |= declared[i] == TypeOid.AnyEnum;
                    if (type == TypeOid.Unknown)
                        continue;
                    if (element != 0 && element != type)
                        return false;
                    element = type;
                    break;
                case TypeOid.AnyArray:
                    if (type == TypeOid.Unknown)
                        continue;
                    if (array != 0 && array != type)
                        return false;
                    array = type;
                    break;
                case TypeOid.AnyCompatible or TypeOid.AnyCompatibleNonArray:
                    compatibleNonArray |= declared[i] == TypeOid.AnyCompatibleNonArray;
                    compatible.Add(type);
                    break;
                case TypeOid.AnyCompatibleArray:
                    if (type == TypeOid.Unknown)
                        continue;
                    if (!TypeFacts.IsTrueArray(type))
                        return false;
                    compatible.Add(BuiltinTypes.ElementOf(type));
                    break;
            }
        }
        if (array != 0)
        {
            uint itemType = array == TypeOid.AnyArray ? TypeOid.AnyElement : BuiltinTypes.ElementOf(array);
            if (!TypeFacts.IsTrueArray(array)
                && array is not (TypeOid.OidVector or TypeOid.Int2Vector or TypeOid.AnyArray))
                return false;
            if (element != 0 && element != itemType)
                return false;
            element = itemType;
        }
        if ((needsNonArray && TypeFacts.IsTrueArray(element)) || (needsEnum && !UserTypeOid.IsEnum(element)))
            return false;
        if (compatible.Count == 0)
            return true;
        uint common = CommonType.TrySelect([.. compatible]);
        return common != 0 && !(compatibleNonArray && TypeFacts.IsTrueArray(common));
    }

    /// <summary>
    /// The types that polymorphic arguments are to be converted to, written over <paramref name="declared"/>; and
    /// the result's.
    /// </summary>
    /// <exception cref="SqlException">42804: the arguments do not agree, or nothing says what a type stands
    /// for.</exception>
    internal static uint Resolve(ReadOnlySpan<uint> actual, Span<uint> declared, uint result, int position)
    {
        if (!TypeFacts.IsPolymorphic(result) && !HasPolymorphic(declared))
            return result;
        uint element = 0, array = 0;
        List<uint> compatible = [];
        bool hasUnknown = false;
        for (int i = 0; i < declared.Length; i++)
        {
            uint type = actual[i];
            switch (declared[i])
            {
                case TypeOid.AnyElement or TypeOid.AnyNonArray or TypeOid.AnyEnum:
                    if (type == TypeOid.Unknown)
                    {
                        hasUnknown = true;
                        continue;
                    }
                    if (element != 0 && element != type)
                        throw NotAlike("anyelement", element, type, position);
                    element = type;
                    break;
                case TypeOid.AnyArray:
                    if (type == TypeOid.Unknown)
                    {
                        hasUnknown = true;
                        continue;
                    }
                    if (array != 0 && array != type)
                        throw NotAlike("anyarray", array, type, position);
                    array = type;
                    break;
                case TypeOid.AnyCompatible or TypeOid.AnyCompatibleNonArray:
                    compatible.Add(type);
                    break;
                case TypeOid.AnyCompatibleArray:
                    compatible.Add(type == TypeOid.Unknown ? type : BuiltinTypes.ElementOf(type));
                    break;
            }
        }
        element = ElementOf(element, array, hasUnknown, position);
        uint arrayType = array != 0 ? array : element == 0 ? 0 : BuiltinTypes.ArrayOf(element);
        uint common = compatible.Count == 0 ? 0 : CommonType.TrySelect([.. compatible]);
        if (common == TypeOid.Unknown)
            common = TypeOid.Text;
        for (int i = 0; i < declared.Length; i++)
            declared[i] = Concrete(declared[i], element, arrayType, common);
        return ConcreteResult(result, element, arrayType, common, position);
    }

    /// <summary>What a type that the function declares is in a bound call of it.</summary>
    internal static uint ResultOf(CallExpression call, uint declared) => TypeFacts.IsPolymorphic(declared)
        ? Resolve([.. call.Arguments.Select(static argument => argument.Type.Oid)], [.. call.Function.Arguments],
            declared, position: 0)
        : declared;

    private static uint ElementOf(uint element, uint array, bool hasUnknown, int position)
    {
        if (array != 0 && array != TypeOid.AnyArray)
        {
            uint item = BuiltinTypes.ElementOf(array);
            if (item == 0)
            {
                throw new SqlException(SqlState.DatatypeMismatch,
                    $"argument declared anyarray is not an array but type {TypeFacts.Name(array)}", position);
            }
            if (element != 0 && element != item)
            {
                throw new SqlException(SqlState.DatatypeMismatch,
                    "argument declared anyarray is not consistent with argument declared anyelement", position)
                {
                    Detail = $"{TypeFacts.Name(array)} versus {TypeFacts.Name(element)}",
                };
            }
            return item;
        }
        if (element == 0 && array == 0 && hasUnknown)
        {
            throw new SqlException(SqlState.DatatypeMismatch,
                "could not determine polymorphic type because input has type unknown", position);
        }
        return element;
    }

    private static uint Concrete(uint type, uint element, uint array, uint common) => type switch
    {
        TypeOid.AnyElement or TypeOid.AnyNonArray or TypeOid.AnyEnum => element == 0 ? type : element,
        TypeOid.AnyArray => array == 0 ? type : array,
        TypeOid.AnyCompatible or TypeOid.AnyCompatibleNonArray => common == 0 ? type : common,
        TypeOid.AnyCompatibleArray => common == 0 ? type : BuiltinTypes.ArrayOf(common),
        _ => type,
    };

    private static uint ConcreteResult(uint result, uint element, uint array, uint common, int position)
    {
        uint type = Concrete(result, element, array, common);
        if (type == 0)
        {
            throw new SqlException(SqlState.UndefinedObject,
                $"could not find array type for data type {TypeFacts.Name(element == 0 ? common : element)}", position);
        }
        return type;
    }

    private static bool HasPolymorphic(ReadOnlySpan<uint> types)
    {
        foreach (uint type in types)
        {
            if (TypeFacts.IsPolymorphic(type))
                return true;
        }
        return false;
    }

    private static SqlException NotAlike(string family, uint first, uint second, int position) =>
        new(SqlState.DatatypeMismatch, $"arguments declared \"{family}\" are not all alike", position)
        {
            Detail = $"{TypeFacts.Name(first)} versus {TypeFacts.Name(second)}",
        };
}
