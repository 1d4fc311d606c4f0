using System.Collections.Immutable;

namespace VecSQL.Catalog.Objects;

/// <summary>Somebody who may connect, or a name for what several may: a row of pg_authid.</summary>
public sealed record RoleEntry(uint Oid, string Name) : CatalogObject(Oid, Name)
{
    /// <summary>The role that every database begins with, which owns all that there is.</summary>
    public const uint BootstrapOid = 10;

    public bool IsSuperuser { get; init; }

    public bool Inherits { get; init; } = true;

    public bool CreatesRoles { get; init; }

    public bool CreatesDatabases { get; init; }

    public bool LogsIn { get; init; }

    public bool Replicates { get; init; }

    public bool BypassesRowSecurity { get; init; }

    /// <summary>Sessions at once; −1 for as many as there may be.</summary>
    public int ConnectionsMax { get; init; } = -1;

    /// <summary>What a password is tested by, in the form <c>SCRAM-SHA-256$…</c>, never the password itself; null for none.</summary>
    public string? Verifier { get; init; }

    /// <summary>The password is good until then, in microseconds since 1970-01-01 UTC or infinity; null for ever.</summary>
    public long? ValidUntil { get; init; }

    /// <summary>What the role's sessions begin with, by <c>ALTER ROLE … SET</c>.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Settings
    {
        get;
        init => field = value.IsDefault ? [] : value;
    } = [];

    public string? Comment { get; init; }

    /// <summary>Of the bootstrap role, once any role has a password: 32 random bytes in base64 from which the salts of users that do not
    /// exist are made, so that they stay the same and tell nobody which users do.</summary>
    public string? DecoySecret { get; init; }
}
