using VecSQL.Catalog.Objects;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Statements;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>What is going on: sessions, prepared statements, cursors, counters.</summary>
internal static class ActivityFamily
{
    internal static readonly RowSource[] Sources =
    [
        new RowSource<SqlSession>("pg_stat_activity", context => context.Session.Database.Sessions.OrderBy(session => session.BackendId))
            .With("datid", session => session.State.DatabaseOid)
            .With("datname", session => session.State.DatabaseName)
            .With("pid", session => session.BackendId)
            .With("usesysid", session => session.State.LoginOid)
            .With("usename", session => session.State.LoginUser)
            .With("application_name", session => session.State.Settings.Show("application_name"))
            .With("client_addr", session => session.State.ClientAddress)
            .With("backend_start", session => session.State.Activity.BackendStart)
            .With("query_start", session => Moment(session.State.Activity.QueryStart))
            .With("state_change", session => Moment(session.State.Activity.StateChange))
            .With("state", session => session.State.Activity.State)
            .With("query", (context, session) => IsOpenTo(context, session) ? session.State.Activity.Query : "<insufficient privilege>")
            .WithAll("backend_type", "client backend"),

        new RowSource<PreparedStatement>("pg_prepared_statements", context => context.Session.Statements.Named)
            .With("name", statement => statement.Name)
            .With("statement", statement => statement.Sql)
            .With("prepare_time", statement => Moment(statement.PreparedAt))
            .With("parameter_types", statement => statement.ParameterTypes.Select(type => (long)type.Oid))
            .With("from_sql", statement => statement.IsFromSql)
            .WithAll("generic_plans", 0)
            .WithAll("custom_plans", 0),

        new RowSource<Cursor>("pg_cursors", Cursors)
            .With("name", cursor => cursor.Name)
            .With("statement", cursor => cursor.Sql)
            .With("is_holdable", (context, cursor) => context.Session.Portals.Find(cursor.Name)?.IsWithHold)
            .With("is_binary", cursor => cursor.IsBinary)
            .With("is_scrollable", cursor => cursor.IsScrollable)
            .With("creation_time", cursor => Moment(cursor.DeclaredAt)),

        new RowSource<DatabaseEntry>("pg_stat_database", context => context.Catalog.Databases.OrderBy(static database => database.Oid))
            .With("datid", database => database.Oid)
            .With("datname", database => database.Name)
            .With("numbackends", (context, database) => context.Session.Database.Sessions.Count(
                session => session.State.DatabaseOid == database.Oid)),

        new RowSource<SqlSession>("pg_stat_ssl", context => context.Session.Database.Sessions.OrderBy(session => session.BackendId))
            .With("pid", session => session.BackendId)
            .With("ssl", session => session.State.Encryption is not null)
            .With("version", session => session.State.Encryption?.Version)
            .With("cipher", session => session.State.Encryption?.Cipher)
            .With("bits", session => session.State.Encryption?.Bits)
            .With("client_dn", session => session.State.Encryption?.ClientName)
            .With("client_serial", session => session.State.Encryption?.ClientSerial)
            .With("issuer_dn", session => session.State.Encryption?.IssuerName),

        TableCounters("pg_stat_user_tables", context => Tables(context)),
        TableCounters("pg_stat_all_tables", context => Tables(context)),
        TablePages("pg_statio_user_tables"),
        TablePages("pg_statio_all_tables"),
        IndexCounters("pg_stat_user_indexes"),
        IndexCounters("pg_stat_all_indexes"),
        IndexCounters("pg_statio_user_indexes"),
        IndexCounters("pg_statio_all_indexes"),
    ];

    private static bool IsOpenTo(ViewContext context, SqlSession session) =>
        context.Session.IsSuperuser || session.State.LoginOid == context.Session.Role?.Oid;

    internal static long? Moment(DateTimeOffset moment) =>
        (moment.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static long? Moment(long microseconds) => microseconds == 0 ? null : microseconds;

    private static IEnumerable<Cursor> Cursors(ViewContext context)
    {
        foreach (Portal portal in context.Session.Portals.All)
        {
            if (portal.Cursor is { } cursor)
                yield return cursor;
        }
    }

    private static IEnumerable<TableEntry> Tables(ViewContext context) =>
        context.Catalog.Tables.Where(table => table.Kind == TableKind.Table).OrderBy(table => table.Oid);

    private static RowSource<TableEntry> TableCounters(string relation, Func<ViewContext, IEnumerable<TableEntry>> tables) =>
        new RowSource<TableEntry>(relation, tables)
            .With("relid", table => table.Oid)
            .With("schemaname", (context, table) => context.SchemaName(table.SchemaOid))
            .With("relname", table => table.Name)
            .With("n_live_tup", (context, table) => context.Session.Database.Storage.EstimateRowCount(table.Id))
            .WithAll("vacuum_count", 0)
            .WithAll("autovacuum_count", 0)
            .WithAll("analyze_count", 0)
            .WithAll("autoanalyze_count", 0);

    /// <summary>Names of tables; pages are not counted.</summary>
    private static RowSource<TableEntry> TablePages(string relation) => new RowSource<TableEntry>(relation, Tables)
        .With("relid", table => table.Oid)
        .With("schemaname", (context, table) => context.SchemaName(table.SchemaOid))
        .With("relname", table => table.Name);

    /// <summary>Names of indexes; their uses are not counted.</summary>
    private static RowSource<Relation> IndexCounters(string relation) => new RowSource<Relation>(relation,
            context => Relations.User(context).Where(index => index.Kind == 'i'))
        .With("relid", index => index.Table?.Oid)
        .With("indexrelid", index => index.Oid)
        .With("schemaname", (context, index) => context.SchemaName(index.SchemaOid))
        .With("relname", index => index.Table?.Name)
        .With("indexrelname", index => index.Name);
}
