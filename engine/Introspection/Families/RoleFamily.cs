using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Engine.Access;
using VecSQL.Engine.Statements;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>What all databases share: roles, the databases themselves, and their tablespace.</summary>
internal static class RoleFamily
{
    private const uint TablespaceOid = 1663;

    internal static readonly RowSource[] Sources =
    [
        new RowSource<DatabaseEntry>("pg_database", context => context.Catalog.Databases.OrderBy(static database => database.Oid))
            .With("oid", database => database.Oid)
            .With("datname", database => database.Name)
            .WithAll("datdba", Roles.OwnerOid)
            .WithAll("encoding", 6)
            .WithAll("datlocprovider", 'c')
            .With("datistemplate", database => database.IsTemplate)
            .With("datallowconn", database => database.AllowsConnections)
            .With("datconnlimit", database => database.ConnectionsMax)
            .WithAll("dattablespace", TablespaceOid)
            .WithAll("datcollate", "C")
            .WithAll("datctype", "C"),

        new RowSource<(uint Oid, string Name)>("pg_tablespace", _ => [(TablespaceOid, "pg_default"), (1664, "pg_global")])
            .With("oid", space => space.Oid)
            .With("spcname", space => space.Name)
            .WithAll("spcowner", Roles.OwnerOid),

        Role("pg_authid").With("rolpassword", role => role.Verifier),
        Role("pg_roles").WithAll("rolpassword", Hidden).With("rolconfig", Configuration),

        User("pg_user").WithAll("passwd", Hidden),
        User("pg_shadow").With("passwd", role => role.Verifier),

        new RowSource<RoleEntry>("pg_group", context => context.AllRoles.Where(role => !role.LogsIn))
            .With("groname", role => role.Name)
            .With("grosysid", role => role.Oid)
            .WithAll("grolist", Array.Empty<uint>()),

        new RowSource<(uint Database, uint Role, ImmutableArray<KeyValuePair<string, string>> Settings)>("pg_db_role_setting", Settings)
            .With("setdatabase", row => row.Database)
            .With("setrole", row => row.Role)
            .With("setconfig", row => Configuration(row.Settings)),

        new RowSource<(uint Oid, uint Class, string? Text)>("pg_shdescription", Comments)
            .With("objoid", row => row.Oid)
            .With("classoid", row => row.Class)
            .With("description", row => row.Text),

        new RowSource<(int Place, ConnectionRule Rule)>("pg_hba_file_rules", context => (context.Session.Database.Rules?.Rules ?? []).Index())
            .With("line_number", row => row.Rule.Line)
            .With("type", row => row.Rule.Type)
            .With("database", row => row.Rule.Databases)
            .With("user_name", row => row.Rule.Users)
            .With("address", row => row.Rule.Address)
            .With("netmask", row => row.Rule.Netmask)
            .With("auth_method", row => row.Rule.Method)
            .With("options", row => row.Rule.Options.Count == 0 ? null : row.Rule.Options),
    ];

    private const string Hidden = "********";

    private static RowSource<RoleEntry> Role(string relation) =>
        new RowSource<RoleEntry>(relation, context => context.AllRoles)
            .With("oid", role => role.Oid)
            .With("rolname", role => role.Name)
            .With("rolsuper", role => role.IsSuperuser)
            .With("rolinherit", role => role.Inherits)
            .With("rolcreaterole", role => role.CreatesRoles)
            .With("rolcreatedb", role => role.CreatesDatabases)
            .With("rolcanlogin", role => role.LogsIn)
            .With("rolreplication", role => role.Replicates)
            .With("rolbypassrls", role => role.BypassesRowSecurity)
            .With("rolconnlimit", role => role.ConnectionsMax)
            .With("rolvaliduntil", role => role.ValidUntil);

    private static RowSource<RoleEntry> User(string relation) =>
        new RowSource<RoleEntry>(relation, context => context.AllRoles.Where(role => role.LogsIn))
            .With("usename", role => role.Name)
            .With("usesysid", role => role.Oid)
            .With("usecreatedb", role => role.CreatesDatabases)
            .With("usesuper", role => role.IsSuperuser)
            .With("userepl", role => role.Replicates)
            .With("usebypassrls", role => role.BypassesRowSecurity)
            .With("valuntil", role => role.ValidUntil)
            .With("useconfig", Configuration);

    private static IEnumerable<(uint Database, uint Role, ImmutableArray<KeyValuePair<string, string>> Settings)> Settings(ViewContext context) =>
        context.Catalog.Databases.Select(static database => (database.Oid, 0u, database.Settings))
            .Concat(context.AllRoles.Select(static role => (0u, role.Oid, role.Settings)))
            .Where(static row => !row.Item3.IsEmpty);

    private static IEnumerable<(uint Oid, uint Class, string? Text)> Comments(ViewContext context) =>
        context.Catalog.Databases.OrderBy(static database => database.Oid).Select(static database => (database.Oid, 1262u, database.Comment))
            .Concat(context.AllRoles.Select(static role => (role.Oid, 1260u, role.Comment)))
            .Where(static row => row.Item3 is not null);

    private static object? Configuration(RoleEntry role) => Configuration(role.Settings);

    private static object? Configuration(ImmutableArray<KeyValuePair<string, string>> settings) =>
        settings.IsEmpty ? null : settings.Select(setting => $"{setting.Key}={setting.Value}");
}
