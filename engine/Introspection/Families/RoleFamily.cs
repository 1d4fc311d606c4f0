using VecSQL.Catalog.Objects;
using VecSQL.Engine.Access;
using VecSQL.Engine.Statements;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>Roles and what they begin with; and the one database, whatever the client calls it, and its tablespace.</summary>
internal static class RoleFamily
{
    internal const uint DatabaseOid = 5, TablespaceOid = 1663;

    internal static readonly RowSource[] Sources =
    [
        new RowSource<string>("pg_database", context => [context.DatabaseName])
            .WithAll("oid", DatabaseOid)
            .With("datname", name => name)
            .WithAll("datdba", Roles.OwnerOid)
            .WithAll("encoding", 6)
            .WithAll("datlocprovider", 'c')
            .WithAll("datallowconn", true)
            .WithAll("datconnlimit", -1)
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

        new RowSource<RoleEntry>("pg_db_role_setting", context => context.AllRoles.Where(role => !role.Settings.IsEmpty))
            .With("setrole", role => role.Oid)
            .With("setconfig", Configuration),

        new RowSource<RoleEntry>("pg_shdescription", context => context.AllRoles.Where(role => role.Comment is not null))
            .With("objoid", role => role.Oid)
            .WithAll("classoid", 1260)
            .With("description", role => role.Comment),

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

    private static object? Configuration(RoleEntry role) =>
        role.Settings.IsEmpty ? null : role.Settings.Select(setting => $"{setting.Key}={setting.Value}");
}
