using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Statements;
using VecSQL.Engine.Transactions;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>What is going on: sessions, prepared statements, cursors, counters.</summary>
internal static class ActivityFamily
{
    internal static readonly RowSource[] Sources =
    [
        new RowSource<SessionFigure>("pg_stat_activity", Sessions)
            .With("datid", session => session.DatabaseOid)
            .With("datname", session => session.DatabaseName)
            .With("pid", session => session.BackendId)
            .With("usesysid", session => session.UserOid)
            .With("usename", session => session.User)
            .With("application_name", session => session.ApplicationName)
            .With("client_addr", session => session.ClientAddress)
            .With("client_port", session => session.ClientPort)
            .With("backend_start", session => session.BackendStart)
            .With("xact_start", session => session.TransactionStart)
            .With("query_start", session => session.QueryStart)
            .With("state_change", session => session.StateChange)
            .With("state", session => session.State)
            .With("query_id", (context, session) => IsOpenTo(context, session.UserOid) ? session.QueryId : null)
            .With("query", (context, session) => IsOpenTo(context, session.UserOid) ? session.Query : "<insufficient privilege>")
            .WithAll("backend_type", "client backend"),

        new RowSource<(SqlSession Session, CopyActivity Copy)>("pg_stat_progress_copy", Copying)
            .With("pid", shown => shown.Session.BackendId)
            .With("datid", shown => shown.Session.State.DatabaseOid)
            .With("datname", shown => shown.Session.State.DatabaseName)
            .With("relid", (context, shown) => IsOpenTo(context, shown.Session) ? shown.Copy.TableOid : null)
            .With("command", (context, shown) => IsOpenTo(context, shown.Session) ? shown.Copy.IsFrom ? "COPY FROM" : "COPY TO" : null)
            .With("type", (context, shown) => IsOpenTo(context, shown.Session) ? shown.Copy.IsFile ? "FILE" : "PIPE" : null)
            .With("bytes_processed", (context, shown) => IsOpenTo(context, shown.Session) ? shown.Copy.BytesDone : null)
            .With("bytes_total", (context, shown) => IsOpenTo(context, shown.Session) ? shown.Copy.BytesTotal : null)
            .With("tuples_processed", (context, shown) => IsOpenTo(context, shown.Session) ? shown.Copy.RowsDone : null)
            .With("tuples_excluded", (context, shown) => IsOpenTo(context, shown.Session) ? shown.Copy.RowsExcluded : null),

        Statements(),

        new RowSource<StatementTally>("pg_stat_statements_info", context => [context.Session.Database.Tally])
            .With("dealloc", tally => tally.GivenUp)
            .With("stats_reset", tally => Moment(tally.ResetAt)),

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

        new RowSource<LockRow>("pg_locks", Locks)
            .With("locktype", held => held.Relation is null ? "advisory" : "relation")
            .With("database", held => held.Session.DatabaseOid)
            .With("relation", held => held.Relation)
            .With("classid", held => held.Key?.ClassId)
            .With("objid", held => held.Key?.ObjectId)
            .With("objsubid", held => held.Key?.SubId)
            .With("virtualtransaction", held => $"{held.Session.BackendId}/{held.Session.BackendId}")
            .With("pid", held => held.Session.BackendId)
            .With("mode", held => $"{held.Mode}Lock")
            .With("granted", held => held.IsGranted)
            .WithAll("fastpath", false),

        new RowSource<SessionFigure>("pg_stat_ssl", Sessions)
            .With("pid", session => session.BackendId)
            .With("ssl", session => session.Encryption is not null)
            .With("version", session => session.Encryption?.Version)
            .With("cipher", session => session.Encryption?.Cipher)
            .With("bits", session => session.Encryption?.Bits)
            .With("client_dn", session => session.Encryption?.ClientName)
            .With("client_serial", session => session.Encryption?.ClientSerial)
            .With("issuer_dn", session => session.Encryption?.IssuerName),

        new RowSource<SessionFigure>("pg_stat_gssapi", Sessions)
            .With("pid", session => session.BackendId)
            .WithAll("gss_authenticated", false)
            .WithAll("encrypted", false),

        TableCounters("pg_stat_user_tables", context => Tables(context)),
        TableCounters("pg_stat_all_tables", context => Tables(context)),
        TablePages("pg_statio_user_tables"),
        TablePages("pg_statio_all_tables"),
        IndexCounters("pg_stat_user_indexes"),
        IndexCounters("pg_stat_all_indexes"),
        IndexCounters("pg_statio_user_indexes"),
        IndexCounters("pg_statio_all_indexes"),
    ];

