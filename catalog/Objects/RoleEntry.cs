using System.Collections.Immutable;
using VecSQL.Catalog.Types;

namespace VecSQL.Catalog.Objects;

/// <summary>Somebody who may connect, or a name for what several may: a row of pg_authid.</summary>
public sealed record RoleEntry(uint Oid, string Name) : CatalogObject(Oid, Name)
{
    /// <summary>The role that every database begins with, which owns all that there is.</summary>
    public const uint BootstrapOid = 10;

    /// <summary>The role that stands for whoever owns the database, which owns its schema public.</summary>
    public const uint DatabaseOwnerOid = 6171;

    /// <summary>The roles with names of PostgreSQL's that no one logs in by.</summary>
    public static ImmutableArray<RoleEntry> Predefined { get; } =
    [
        new(3373, "pg_monitor"), new(3374, "pg_read_all_settings"), new(3375, "pg_read_all_stats"), new(3377, "pg_stat_scan_tables"),
        new(4200, "pg_signal_backend"), new(4544, "pg_checkpoint"), new(4569, "pg_read_server_files"), new(4570, "pg_write_server_files"),
        new(4571, "pg_execute_server_program"), new(DatabaseOwnerOid, "pg_database_owner"), new(6181, "pg_read_all_data"),
        new(6182, "pg_write_all_data"),
    ];

    /// <summary>Whether every node has the role from its beginning, for ever.</summary>
    public bool IsBuiltIn => Oid < TypeOid.FirstUser;

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
