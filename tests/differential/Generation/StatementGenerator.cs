namespace VecSQL.Differential.Tests.Generation;

/// <summary>What is run as one: a query, a change, or a transaction of several.</summary>
/// <param name="HasBlock">Its statements begin and end transactions themselves.</param>
internal sealed record Step(IReadOnlyList<Statement> Statements, bool HasBlock);

/// <summary>Whole statements.</summary>
internal sealed class StatementGenerator
{
    private readonly Dice _dice;
    private readonly Schema _schema;
    private readonly SelectGenerator _selects;
    private readonly ExpressionGenerator _expressions;
    private readonly SchemaGenerator _rows;

    public StatementGenerator(Dice dice, Schema schema, bool hasVectors)
    {
        _dice = dice;
        _schema = schema;
        _selects = new SelectGenerator(dice, schema, hasVectors);
        _expressions = _selects.Expressions;
        _rows = new SchemaGenerator(dice, hasVectors);
    }

    public Step Step()
    {
        int choice = _dice.Below(100);
        return choice switch
        {
            < 8 => new Step([Prepared(Failing())], HasBlock: false),
            < 76 => new Step([Prepared(Read())], HasBlock: false),
            < 95 => Change(),
            _ => Transaction(),
        };
    }

    private Statement Read()
    {
        _selects.Sources.Common.Clear();
        SqlPart with = _dice.Percent(22) ? With() : SqlPart.Nothing;
        Query query = _selects.Outermost(depth: 3);
        return new Statement(SqlPart.Of(with, query.Part), query.OrderedBy);
    }

    /// <summary>One expression for every row of a table.</summary>
    private Statement Failing()
    {
        (SqlPart table, Relation relation) = _selects.Sources.Table(_dice.Pick(_schema.Tables));
        Expression expression = _expressions.Failing(Scope.Over([relation], outer: null));
        return new Statement(SqlPart.Of("SELECT ", expression.Part, " AS c1 FROM ", table));
    }

    /// <summary>The same statement with parameters for some of its constants, by the extended protocol, now and then.</summary>
    private Statement Prepared(Statement statement)
    {
        if (!_dice.Percent(30))
            return statement;
        List<Literal> parameters = [];
        SqlPart part = statement.Part.Map(inner =>
        {
            if (inner.Literal is not { Kind.Oid: > 0 } literal || parameters.Count == 20 || !_dice.Percent(40))
                return null;
            parameters.Add(literal);
            return SqlPart.Of($"${parameters.Count}") with { Sort = inner.Sort, Simplest = inner.Simplest };
        });
        return statement with { Part = part, Parameters = parameters, IsBinary = _dice.Percent(40) && !part.ToString().Contains("vector", StringComparison.Ordinal) };
    }

    private SqlPart With()
    {
        List<SqlPart> parts = [];
        bool recursive = _dice.Percent(35);
        for (int count = _dice.Between(1, 2); count > 0; count--)
        {
            string name = _selects.Sources.Alias();
            if (recursive && count == 1)
            {
                parts.Add(Recursion(name));
                continue;
            }
            Query query = _selects.Query(outer: null, wanted: null, depth: 2, _dice.Percent(20));
            parts.Add(SqlPart.Of($"{name} AS {_dice.Pick("", "", "MATERIALIZED ", "NOT MATERIALIZED ")}(", query.Part, ")"));
            _selects.Sources.Common.Add(new Relation(name, query.Columns, [], query.RowsMax));
        }
        return SqlPart.Of(recursive ? "WITH RECURSIVE " : "WITH ", SqlPart.List(parts), " ");
    }

