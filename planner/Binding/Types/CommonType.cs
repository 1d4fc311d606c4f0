using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;

namespace VecSQL.Planner.Binding.Types;

/// <summary>The type that several expressions are brought to: UNION, CASE, VALUES, ARRAY, GREATEST, IN.</summary>
/// <remarks>Source: PostgreSQL manual, "UNION, CASE, and Related Constructs".</remarks>
internal static class CommonType
{
    /// <summary>The common type, or 0 where the categories differ or no type takes all the others.</summary>
    internal static uint TrySelect(ReadOnlySpan<uint> types) => Select(types, out _, out _);

    /// <exception cref="SqlException">42804 at the first expression that cannot be matched.</exception>
    internal static uint Select(ReadOnlySpan<uint> types, ReadOnlySpan<int> positions, string context)
    {
        uint common = Select(types, out int mismatch, out uint chosen);
        if (common != 0)
            return common;
        throw new SqlException(SqlState.DatatypeMismatch,
            $"{context} types {TypeFacts.Name(chosen)} and {TypeFacts.Name(types[mismatch])} cannot be matched",
            positions[mismatch]);
    }

    private static uint Select(ReadOnlySpan<uint> types, out int mismatch, out uint chosen)
    {
        mismatch = -1;
        chosen = types[0];
        bool allSame = chosen != TypeOid.Unknown;
        foreach (uint type in types)
            allSame &= type == chosen;
        if (allSame)
            return chosen;
        char category = TypeFacts.Category(chosen);
        for (int i = 1; i < types.Length; i++)
        {
            uint type = types[i];
            if (type == TypeOid.Unknown || type == chosen)
                continue;
            if (chosen == TypeOid.Unknown)
            {
                (chosen, category) = (type, TypeFacts.Category(type));
            }
            else if (TypeFacts.Category(type) != category)
            {
                mismatch = i;
                return 0;
            }
            else if (!TypeFacts.IsPreferred(chosen) && CastPath.CanCoerce(chosen, type, CastContext.Implicit)
                && !CastPath.CanCoerce(type, chosen, CastContext.Implicit))
            {
                chosen = type;
            }
        }
        return chosen == TypeOid.Unknown ? TypeOid.Text : chosen;
    }
}
