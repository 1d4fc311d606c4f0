using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;

namespace VecSQL.Planner.Binding.Types;

/// <summary>
/// The operators that sorting, grouping and IN use by default for a type: those of its btree or hash class.
/// </summary>
internal static class TypeOperators
{
    internal static OperatorEntry? Equality(uint type) => Find("=", type);

    internal static OperatorEntry? Less(uint type) => Find("<", type);

    internal static OperatorEntry? Greater(uint type) => Find(">", type);

    /// <summary>The function that tells whether two values of the type are equal; null where none does.</summary>
    internal static FunctionEntry? EqualityFunction(uint type) =>
        Equality(type) is { } op ? FunctionRegistry.FindFunction(op.Function) : null;

    private static OperatorEntry? Find(string name, uint type)
    {
        if (FunctionRegistry.FindOperator(name, type, type) is { } own)
            return own;
        if (TypeFacts.IsTrueArray(type) || type == TypeOid.Int2Vector) // one without operators of its own
        {
            return Find(name, BuiltinTypes.ElementOf(type)) is null
                ? null
                : FunctionRegistry.FindOperator(name, TypeOid.AnyArray, TypeOid.AnyArray);
        }
        if (UserTypeOid.IsEnum(type))
            return FunctionRegistry.FindOperator(name, TypeOid.AnyEnum, TypeOid.AnyEnum);
        foreach (OperatorEntry op in FunctionRegistry.FindOperators(name))
        {
            if (op.Left == op.Right && op.Left != 0 && !TypeFacts.IsPolymorphic(op.Left)
                && TypeFacts.IsBinaryCoercible(type, op.Left))
            {
                return op;
            }
        }
        return null;
    }
}