    /// <summary>A query that counts upwards from the rows of another, some columns of which change on the way.</summary>
    private SqlPart Recursion(string name)
    {
        SqlKind kind = _expressions.SortableKind();
        Query start = _selects.Query(outer: null, [kind], depth: 1, limits: false);
        Relation self = new(name, [new Column("n", SqlKind.Int4, 10), new Column("x", kind, kind.BoundMax)], [], 1);
        SqlPart next = _expressions.Any(Scope.Over([self], null), kind, 2).Part;
        string union = kind.HasEqualForms || kind == SqlKind.Vector ? "UNION ALL" : _dice.Pick("UNION", "UNION ALL");
        _selects.Sources.Common.Add(self with { RowsMax = Math.Min(start.RowsMax, 400) * 4 });
        return SqlPart.Of($"{name}(n, x) AS (SELECT 1, (s.c1)::{kind} FROM (", start.Part,
            $") AS s {union} SELECT n + 1, (", next, $")::{kind} FROM {name} WHERE n < {_dice.Between(2, 4)})");
    }

    private Step Change()
    {
        Table table = _dice.Pick(_schema.Tables);
        Statement change = Prepared(Modification(table));
        return new Step([change, Content(table)], HasBlock: false);
    }

    private Step Transaction()
    {
        List<Statement> statements = [new Statement($"BEGIN{_dice.Pick("", " ISOLATION LEVEL REPEATABLE READ", " READ WRITE")}")];
        Table table = _dice.Pick(_schema.Tables);
        bool saved = false;
        for (int count = _dice.Between(2, 5); count > 0; count--)
        {
            switch (_dice.Below(6))
            {
                case 0:
                    statements.Add(new Statement("SAVEPOINT s"));
                    saved = true;
                    break;
                case 1 when saved:
                    statements.Add(new Statement(_dice.Pick("ROLLBACK TO s", "ROLLBACK TO SAVEPOINT s", "RELEASE s")));
                    saved = !statements[^1].Text.StartsWith("RELEASE", StringComparison.Ordinal);
                    break;
                case 2:
                    statements.Add(Content(table));
                    break;
                default:
                    statements.Add(Modification(table));
                    break;
            }
        }
        statements.Add(new Statement(_dice.Pick("COMMIT", "ROLLBACK", "END")));
        statements.Add(Content(table));
        return new Step(statements, HasBlock: true);
    }

    private static Statement Content(Table table) => new($"SELECT * FROM {table.Name}");

    private Statement Modification(Table table)
    {
        _selects.Sources.Common.Clear();
        SqlPart part = _dice.Below(20) switch
        {
            < 8 => Insert(table),
            < 14 => Update(table),
            < 17 => Delete(table),
            < 18 => Merge(table),
            _ => Writing(table),
        };
        return new Statement(part, [], Writes: table.Name);
    }

    private SqlPart Insert(Table table)
    {
        Column[] columns = [.. table.Columns.Where(column => table.NotNull.Contains(column.Name) || _dice.Percent(75))];
        if (columns.Length == 0)
            columns = [table.Columns[0]];
        string names = string.Join(", ", columns.Select(column => column.Name));
        bool given = _dice.Percent(60) || columns.Any(column => !column.Kind.IsSortable);
        SqlPart rows = given
            ? SqlPart.Of("VALUES ", SqlPart.List(Enumerable.Range(0, _dice.Between(1, 3)).Select(_ => Row(table, columns))))
            : Selected(table, columns);
        SqlPart conflict = table.Key.Count > 0 && _dice.Percent(50) ? Conflict(table) : SqlPart.Nothing;
        return SqlPart.Of($"INSERT INTO {table.Name} ({names}) ", rows, conflict, Returning(table, table.Name));
    }

    private SqlPart Row(Table table, IEnumerable<Column> columns) =>
        $"({string.Join(", ", columns.Select(column => _dice.Percent(5) ? "DEFAULT" : _rows.Value(table, column)))})";

    /// <summary>At most a few rows of a query, in an order, so that the same are taken.</summary>
    private SqlPart Selected(Table table, Column[] columns)
    {
        From from = _selects.Sources.From(outer: null, depth: 1);
        IEnumerable<SqlPart> items = columns.SelectMany((column, i) =>
            new SqlPart[] { i == 0 ? "" : ", ", Assigned(table, column, from.Scope, keyed: true) });
        SqlPart where = SqlPart.Clause(" WHERE ", _expressions.Any(from.Scope, SqlKind.Bool, 2).Part);
        return SqlPart.Of("SELECT DISTINCT ", SqlPart.Of(items), " FROM ", from.Part, where,
            $" ORDER BY {string.Join(", ", columns.Select((_, i) => i + 1))} LIMIT {_dice.Between(1, 3)}");
    }