    /// <summary>What is measured of statements; what is not, such as blocks of a page cache that there is not, is zero.</summary>
    private static RowSource<StatementFigures> Statements()
    {
        var source = new RowSource<StatementFigures>("pg_stat_statements", context => context.Session.Database.Tally.All)
            .With("userid", figures => figures.Owner.UserOid)
            .With("dbid", figures => figures.Owner.DatabaseOid)
            .WithAll("toplevel", true)
            .With("queryid", (context, figures) => IsOpenTo(context, figures) ? figures.Text.Id : null)
            .With("query", (context, figures) => IsOpenTo(context, figures) ? figures.Text.Text : "<insufficient privilege>")
            .With("calls", figures => figures.Totals.Calls)
            .With("rows", figures => figures.Totals.Rows)
            .With("total_exec_time", figures => figures.Totals.Total)
            .With("min_exec_time", figures => figures.Totals.Least)
            .With("max_exec_time", figures => figures.Totals.Most)
            .With("mean_exec_time", figures => figures.Totals.Mean)
            .With("stddev_exec_time", figures => figures.Totals.Deviation);
        foreach (string count in (string[])
            ["plans", "shared_blks_hit", "shared_blks_read", "shared_blks_dirtied", "shared_blks_written", "local_blks_hit", "local_blks_read",
                "local_blks_dirtied", "local_blks_written", "temp_blks_read", "temp_blks_written", "wal_records", "wal_fpi", "wal_bytes",
                "jit_functions", "jit_inlining_count", "jit_optimization_count", "jit_emission_count"])
        {
            source.WithAll(count, 0L);
        }
        foreach (string time in (string[])
            ["total_plan_time", "min_plan_time", "max_plan_time", "mean_plan_time", "stddev_plan_time", "blk_read_time", "blk_write_time",
                "temp_blk_read_time", "temp_blk_write_time", "jit_generation_time", "jit_inlining_time", "jit_optimization_time",
                "jit_emission_time"])
        {
            source.WithAll(time, 0.0);
        }
        return source;
    }

    /// <summary>Of all nodes of a cluster that answer. As in the functions that wait, the statement's thread does.</summary>
    private static IEnumerable<SessionFigure> Sessions(ViewContext context)
    {
        IEnumerable<SessionFigure> sessions = context.Session.Database.Sessions.Select(SessionFigure.Of);
        if (context.Session.Database.SessionPeers is { } peers)
        {
            (IReadOnlyList<SessionFigure> others, IReadOnlyList<string> silent) = peers.ListAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
            sessions = sessions.Concat(others);
            if (silent.Count > 0)
                context.Session.Notices.Warn(SqlState.Warning, $"sessions of {string.Join(", ", silent)} are not shown: no answer");
        }
        return sessions.OrderBy(static session => session.BackendId);
    }

    /// <summary>Locks of tables and advisory ones. Rows that are locked are known to their tables alone.</summary>
    private static IEnumerable<LockRow> Locks(ViewContext context)
    {
        Dictionary<LockOwner, SessionState> owners = [];
        Dictionary<string, SessionState> holders = [];
        foreach (SqlSession session in context.Session.Database.Sessions)
        {
            holders[session.State.AdvisoryLocks.Name] = session.State;
            if (session.State.Transaction.StorageIfOpen is { } storage)
                owners[storage.Owner] = session.State;
        }
        foreach (HeldLock<uint> held in context.Session.Database.Storage.TableLocks)
        {
            if (owners.TryGetValue(held.Owner, out SessionState? session)) // else its transaction has ended meanwhile
                yield return new LockRow(session, held.Key, null, held.Mode, held.IsGranted);
        }
        foreach (HeldLock<AdvisoryKey> held in context.Session.Database.Storage.AdvisoryLocks.List())
        {
            if (held.Owner is AdvisoryHolder { Name: var name } && holders.TryGetValue(name, out SessionState? session))
                yield return new LockRow(session, null, held.Key, held.Mode, held.IsGranted);
        }
    }

    private static IEnumerable<(SqlSession Session, CopyActivity Copy)> Copying(ViewContext context)
    {
        foreach (SqlSession session in context.Session.Database.Sessions.OrderBy(session => session.BackendId))
        {
            if (session.State.Activity.Copy is { } copy)
                yield return (session, copy);
        }
    }

    private static bool IsOpenTo(ViewContext context, StatementFigures figures) =>
        context.Session.IsSuperuser || figures.Owner.UserOid == context.Session.Role?.Oid;

    private static bool IsOpenTo(ViewContext context, SqlSession session) => IsOpenTo(context, session.State.LoginOid);

    private static bool IsOpenTo(ViewContext context, uint user) => context.Session.IsSuperuser || user == context.Session.Role?.Oid;

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

    private readonly record struct LockRow(
        SessionState Session, uint? Relation, AdvisoryKey? Key, TableLockMode Mode, bool IsGranted);
}
