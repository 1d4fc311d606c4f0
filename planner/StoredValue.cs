using VecSQL.Catalog.Objects;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner;

/// <summary>An expression whose values a table or an index keeps.</summary>
/// <param name="IsImmutable">Whether it gives the same for the same row, whenever and by whomever it is asked.</param>
/// <param name="Model">What its vectors are made by; null where that is not known.</param>
public sealed record StoredValue(ScalarExpression Bound, bool IsImmutable, ModelUse? Model);
