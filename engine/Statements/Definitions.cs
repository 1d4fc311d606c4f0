using System.Collections.Immutable;
using System.Text;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>What all definition statements need: names, locks, changes to the catalog.</summary>
internal static class Definitions
{
    internal const int NameBytesMax = 63;

    // Names are locked as if they were tables; ids from here on belong to no object.
    private const uint NameLockFirst = 0x8000_0000;

    internal static CatalogSnapshot Catalog(SessionState session) => session.Transaction.Storage.Catalog;

    internal static void Put(SessionState session, CatalogObject changed) =>
        session.Transaction.Storage.Change(new PutObject(changed));

    internal static void Drop(SessionState session, uint oid) =>
        session.Transaction.Storage.Change(new DropObject(oid));

    internal static uint NextOid(SessionState session) => session.Database.Storage.NextOid();

    internal static PlannerContext Context(SessionState session) => session.PlanningContext(Catalog(session));

    /// <summary>Waits for others that make or drop something of that name, then looks at the catalog anew.</summary>
    internal static async ValueTask LockNameAsync(
        SessionState session, uint schemaOid, string name, CancellationToken cancellation)
    {
        uint key = NameLockFirst | (Hash(schemaOid, name) & ~NameLockFirst);
        ITransaction storage = session.Transaction.Storage;
        await storage.LockTableAsync(new TableId(key), TableLockMode.AccessExclusive, LockWaitPolicy.Block, cancellation);
        storage.BeginStatement();
    }

    /// <summary>The table as it is once nobody else uses it.</summary>
    internal static async ValueTask<TableEntry> LockTableAsync(
        SessionState session, TableEntry table, TableLockMode mode, CancellationToken cancellation) =>
        await TryLockTableAsync(session, table, mode, cancellation)
            ?? throw new SqlException(SqlState.UndefinedTable, $"relation \"{table.Name}\" does not exist");

    /// <summary>The table as it is once nobody else uses it; null where it is gone.</summary>
    internal static async ValueTask<TableEntry?> TryLockTableAsync(
        SessionState session, TableEntry table, TableLockMode mode, CancellationToken cancellation)
    {
        RefuseSystem(table);
        ITransaction storage = session.Transaction.Storage;
        await storage.LockTableAsync(table.Id, mode, LockWaitPolicy.Block, cancellation);
        storage.BeginStatement();
        return storage.Catalog.TryFindTable(table.Id, out TableEntry? locked) ? locked : null;
    }

    internal static void RefuseSystem(TableEntry table)
    {
        if (table.Kind == TableKind.System)
        {
            throw new SqlException(
                SqlState.InsufficientPrivilege, $"permission denied: \"{table.Name}\" is a system catalog");
        }
    }

    internal static SqlException AlreadyExists(string name) =>
        new(SqlState.DuplicateTable, $"relation \"{name}\" already exists");

    /// <summary>Schema and name of a new relation, locked and known to be free.</summary>
    /// <returns>Null where it exists and that is allowed (a NOTICE is sent).</returns>
    internal static async ValueTask<SchemaEntry?> TakeNameAsync(
        SessionState session, QualifiedName name, bool isTemporary, bool ifNotExists, CancellationToken cancellation)
    {
        SchemaEntry schema = ChooseSchema(session, name, isTemporary);
        await LockNameAsync(session, schema.Oid, name.Name, cancellation);
        if (!Catalog(session).IsNameTaken(schema.Oid, name.Name))
        {
            UserTypeCommands.RefuseRelation(session, schema.Oid, name.Name,
                "A relation has an associated type of the same name, so you must use a name that doesn't conflict with any existing type.");
            return schema;
        }
        if (!ifNotExists)
            throw AlreadyExists(name.Name);
        session.Notices.Notice(SqlState.DuplicateTable, $"relation \"{name.Name}\" already exists, skipping");
        return null;
    }

    internal static SchemaEntry ChooseSchema(SessionState session, QualifiedName name, bool isTemporary)
    {
        bool namesTemporary = name.Schema == "pg_temp" || name.Schema == session.Names.TemporarySchema;
        if (isTemporary && name.Schema is not null && !namesTemporary)
        {
            throw new SqlException(SqlState.InvalidTableDefinition,
                "cannot create temporary relation in non-temporary schema") { Position = name.Position };
        }
        return isTemporary || namesTemporary
            ? session.Temporary.Schema(session.Transaction.Storage)
            : session.Names.SchemaForNew(Catalog(session), name);
    }

    /// <summary>A free name of the form table_column_label, as PostgreSQL makes them.</summary>
    /// <param name="isTaken">Names taken beside those of the catalog.</param>
    internal static string ChooseName(
        string first, string? second, string label, Func<string, bool> isTaken)
    {
        for (int pass = 0; ; pass++)
        {
            string name = MakeName(first, second, pass == 0 ? label : label + pass);
            if (!isTaken(name))
                return name;
        }
    }

    /// <summary>Joins the parts by underscores, cutting the longer of the first two until the whole fits.</summary>
    private static string MakeName(string first, string? second, string label)
    {
        int room = NameBytesMax - (label.Length > 0 ? label.Length + 1 : 0) - (second is null ? 0 : 1);
        int firstBytes = Encoding.UTF8.GetByteCount(first);
        int secondBytes = second is null ? 0 : Encoding.UTF8.GetByteCount(second);
        while (firstBytes + secondBytes > room)
        {
            if (firstBytes > secondBytes)
                firstBytes--;
            else
                secondBytes--;
        }
        string name = Cut(first, firstBytes);
        if (second is not null)
            name += "_" + Cut(second, secondBytes);
        return label.Length > 0 ? $"{name}_{label}" : name;
    }

    private static string Cut(string text, int bytesMax)
    {
        while (Encoding.UTF8.GetByteCount(text) > bytesMax)
            text = text[..^1];
        return text;
    }

    private static uint Hash(uint schemaOid, string name)
    {
        uint hash = 2166136261 ^ schemaOid; // FNV-1a: equal in all sessions, which is all that matters
        foreach (char c in name)
            hash = (hash ^ c) * 16777619;
        return hash;
    }

    /// <summary>Storage options as name and value texts.</summary>
    internal static ImmutableArray<KeyValuePair<string, string>> Options(ValueList<Option> options) =>
        [.. options.Select(option => KeyValuePair.Create(option.Name, OptionText(option.Value) ?? "true"))];

    internal static string? OptionText(Expression? value) => value switch
    {
        null => null,
        StringLiteral text => text.Value,
        IntegerLiteral number => number.Text,
        NumericLiteral number => number.Text,
        BooleanLiteral truth => truth.Value ? "true" : "false",
        UnaryExpression { Operator.Symbol: "-" } negative => "-" + OptionText(negative.Operand),
        ColumnReference name => name.Name.Name,
        _ => Parser.Printing.SqlPrinter.Print(value),
    };
}
