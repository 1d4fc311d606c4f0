using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Introspection.Families;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;

namespace VecSQL.Engine.Statements;

/// <summary>The keys of an index that is to be made, and the hidden columns that it takes to have them.</summary>
/// <remarks>
/// An expression is a column that is generated with the row: so all that reads, searches and enforces columns does the same for
/// expressions. A unique index with a predicate has keys of its own, which are null in rows that do not meet it, and nulls are unique.
/// An index of vectors with one has a column that says which rows are its own.
/// </remarks>
internal sealed class IndexDraft
{
    private readonly PlannerContext _context;
    private readonly TableEntry _table;
    private readonly CreateIndexStatement _statement;
    private readonly List<ColumnEntry> _hidden = [];
    private readonly string? _predicate;

    internal IndexDraft(SessionState session, TableEntry table, CreateIndexStatement statement)
    {
        (_context, _table, _statement) = (Definitions.Context(session), table, statement);
        bool isVector = VectorOperatorClass.IsVectorMethod(statement.Method);
        _predicate = statement.Where is { } where ? StoredExpressions.IndexPredicate(where, table, _context) : null;
        bool isApart = statement.IsUnique && _predicate is not null;
        if (isApart && statement.NullsNotDistinct)
            throw new SqlException(SqlState.FeatureNotSupported, "NULLS NOT DISTINCT of a partial index is not supported");
        List<string> names = [], expressions = [];
        var columns = ImmutableArray.CreateBuilder<short>();
        var types = ImmutableArray.CreateBuilder<SqlType>();
        foreach (IndexElement element in statement.Elements)
        {
            if (element.Collation is { } collation)
                Collations.Check(collation);
            (string sql, SqlType type, string name, short number) = Key(element);
            TableDraft.RefusePseudo(name, type);
            if (statement.Method == TextIndexOptions.Method)
                TextIndexRules.CheckType(element, type);
            else if (statement.Method == "gin")
                TextIndexRules.CheckGinType(element, type);
            else if (!isVector)
                IndexCommands.RequireOrder(type, "btree");
            bool isOwn = number > 0 && !isApart;
            name = IndexColumns.Free(name, names);
            names.Add(name);
            types.Add(type);
            expressions.Add(isOwn ? "" : sql);
            columns.Add(isOwn ? number : Hide(name, type, isApart ? $"CASE WHEN {_predicate} THEN {sql} END" : sql));
        }
        foreach (string included in statement.Include)
            names.Add(IndexColumns.Free(included, names));
        (Columns, Types, Names) = (columns.ToImmutable(), types.ToImmutable(), [.. names]);
        Expressions = expressions.TrueForAll(static sql => sql.Length == 0) ? [] : [.. expressions];
        if (isVector && _predicate is not null)
            PredicateColumn = Hide("predicate", SqlType.Bool, _predicate);
    }

    /// <summary>Whether the index keeps something beside the table's own columns.</summary>
    internal static bool HidesColumns(CreateIndexStatement statement) =>
        statement.Elements.Any(static element => element.Expression is not ColumnReference { Name.Parts.Count: 1 })
        || (statement.Where is not null && (statement.IsUnique || VectorOperatorClass.IsVectorMethod(statement.Method)));

    internal ImmutableArray<short> Columns { get; }

    internal ImmutableArray<SqlType> Types { get; }

    /// <summary>What the index is called after: its keys and included columns.</summary>
    internal ImmutableArray<string> Names { get; }

    /// <summary>The table with the index's hidden columns; the same where it needs none.</summary>
    internal TableEntry Table => _hidden.Count == 0 ? _table : _table with { Columns = _table.Columns.AddRange(_hidden) };

    private ImmutableArray<string> Expressions { get; }

    private short PredicateColumn { get; }

    internal IndexEntry Make(SessionState session, string name) => new(Definitions.NextOid(session), name, Columns)
    {
        IsUnique = _statement.IsUnique,
        NullsNotDistinct = _statement.NullsNotDistinct,
        Method = _statement.Method,
        OperatorClasses = Classes(),
        Orders = Orders(_statement),
        Expressions = Expressions,
        Predicate = _predicate,
        PredicateColumn = PredicateColumn,
        Include = [.. _statement.Include.Select(Included)],
        Options = Definitions.Options(_statement.Options),
    };

    private ImmutableArray<string> Classes()
    {
        if (VectorOperatorClass.IsVectorMethod(_statement.Method))
            return [VectorIndexRules.OperatorClassOf(_statement, Types[0])];
        string[] classes = [.. _statement.Elements.Zip(Types, (element, type) => element.OperatorClass is { } named
            ? OperatorFamily.Require(_statement.Method, named.Name, type) : "")];
        return Array.TrueForAll(classes, static name => name.Length == 0) ? [] : [.. classes];
    }

    private (string Sql, SqlType Type, string Name, short Number) Key(IndexElement element)
    {
        if (element.Expression is ColumnReference { Name.Parts.Count: 1 } reference)
        {
            ColumnEntry column = TableColumns.Find(_table, reference.Name.Name) ?? throw new SqlException(
                SqlState.UndefinedColumn, $"column \"{reference.Name.Name}\" does not exist");
            return (SqlPrinter.QuoteIdentifier(column.Name), column.Type, column.Name, column.Number);
        }
        (string sql, SqlType type) = StoredExpressions.IndexKey(element.Expression, _table, _context);
        return (IndexColumns.Enclosed(element.Expression, sql), type, QueryPlanner.NameOf(element.Expression) ?? "expr", 0);
    }

    private short Hide(string name, SqlType type, string sql)
    {
        ColumnEntry column = new((short)(_table.Columns.Length + _hidden.Count + 1), name, type)
        {
            IsHidden = true,
            IsGenerated = true,
            DefaultSql = IndexColumns.Spelled(_table, sql, _context),
        };
        _hidden.Add(column);
        return column.Number;
    }

    private short Included(string name) => (TableColumns.Find(_table, name)
        ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{name}\" does not exist")).Number;

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
}
