namespace VecSQL.Catalog.Functions;

/// <summary>An operator: a row of pg_operator.</summary>
/// <param name="Left">The left operand's type; 0 for a prefix operator.</param>
/// <param name="Function">The object id of the function that computes it.</param>
/// <param name="Commutator">The name of the operator with swapped operands, or null.</param>
/// <param name="Negator">The name of the operator with the opposite truth, or null.</param>
/// <param name="CanHash">Equality that hash joins and hash aggregation may use.</param>
public sealed record OperatorEntry(
    uint Oid,
    string Name,
    uint Left,
    uint Right,
    uint Result,
    uint Function,
    string? Commutator = null,
    string? Negator = null,
    bool CanHash = false,
    bool CanMerge = false)
{
    public string Schema { get; init; } = "pg_catalog";
}
