using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding.Types;

/// <summary>The types that offsets of RANGE frames may have: the in_range support of PostgreSQL's btree classes.</summary>
internal static class RangeOffsets
{
    /// <summary>The offset types for a sort key's type; empty where RANGE takes no offset.</summary>
    internal static ReadOnlySpan<uint> Of(uint key) => key switch
    {
        TypeOid.Int2 or TypeOid.Int4 => [TypeOid.Int8, TypeOid.Int4, TypeOid.Int2],
        TypeOid.Int8 => [TypeOid.Int8],
        TypeOid.Float4 or TypeOid.Float8 => [TypeOid.Float8],
        TypeOid.Numeric => [TypeOid.Numeric],
        TypeOid.Date or TypeOid.Time or TypeOid.TimeTz or TypeOid.Timestamp or TypeOid.TimestampTz or TypeOid.Interval =>
            [TypeOid.Interval],
        _ => [],
    };

    /// <summary>How keys are moved that have the types' operators do it; null for those moved as plain numbers.</summary>
    internal static RangeArithmetic? ArithmeticOf(uint key, uint offset) =>
        key is TypeOid.Numeric or TypeOid.Date or TypeOid.Timestamp or TypeOid.TimestampTz or TypeOid.Interval
            ? new RangeArithmetic(Function("+", key, offset), Function("-", key, offset))
            : null;

    private static FunctionEntry Function(string symbol, uint key, uint offset) =>
        FunctionRegistry.FindOperator(symbol, key, offset) is { } op
        && FunctionRegistry.FindFunction(op.Function) is { } function
            ? function
            : throw new InvalidOperationException($"type {key} cannot be moved by type {offset}");
}
