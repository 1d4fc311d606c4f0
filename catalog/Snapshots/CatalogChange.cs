using VecSQL.Catalog.Objects;

namespace VecSQL.Catalog.Snapshots;

/// <summary>A step from one catalog snapshot to the next; what the log records of DDL.</summary>
public abstract record CatalogChange;

/// <summary>Adds the object, or replaces the one with its oid.</summary>
public sealed record PutObject(CatalogObject Object) : CatalogChange;

public sealed record DropObject(uint Oid) : CatalogChange;

/// <summary>Ids below <paramref name="NextOid"/> have been given out, also by transactions that rolled back.</summary>
public sealed record ReserveOids(uint NextOid) : CatalogChange;
