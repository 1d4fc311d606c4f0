using System.Collections.Immutable;

namespace VecSQL.Catalog.Objects;

/// <summary>A world of schemas that a session is in from its start to its end: a row of pg_database.</summary>
/// <remarks>All databases of a node share its storage, log, roles and memory; object ids are unique over all of them.</remarks>
public sealed record DatabaseEntry(uint Oid, string Name) : CatalogObject(Oid, Name)
{
    /// <summary>The one that is named like the first role. What was made before there were others is in it.</summary>
    /// <remarks>Databases with an id below 16384 are the system's to pgAdmin and the like, which do not show them. The counter of ids
    /// does not come this far.</remarks>
    public const uint FirstOid = 134_000_000;

    public const uint PostgresOid = 5, TemplateOid = 1, EmptyTemplateOid = 4;

    /// <summary>Whether anybody who may create databases may copy it.</summary>
    public bool IsTemplate { get; init; }

    public bool AllowsConnections { get; init; } = true;

    /// <summary>Sessions at once; −1 for as many as there may be.</summary>
    public int ConnectionsMax { get; init; } = -1;

    /// <summary>What the database's sessions begin with, by <c>ALTER DATABASE … SET</c>.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Settings
    {
        get;
        init => field = value.IsDefault ? [] : value;
    } = [];

    /// <summary>The object id of the model that embed() uses where none is named; 0 for the built-in one.</summary>
    public uint DefaultModel { get; init; }

    public string? Comment { get; init; }
}