    /// <summary>An expression that the column takes; NULL may come of it where the column refuses that.</summary>
    private SqlPart Assigned(Table table, Column column, Scope scope, bool keyed)
    {
        SqlKind kind = column.Kind;
        if (!kind.IsSortable || kind == SqlKind.Jsonb || kind == SqlKind.Interval || table.Key.Contains(column.Name))
            return $"{_rows.Value(table, column)}::{kind}";
        Expression value = _expressions.Any(scope, kind, 2, Math.Min(kind.BoundMax, 9e5));
        SqlPart part = keyed && kind.HasEqualForms ? ExpressionGenerator.Keyed(value).Part : value.Part;
        bool text = kind == SqlKind.Varchar || kind == SqlKind.Bpchar;
        part = text ? SqlPart.Of("left((", part, ")::text, 6)") : kind == SqlKind.Vector ? $"{_rows.Value(table, column)}::vector" : part;
        return table.NotNull.Contains(column.Name) && _dice.Percent(80)
            ? SqlPart.Of("COALESCE(", part, $", {_rows.Value(table, column)})")
            : part;
    }

    private SqlPart Conflict(Table table)
    {
        string target = $" ON CONFLICT ({string.Join(", ", table.Key)})";
        Column[] others = [.. table.Columns.Where(column => !table.Key.Contains(column.Name))];
        if (others.Length == 0 || _dice.Percent(40))
            return SqlPart.Clause(_dice.Percent(50) ? target : " ON CONFLICT", " DO NOTHING");
        IEnumerable<SqlPart> sets = _dice.Some(others, 3).Select(column => SqlPart.Of($"{column.Name} = ",
            _dice.Percent(60) ? $"excluded.{column.Name}" : Assigned(table, column, Own(table), keyed: false)));
        SqlPart where = _dice.Percent(30) ? SqlPart.Clause(" WHERE ", _expressions.Any(Own(table), SqlKind.Bool, 2).Part) : SqlPart.Nothing;
        return SqlPart.Clause(target, " DO UPDATE SET ", SqlPart.List(sets), where);
    }

    private static Scope Own(Table table, string? alias = null) =>
        Scope.Over([new Relation(alias ?? table.Name, table.Columns, table.Key, 1)], outer: null);

    private SqlPart Returning(Table table, string alias)
    {
        if (!_dice.Percent(50))
            return SqlPart.Nothing;
        if (_dice.Percent(30))
            return SqlPart.Clause($" RETURNING {alias}.*");
        SqlKind kind = _expressions.AnyKind();
        return SqlPart.Clause(" RETURNING ", _expressions.Any(Own(table, alias), kind, 2).Part, $" AS x, {alias}.{table.Columns[0].Name}");
    }

