using VecSQL.Engine.Statements;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>Databases, roles and tablespaces: one of each, whatever the client calls them.</summary>
internal static class RoleFamily
{
    internal const uint DatabaseOid = 5, TablespaceOid = 1663;

    internal static readonly RowSource[] Sources =
    [
        new RowSource<string>("pg_database", context => [context.DatabaseName])
            .WithAll("oid", DatabaseOid)
            .With("datname", name => name)
            .WithAll("datdba", Roles.UserOid)
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
            .WithAll("spcowner", Roles.UserOid),

        Role("pg_authid").WithAll("oid", Roles.UserOid),
        Role("pg_roles").WithAll("oid", Roles.UserOid).WithAll("rolpassword", "********"),

        User("pg_user").WithAll("passwd", "********"),
        User("pg_shadow"),
    ];

    private static RowSource<string> Role(string relation) =>
        new RowSource<string>(relation, context => [context.User])
            .With("rolname", name => name)
            .WithAll("rolsuper", true)
            .WithAll("rolinherit", true)
            .WithAll("rolcreaterole", true)
            .WithAll("rolcreatedb", true)
            .WithAll("rolcanlogin", true)
            .WithAll("rolreplication", true)
            .WithAll("rolbypassrls", true)
            .WithAll("rolconnlimit", -1);

    private static RowSource<string> User(string relation) =>
        new RowSource<string>(relation, context => [context.User])
            .With("usename", name => name)
            .WithAll("usesysid", Roles.UserOid)
            .WithAll("usecreatedb", true)
            .WithAll("usesuper", true)
            .WithAll("userepl", true)
            .WithAll("usebypassrls", true);
}
