namespace VecSQL.Differential.Tests.Generation;

/// <summary>Statements that change rows.</summary>
internal sealed class ChangeGenerator(Dice dice, Schema schema, SelectGenerator selects, bool hasVectors)
{
    private readonly ExpressionGenerator _expressions = selects.Expressions;
    private readonly SchemaGenerator _rows = new(dice, hasVectors);

    /// <summary>What the step's changes of the table need before them: numbers that failures before have not used up.</summary>
    public static IReadOnlyList<Statement> Before(Table table, int step) =>
        table.Sequence is null ? [] : [new Statement($"ALTER SEQUENCE {table.Sequence} RESTART WITH {1000 + (step * 20)}")];

    public Statement Modification(Table table)
    {
        selects.Sources.Common.Clear();
        SqlPart part = dice.Below(20) switch
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
        if (dice.Percent(2))
            return SqlPart.Of($"INSERT INTO {table.Name} DEFAULT VALUES", Returning(table, table.Name));
        Column[] columns = [.. table.Columns.Where(column =>
            table.Computed.Contains(column.Name) ? dice.Percent(4) : table.NotNull.Contains(column.Name) || dice.Percent(75))];
        if (columns.Length == 0)
            columns = [table.Columns[0]];
        bool computes = columns.Any(column => table.Computed.Contains(column.Name));
        string overriding = computes ? dice.Pick("", "OVERRIDING SYSTEM VALUE ", "OVERRIDING USER VALUE ") : "";
        string names = string.Join(", ", columns.Select(column => column.Name));
        bool given = dice.Percent(60) || columns.Any(column => !column.Kind.IsSortable);
        SqlPart rows = given
            ? SqlPart.Of("VALUES ", SqlPart.List(Enumerable.Range(0, dice.Between(1, 3)).Select(_ => Row(table, columns))))
            : Selected(table, columns);
        SqlPart conflict = table.Key.Count > 0 && dice.Percent(50) ? Conflict(table) : SqlPart.Nothing;
        return SqlPart.Of($"INSERT INTO {table.Name} ({names}) {overriding}", rows, conflict, Returning(table, table.Name));
    }

    private SqlPart Row(Table table, IEnumerable<Column> columns) =>
        $"({string.Join(", ", columns.Select(column => dice.Percent(5) ? "DEFAULT" : _rows.Value(table, column)))})";

    /// <summary>At most a few rows of a query, in an order, so that the same are taken.</summary>
    private SqlPart Selected(Table table, Column[] columns)
    {
        From from = selects.Sources.From(outer: null, depth: 1);
        IEnumerable<SqlPart> items = columns.SelectMany((column, i) =>
            new SqlPart[] { i == 0 ? "" : ", ", Assigned(table, column, from.Scope, keyed: true) });
        SqlPart where = SqlPart.Clause(" WHERE ", _expressions.Any(from.Scope, SqlKind.Bool, 2).Part);
        return SqlPart.Of("SELECT DISTINCT ", SqlPart.Of(items), " FROM ", from.Part, where,
            $" ORDER BY {string.Join(", ", columns.Select((_, i) => i + 1))} LIMIT {dice.Between(1, 3)}");
    }

    /// <summary>An expression that the column takes; NULL may come of it where the column refuses that.</summary>
    private SqlPart Assigned(Table table, Column column, Scope scope, bool keyed)
    {
        SqlKind kind = column.Kind;
        if (!kind.IsSortable || kind == SqlKind.Jsonb || kind == SqlKind.Interval || table.Key.Contains(column.Name))
            return $"{_rows.Value(table, column)}::{kind}";
        // What is stored keeps to the column's bound, so that what is computed of it does not overflow.
        Expression value = _expressions.Any(scope, kind, 2, column.Bound);
        SqlPart part = keyed && kind.HasEqualForms ? ExpressionGenerator.Keyed(value).Part : value.Part;
        bool text = kind == SqlKind.Varchar || kind == SqlKind.Bpchar;
        part = text ? SqlPart.Of("left((", part, ")::text, 6)") : kind == SqlKind.Vector ? $"{_rows.Value(table, column)}::vector" : part;
        return table.NotNull.Contains(column.Name) && dice.Percent(80)
            ? SqlPart.Of("COALESCE(", part, $", {_rows.Value(table, column)})")
            : part;
    }

    private SqlPart Conflict(Table table)
    {
        string target = dice.Percent(15) && !table.IsView ? $" ON CONFLICT ON CONSTRAINT {table.Name}_pkey"
            : table.Unique.Count > 0 && dice.Percent(25) ? $" ON CONFLICT ({table.Unique.First()})"
            : $" ON CONFLICT ({string.Join(", ", table.Key)})";
        Column[] others = Changeable(table);
        if (others.Length == 0 || dice.Percent(40))
            return SqlPart.Clause(dice.Percent(50) ? target : " ON CONFLICT", " DO NOTHING");
        IEnumerable<SqlPart> sets = dice.Some(others, 3).Select(column => SqlPart.Of($"{column.Name} = ",
            dice.Percent(60) ? $"excluded.{column.Name}" : Assigned(table, column, Own(table), keyed: false)));
        SqlPart where = dice.Percent(30) ? SqlPart.Clause(" WHERE ", _expressions.Any(Own(table), SqlKind.Bool, 2).Part) : SqlPart.Nothing;
        return SqlPart.Clause(target, " DO UPDATE SET ", SqlPart.List(sets), where);
    }

    private static Scope Own(Table table, string? alias = null) =>
        Scope.Over([new Relation(alias ?? table.Name, table.Columns, table.Key, 1)], outer: null);

