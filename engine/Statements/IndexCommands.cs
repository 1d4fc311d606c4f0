using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>CREATE INDEX: unique ones are enforced; plain ones are recorded, zone maps doing their work.</summary>
internal static class IndexCommands
{
    internal static async ValueTask CreateAsync(
        SessionState session, CreateIndexStatement statement, CancellationToken cancellation)
    {
        TableEntry table = session.Names.GetTable(Definitions.Catalog(session), statement.Table);
        RefuseNonTable(table);
        if (statement.IsConcurrent)
            session.Transaction.RefuseBlock("CREATE INDEX CONCURRENTLY", isInScript: false);
        RefuseMethod(statement);
        table = await Definitions.LockTableAsync(session, table, TableLockMode.Share, cancellation);
        session.Portals.RefuseInUse(table, "CREATE INDEX");
        ImmutableArray<short> columns = [.. statement.Elements.Select(element => ColumnOf(table, element))];
        string name = statement.Name ?? ChooseName(session, table, statement, columns);
        await Definitions.LockNameAsync(session, table.SchemaOid, name, cancellation);
        if (Definitions.Catalog(session).IsNameTaken(table.SchemaOid, name))
        {
            if (!statement.IfNotExists)
                throw Definitions.AlreadyExists(name);
            session.Notices.Notice(SqlState.DuplicateTable, $"relation \"{name}\" already exists, skipping");
            return;
        }
        IndexEntry index = new(Definitions.NextOid(session), name, columns)
        {
            IsUnique = statement.IsUnique,
            NullsNotDistinct = statement.NullsNotDistinct,
            Method = statement.Method,
            Orders = Orders(statement),
            Include = [.. statement.Include.Select(column => TableColumns.Get(table, column).Number)],
            Options = Definitions.Options(statement.Options),
        };
        if (index.IsUnique)
            await TableValidation.RequireUniqueAsync(session, table, index, cancellation);
        Definitions.Put(session, table with { Indexes = table.Indexes.Add(index) });
    }

    /// <summary>Keys need a type whose values have an order.</summary>
    /// <exception cref="SqlException">42704: the type has none.</exception>
    internal static void RequireOrder(SqlType type, string method)
    {
        if (type.Oid is not (TypeOid.Json or TypeOid.AclItem or TypeOid.PgNodeTree))
            return;
        throw new SqlException(SqlState.UndefinedObject,
            $"data type {BuiltinTypes.FormatType(type.Oid, null)} has no default operator class for access method \"{method}\"",
            hint: "You must specify an operator class for the index or define a default operator class for the data type.");
    }

    private static void RefuseNonTable(TableEntry table)
    {
        Definitions.RefuseSystem(table);
        if (table.Kind != TableKind.Table)
        {
            throw new SqlException(SqlState.WrongObjectType, $"cannot create index on relation \"{table.Name}\"")
            { Detail = "This operation is not supported for views." };
        }
    }

    private static void RefuseMethod(CreateIndexStatement statement)
    {
        switch (statement.Method)
        {
            case "btree":
                break;
            case "hash" when statement.IsUnique:
                throw new SqlException(
                    SqlState.FeatureNotSupported, "access method \"hash\" does not support unique indexes");
            case "hash" when statement.Elements.Count > 1:
                throw new SqlException(
                    SqlState.FeatureNotSupported, "access method \"hash\" does not support multicolumn indexes");
            case "hash" or "brin":
                break;
            case "hnsw" or "ivfflat":
                throw new SqlException(SqlState.FeatureNotSupported,
                    $"access method \"{statement.Method}\" is not supported yet",
                    hint: "Nearest-neighbour queries are answered exactly without an index; leave CREATE INDEX out.");
            case "gin" or "gist" or "spgist":
                throw new SqlException(SqlState.FeatureNotSupported, $"access method \"{statement.Method}\" is not supported");
            default:
                throw new SqlException(SqlState.UndefinedObject, $"access method \"{statement.Method}\" does not exist");
        }
        if (statement.Where is { } where)
        {
            throw new SqlException(SqlState.FeatureNotSupported, "partial indexes are not supported")
            { Position = where.Position };
        }
        foreach (Option option in statement.Options)
        {
            if (option.Name != "fillfactor" && option.Name != "deduplicate_items" && option.Name != "pages_per_range")
                throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized parameter \"{option.Name}\"");
        }
    }

    private static short ColumnOf(TableEntry table, IndexElement element)
    {
        if (element.Collation is { } collation)
            Collations.Check(collation);
        if (element.Expression is not ColumnReference { Name.Parts.Count: 1 } reference)
        {
            throw new SqlException(SqlState.FeatureNotSupported, "indexes on expressions are not supported",
                hint: "Index a generated column: a GENERATED ALWAYS AS (expression) STORED.")
            { Position = element.Expression.Position };
        }
        ColumnEntry column = TableColumns.Find(table, reference.Name.Name) ?? throw new SqlException(
            SqlState.UndefinedColumn, $"column \"{reference.Name.Name}\" does not exist");
        RequireOrder(column.Type, "btree");
        return column.Number;
    }

    private static ImmutableArray<string> Orders(CreateIndexStatement statement)
    {
        string[] orders = [.. statement.Elements.Select(Order)];
        return orders.All(order => order.Length == 0) ? [] : [.. orders];
    }

    private static string Order(IndexElement element) => (element.IsDescending, element.NullsFirst) switch
    {
        (true, false) => "DESC NULLS LAST",
        (true, _) => "DESC",
        (false, true) => "NULLS FIRST",
        _ => "",
    };

    private static string ChooseName(
        SessionState session, TableEntry table, CreateIndexStatement statement, ImmutableArray<short> columns)
    {
        IEnumerable<string> names = columns.Select(number => table.Column(number).Name).Concat(statement.Include);
        return Definitions.ChooseName(table.Name, string.Join('_', names), "idx",
            name => Definitions.Catalog(session).IsNameTaken(table.SchemaOid, name));
    }
}