    private SqlPart Update(Table table)
    {
        Column[] others = [.. table.Columns.Where(column => !table.Key.Contains(column.Name))];
        Scope scope = Own(table, "u");
        SqlPart from = SqlPart.Nothing, join = "true";
        Table other = _dice.Pick(_schema.Tables);
        Column? link = other.Key.Count == 1 ? table.Columns.FirstOrDefault(column => column.Kind == other.Columns[0].Kind) : null;
        if (link is not null && _dice.Percent(40))
        {
            // By its key, so that no row is met twice.
            from = $" FROM {other.Name} AS o";
            join = $"u.{link.Name} = o.{other.Key[0]}";
            scope = Scope.Over([new Relation("u", table.Columns, [], 1), new Relation("o", other.Columns, [], 1)], outer: null);
        }
        IEnumerable<SqlPart> sets = _dice.Some(others, 3)
            .Select(column => SqlPart.Of($"{column.Name} = ", Assigned(table, column, scope, keyed: false)));
        if (others.Length > 1 && _dice.Percent(20))
        {
            IReadOnlyList<Column> pair = _dice.Some(others, 2);
            IEnumerable<SqlPart> values = pair.SelectMany((column, i) =>
                new SqlPart[] { i == 0 ? "" : ", ", Assigned(table, column, scope, keyed: false) });
            string names = string.Join(", ", pair.Select(column => column.Name));
            sets = [SqlPart.Of($"({names}) = ", _dice.Pick("ROW(", "(SELECT "), SqlPart.Of(values), ")")];
        }
        SqlPart where = SqlPart.Of(" WHERE ", join, SqlPart.Clause(" AND ", _expressions.Any(scope, SqlKind.Bool, 2).Part));
        return SqlPart.Of($"UPDATE {table.Name} AS u SET ", SqlPart.List(sets), from, where, Returning(table, "u"));
    }

    private SqlPart Delete(Table table)
    {
        Table other = _dice.Pick(_schema.Tables);
        bool uses = _dice.Percent(30);
        Scope scope = uses
            ? Scope.Over([new Relation("d", table.Columns, [], 1), new Relation("o", other.Columns, [], 1)], outer: null)
            : Own(table, "d");
        SqlPart where = SqlPart.Of(
            " WHERE ", _expressions.Any(scope, SqlKind.Bool, 2).Part, " AND ", _expressions.Any(Own(table, "d"), SqlKind.Bool, 2).Part);
        // With USING a row may be met by several, of which one returns it: what it returns is of its own.
        return SqlPart.Of($"DELETE FROM {table.Name} AS d", uses ? $" USING {other.Name} AS o" : "", where, Returning(table, "d"));
    }

    private SqlPart Merge(Table table)
    {
        Column[] others = [.. table.Columns.Where(column => !table.Key.Contains(column.Name))];
        if (table.Key.Count != 1 || others.Length == 0)
            return Update(table);
        Column set = _dice.Pick(others);
        string names = string.Join(", ", table.Columns.Select(column => column.Name));
        string values = string.Join(", ", table.Columns.Select(column =>
            column.Name == table.Key[0] ? $"s.{column.Name}" : $"{_rows.Value(table, column)}::{column.Kind}"));
        SqlPart action = _dice.Percent(50)
            ? SqlPart.Of($" WHEN MATCHED THEN UPDATE SET {set.Name} = ", Assigned(table, set, Own(table, "m"), keyed: false))
            : " WHEN MATCHED THEN DELETE";
        string key = table.Key[0], source = $"SELECT {_rows.Value(table, table.Columns[0])}::{table.Columns[0].Kind} AS {key}";
        return SqlPart.Of($"MERGE INTO {table.Name} AS m USING ({source}) AS s ON m.{key} = s.{key}",
            action, $" WHEN NOT MATCHED THEN INSERT ({names}) VALUES ({values})");
    }

    /// <summary>A change inside WITH, and a query over what it returns.</summary>
    private SqlPart Writing(Table table)
    {
        SqlPart change = _dice.Below(3) switch
        {
            0 => SqlPart.Of($"DELETE FROM {table.Name} AS d WHERE ", _expressions.Any(Own(table, "d"), SqlKind.Bool, 2).Part),
            1 => Update(table with { Key = [.. table.Key] }),
            _ => Insert(table),
        };
        string text = change.ToString();
        int returning = text.LastIndexOf(" RETURNING ", StringComparison.Ordinal);
        SqlPart bare = returning < 0 ? change : text[..returning];
        _selects.Sources.Common.Add(new Relation("w", table.Columns, table.Key, table.RowsMax));
        Query query = _selects.Query(outer: null, wanted: null, depth: 1, limits: false);
        string own = text[0] switch { 'D' => "d", 'U' => "u", _ => table.Name };
        return SqlPart.Of("WITH w AS (", bare, $" RETURNING {own}.*) ", query.Part);
    }
}
