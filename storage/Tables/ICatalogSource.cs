using VecSQL.Catalog.Snapshots;

namespace VecSQL.Storage.Tables;

/// <summary>Who knows the newest committed catalog, and gives out what names the next things in it.</summary>
/// <remarks>Threads: any.</remarks>
public interface ICatalogSource
{
    CatalogSnapshot Catalog { get; }

    /// <summary>When an object was last changed, or later, where what engines have stored may be as it was before; else the beginning of time.</summary>
    CommitTimestamp DefinedAt(uint oid) => default;

    /// <summary>A version for a catalog that a transaction sees before it commits; no other has it here.</summary>
    long NextCatalogVersion();

    /// <summary>An object id that nothing has had.</summary>
    uint NextOid();
}
