using System.Collections.Immutable;
using VecSQL.Catalog.Snapshots;

namespace VecSQL.Engine.Statements;

/// <summary>An extension that every database has from its beginning.</summary>
/// <param name="Schema">Where its objects are.</param>
internal sealed record BuiltInExtension(uint Oid, string Name, string Version, uint Schema, string Comment)
{
    /// <summary>The types and functions of pgvector, of the version whose SQL is followed.</summary>
    internal static readonly BuiltInExtension Vector = new(
        16390, "vector", "0.8.6", CatalogSnapshot.PublicOid, "vector data type and ivfflat and hnsw access methods");

    /// <summary>The language of DO.</summary>
    internal static readonly BuiltInExtension Procedural = new(
        13559, "plpgsql", "1.0", CatalogSnapshot.PgCatalogOid, "PL/pgSQL procedural language");

    internal static readonly ImmutableArray<BuiltInExtension> All = [Vector, Procedural];

    internal static BuiltInExtension? Find(string name) => All.FirstOrDefault(extension => extension.Name == name);
}
