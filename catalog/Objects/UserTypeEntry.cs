namespace VecSQL.Catalog.Objects;

/// <summary>A type that somebody made: a row of pg_type, and another for its array type.</summary>
public abstract record UserTypeEntry(uint Oid, uint SchemaOid, string Name) : CatalogObject(Oid, Name)
{
    /// <summary>What the array type is called: the name behind an underscore, or more of them where that was taken.</summary>
    public required string ArrayName { get; init; }

    public string? Comment { get; init; }
}
