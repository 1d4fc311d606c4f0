using System.Collections.Immutable;
using VecSQL.Catalog.Objects;

namespace VecSQL.Engine.References;

/// <summary>What SET CONSTRAINTS has said in this transaction.</summary>
/// <param name="All">Of all constraints; null for nothing.</param>
/// <param name="ByConstraint">Of single ones since then.</param>
internal sealed record ConstraintTiming(bool? All, ImmutableDictionary<uint, bool> ByConstraint)
{
    internal static readonly ConstraintTiming AsDefined = new(null, ImmutableDictionary<uint, bool>.Empty);

    internal bool IsDeferred(ForeignKeyEntry key) => key.IsDeferrable && IsDeferred(key.Oid, key.IsInitiallyDeferred);

    internal bool IsDeferred(IndexEntry key) => key.IsDeferrable && IsDeferred(key.ConstraintOid, key.IsInitiallyDeferred);

    private bool IsDeferred(uint oid, bool isInitiallyDeferred) =>
        ByConstraint.TryGetValue(oid, out bool isDeferred) ? isDeferred : All ?? isInitiallyDeferred;
}
