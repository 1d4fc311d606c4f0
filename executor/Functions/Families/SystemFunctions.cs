using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Families;

/// <summary>The session, the server, settings, sequences, signals.</summary>
internal static class SystemFunctions
{
    private static readonly string[] SizeUnits = ["bytes", "kB", "MB", "GB", "TB", "PB"];

    public static void Define(FunctionTable table)
    {
        DefineSession(table);
        DefineSettings(table);
        DefineSequences(table);
        DefineNames(table);
        table.Binary("pg_size_pretty", static (in Row row, BinaryColumnBuilder target) => target.Append(PrettySize(row.Int8(0))));
        table.Binary("pg_size_pretty_numeric", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(PrettySize(BigInteger.Parse(SqlNumeric.Read(row.Bytes(0)).Round(0).ToString(), CultureInfo.InvariantCulture))));
        table.Fixed<Fixed16>("gen_random_uuid", static (in Row row) => RandomUuid());
    }

    private static void DefineSession(FunctionTable table)
    {
        Text(table, "pgsql_version", static session => $"PostgreSQL {session.Setting("server_version")}, a vector database in .NET, 64-bit");
        Text(table, "current_database", static session => session.CurrentDatabase);
        Text(table, "current_user", static session => session.CurrentUser);
        Text(table, "session_user", static session => session.SessionUser);
        Text(table, "getdatabaseencoding", static _ => "UTF8");
        Text(table, "pg_client_encoding", static _ => "UTF8");
        Text(table, "current_schema", static session =>
            session.SearchPath.FirstOrDefault(name => name != "pg_catalog" && session.Catalog.FindSchema(name) is not null));
        table.Binary("current_schemas", static (in Row row, BinaryColumnBuilder target) => AppendSchemas(in row, target));
        table.Fixed<int>("pg_backend_pid", static (in Row row) => row.Context.Session.BackendId);
        table.Fixed<long>("pg_current_xact_id", static (in Row row) => row.Context.Session.TransactionId);
        table.Fixed<int>("xid_age", static (in Row row) => row.Int8(0) < 3 ? // two are of no transaction
            int.MaxValue : (int)(row.Context.Session.TransactionId - row.Int8(0)));
        table.Nullable<int>("inet_client_port", static (in Row row) => null);
        table.Nullable<int>("inet_server_port", static (in Row row) => null);
        foreach (string never in new[]
        {
            "pg_is_in_recovery", "pg_is_other_temp_schema", "pg_jit_available", "row_security_active", "row_security_active_name",
        })
        {
            table.Bool(never, static (in Row row) => false);
        }
        table.Bool("pg_is_wal_replay_paused", static (in Row row) =>
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState, "recovery is not in progress",
                hint: "Recovery control functions can only be executed during recovery."));
        table.Fixed<long>("pg_my_temp_schema", static (in Row row) =>
            row.Context.Session.CatalogFunctions.ResolveName("regnamespace", "pg_temp") ?? 0);
        table.Fixed<long>("pg_stat_get_numscans", static (in Row row) => 0);
        table.Bool("pg_cancel_backend", static (in Row row) => row.Context.Session.Signal(row.Int4(0), terminate: false));
        table.Bool("pg_terminate_backend", static (in Row row) => row.Context.Session.Signal(row.Int4(0), terminate: true));
        table.Bool("pg_reload_conf", static (in Row row) => row.Context.Session.ReloadConfiguration());
        table.Binary("pg_notify", static (in Row row, BinaryColumnBuilder target) =>
        {
            string channel = row.IsNull(0) ? "" : row.Text(0), payload = row.IsNull(1) ? "" : row.Text(1);
            row.Context.Session.SendNotification(channel, payload);
            target.Append(ReadOnlySpan<byte>.Empty);
        });
        table.Binary("pg_stat_statements_reset", static (in Row row, BinaryColumnBuilder target) =>
        {
            row.Context.Session.ResetStatementFigures(
                row.Count > 0 ? (uint)row.Int8(0) : 0, row.Count > 1 ? (uint)row.Int8(1) : 0, row.Count > 2 ? row.Int8(2) : 0);
            target.Append(ReadOnlySpan<byte>.Empty);
        });
        table.Binary("pg_sleep", static (in Row row, BinaryColumnBuilder target) =>
            ServerFunctions.Sleep(row.Float8(0), row.Context, target));
    }

    private static void DefineSettings(FunctionTable table)
    {
        table.Binary("show_config_by_name", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(row.Context.Session.Setting(row.Text(0)) ?? throw UnknownSetting(row.Text(0))));
        table.Binary("show_config_by_name_missing_ok", static (in Row row, BinaryColumnBuilder target) =>
        {
            string? value = row.Context.Session.Setting(row.Text(0));
            if (value is not null)
                target.Append(value);
            else if (row.Bool(1))
                target.AppendNull();
            else
                throw UnknownSetting(row.Text(0));
        });
        table.Binary("set_config_by_name", static (in Row row, BinaryColumnBuilder target) =>
        {
            if (row.IsNull(0))
                throw new SqlException(SqlState.NullValueNotAllowed, "SET requires parameter name");
            string name = row.Text(0);
            row.Context.Session.SetSetting(name, row.IsNull(1) ? "" : row.Text(1), !row.IsNull(2) && row.Bool(2));
            target.Append(row.Context.Session.Setting(name) ?? "");
        });
    }

    private static void DefineSequences(FunctionTable table)
    {
        table.Fixed<long>("nextval_oid", static (in Row row) => row.Context.Session.NextSequenceValue((uint)row.Int8(0)));
        table.Fixed<long>("currval_oid", static (in Row row) => row.Context.Session.CurrentSequenceValue((uint)row.Int8(0)));
        table.Fixed<long>("lastval", static (in Row row) => row.Context.Session.LastSequenceValue());
        table.Fixed<long>("setval_oid", static (in Row row) => SetValue(in row, isCalled: true));
        table.Fixed<long>("setval3_oid", static (in Row row) => SetValue(in row, row.Bool(2)));
    }

    private static void DefineNames(FunctionTable table)
    {
        foreach (string kind in new[] { "regclass", "regnamespace", "regoper", "regoperator", "regproc", "regprocedure", "regrole", "regtype" })
        {
            table.Nullable<long>($"to_{kind}", (in Row row) => row.Context.Session.CatalogFunctions.ResolveName(kind, row.Text(0)));
        }
        table.Site("pg_column_size", static site => BuiltinTypes.TryFind(site.Arguments[0].Oid, out TypeEntry? type) && type.Length > 0
            ? RowFunctions.Fixed<int>((in Row row) => type.Length)
            : RowFunctions.Fixed<int>(static (in Row row) => sizeof(int) + row.Bytes(0).Length)); // a length stands before the value
        table.Site("pg_typeof", static site => RowFunctions.Fixed<long>((in Row row) => site.Arguments[0].Oid));
    }

    private static void Text(FunctionTable table, string name, Func<ISessionServices, string?> value) =>
        table.Binary(name, (in Row row, BinaryColumnBuilder target) =>
        {
            if (value(row.Context.Session) is { } text)
                target.Append(text);
            else
                target.AppendNull();
        });

    private static void AppendSchemas(in Row row, BinaryColumnBuilder target)
    {
        ISessionServices session = row.Context.Session;
        bool withImplicit = row.Bool(0);
        string[] names = [.. session.SearchPath.Where(name =>
            session.Catalog.FindSchema(name) is not null && (withImplicit || name != "pg_catalog"))];
        var array = new ArrayBuilder(TypeOid.Name);
        foreach (string name in names)
            ((BinaryColumnBuilder)array.Elements).Append(Encoding.UTF8.GetBytes(name));
        array.AppendTo(target);
    }

    private static long SetValue(in Row row, bool isCalled)
    {
        row.Context.Session.SetSequenceValue((uint)row.Int8(0), row.Int8(1), isCalled);
        return row.Int8(1);
    }

    private static SqlException UnknownSetting(string name) =>
        new(SqlState.UndefinedObject, $"unrecognized configuration parameter \"{name}\"");

    /// <summary>The size in the largest unit that leaves more than ten of it, as PostgreSQL rounds it.</summary>
    private static string PrettySize(BigInteger size)
    {
        int unit = 0;
        while (BigInteger.Abs(size) >= (unit == 0 ? 10 * 1024 : 20 * 1024 - 1) && unit < SizeUnits.Length - 1)
        {
            // One bit is kept for rounding until the last division.
            size = unit == 0 ? size >> 9 : size >> 10;
            unit++;
        }
        if (unit > 0)
            size = (size + (size.Sign < 0 ? -1 : 1)) / 2;
        return $"{size} {SizeUnits[unit]}";
    }

    private static Fixed16 RandomUuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40); // version 4
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80); // the RFC's variant
        return new Fixed16(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
    }
}