    private SqlPart Returning(Table table, string alias)
    {
        if (!dice.Percent(50))
            return SqlPart.Nothing;
        if (dice.Percent(30))
            return SqlPart.Clause($" RETURNING {alias}.*");
        SqlKind kind = _expressions.AnyKind();
        return SqlPart.Clause(" RETURNING ", _expressions.Any(Own(table, alias), kind, 2).Part, $" AS x, {alias}.{table.Columns[0].Name}");
    }

    private SqlPart Update(Table table)
    {
        Column[] others = Changeable(table);
        if (others.Length == 0)
            others = [.. table.Columns];
        Scope scope = Own(table, "u");
        SqlPart from = SqlPart.Nothing, join = "true";
        Table other = dice.Pick(schema.Tables);
        Column? link = other.Key.Count == 1 ? table.Columns.FirstOrDefault(column => column.Kind == other.Columns[0].Kind) : null;
        if (link is not null && dice.Percent(40))
        {
            // By its key, so that no row is met twice.
            from = $" FROM {other.Name} AS o";
            join = $"u.{link.Name} = o.{other.Key[0]}";
            scope = Scope.Over([new Relation("u", table.Columns, [], 1), new Relation("o", other.Columns, [], 1)], outer: null);
        }
        IEnumerable<SqlPart> sets = dice.Some(others, 3).Select(column => Set(table, column, scope));
        if (others.Length > 1 && dice.Percent(20))
        {
            IReadOnlyList<Column> pair = dice.Some(others, 2);
            IEnumerable<SqlPart> values = pair.SelectMany((column, i) =>
                new SqlPart[] { i == 0 ? "" : ", ", Assigned(table, column, scope, keyed: false) });
            string names = string.Join(", ", pair.Select(column => column.Name));
            sets = [SqlPart.Of($"({names}) = ", dice.Pick("ROW(", "(SELECT "), SqlPart.Of(values), ")")];
        }
        SqlPart where = SqlPart.Of(" WHERE ", join, SqlPart.Clause(" AND ", _expressions.Any(scope, SqlKind.Bool, 2).Part));
        return SqlPart.Of($"UPDATE {table.Name} AS u SET ", SqlPart.List(sets), from, where, Returning(table, "u"));
    }

    /// <summary>A column set to a value, or a part of it.</summary>
    private SqlPart Set(Table table, Column column, Scope scope)
    {
        if (column.Kind == SqlKind.Integers && dice.Percent(50))
        {
            return dice.Percent(70)
                ? SqlPart.Of($"{column.Name}[{dice.Between(0, 4)}] = ", _expressions.Any(scope, SqlKind.Int4, 2).Part)
                : SqlPart.Of($"{column.Name}[1:2] = ", _expressions.Leaf(scope, SqlKind.Integers, 0).Part);
        }
        if (column.Kind == SqlKind.Jsonb && dice.Percent(40))
        {
            string key = dice.Pick("'a'", "'b'", "0", "'c'");
            return SqlPart.Of($"{column.Name}[{key}] = to_jsonb(", _expressions.Any(scope, SqlKind.Int4, 2).Part, ")");
        }
        return dice.Percent(5)
            ? $"{column.Name} = DEFAULT"
            : SqlPart.Of($"{column.Name} = ", Assigned(table, column, scope, keyed: false));
    }

    private Column[] Changeable(Table table) => [.. table.Columns.Where(column =>
        !table.Key.Contains(column.Name) && (!table.Computed.Contains(column.Name) || dice.Percent(2)))];

    private SqlPart Delete(Table table)
    {
        Table other = dice.Pick(schema.Tables);
        bool uses = dice.Percent(30);
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
        Column[] others = Changeable(table);
        if (table.Key.Count != 1 || others.Length == 0 || table.IsView)
            return Update(table);
        Column set = dice.Pick(others);
        Column[] given = [.. table.Columns.Where(column => !table.Computed.Contains(column.Name))];
        string names = string.Join(", ", given.Select(column => column.Name));
        string values = string.Join(", ", given.Select(column =>
            column.Name == table.Key[0] ? $"s.{column.Name}" : $"{_rows.Value(table, column)}::{column.Kind}"));
        SqlPart action = dice.Percent(50)
            ? SqlPart.Of($" WHEN MATCHED THEN UPDATE SET {set.Name} = ", Assigned(table, set, Own(table, "m"), keyed: false))
            : " WHEN MATCHED THEN DELETE";
        string key = table.Key[0], source = $"SELECT {_rows.Value(table, table.Columns[0])}::{table.Columns[0].Kind} AS {key}";
        return SqlPart.Of($"MERGE INTO {table.Name} AS m USING ({source}) AS s ON m.{key} = s.{key}",
            action, $" WHEN NOT MATCHED THEN INSERT ({names}) VALUES ({values})");
    }

    /// <summary>A change inside WITH, and a query over what it returns.</summary>
    private SqlPart Writing(Table table)
    {
        SqlPart change = dice.Below(3) switch
        {
            0 => SqlPart.Of($"DELETE FROM {table.Name} AS d WHERE ", _expressions.Any(Own(table, "d"), SqlKind.Bool, 2).Part),
            1 => Update(table with { Key = [.. table.Key] }),
            _ => Insert(table),
        };
        string text = change.ToString();
        int returning = text.LastIndexOf(" RETURNING ", StringComparison.Ordinal);
        SqlPart bare = returning < 0 ? change : text[..returning];
        selects.Sources.Common.Add(new Relation("w", table.Columns, table.Key, table.RowsMax));
        Query query = selects.Query(outer: null, wanted: null, depth: 1, limits: false);
        string own = text[0] switch { 'D' => "d", 'U' => "u", _ => table.Name };
        return SqlPart.Of("WITH w AS (", bare, $" RETURNING {own}.*) ", query.Part);
    }
}
