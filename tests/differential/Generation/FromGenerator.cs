namespace VecSQL.Differential.Tests.Generation;

/// <summary>A FROM clause.</summary>
/// <param name="Identity">Columns that tell its rows apart; empty where nothing does.</param>
internal sealed record From(SqlPart Part, IReadOnlyList<Relation> Relations, Scope Scope, IReadOnlyList<string> Identity, int RowsMax);

/// <summary>Tables, subqueries and functions, and how they are joined.</summary>
internal sealed class FromGenerator(Dice dice, Schema schema, ExpressionGenerator expressions, SelectGenerator selects)
{
    /// <summary>Joins are made while the rows they may have are fewer.</summary>
    private const int RowsMost = 120_000;

    private int _aliases;

    /// <summary>Common tables of the statement that may be named in FROM.</summary>
    public List<Relation> Common { get; } = [];

    public string Alias() => $"r{++_aliases}";

    public From From(Scope? outer, int depth)
    {
        (SqlPart part, Relation first) = Source(outer, depth);
        List<Relation> relations = [first];
        int rows = first.RowsMax;
        for (int more = dice.Percent(50) ? 0 : dice.Between(1, 2); more > 0; more--)
        {
            bool lateral = depth > 1 && dice.Percent(15);
            (SqlPart source, Relation next) = lateral ? Lateral(relations, outer, depth) : Source(outer, depth);
            int most = outer is null ? RowsMost : 1_000;
            if (rows * (long)next.RowsMax > most)
                break;
            rows *= next.RowsMax;
            if (!lateral && more > 1 && dice.Percent(40) && Source(outer, depth) is { } inner && rows * (long)inner.Relation.RowsMax <= most)
            {
                // a JOIN (b JOIN c ON …) ON …
                rows *= inner.Relation.RowsMax;
                SqlPart nested = SqlPart.Of("(", Joined(source, [next], inner.Part, inner.Relation, outer, isLast: false), ")");
                part = Joined(part, relations, nested, next, outer, isLast: true, isNested: true);
                relations.AddRange([next, inner.Relation]);
                break;
            }
            bool cross = dice.Percent(50);
            part = lateral
                ? SqlPart.Of(part, SqlPart.Clause(cross ? " CROSS JOIN " : " LEFT JOIN ", source, cross ? "" : " ON true"))
                : Joined(part, relations, source, next, outer, isLast: more == 1);
            relations.Add(next);
        }
        IReadOnlyList<string> identity = relations.All(relation => relation.Key.Count > 0)
            ? [.. relations.SelectMany(relation => relation.Key.Select(column => $"{relation.Alias}.{column}"))]
            : [];
        return new From(part, relations, Scope.Over(relations, outer), identity, rows);
    }

    /// <summary>A table of the schema under a name of its own.</summary>
    public (SqlPart Part, Relation Relation) Table(Table table)
    {
        string alias = Alias();
        string name = dice.Percent(4) && !table.IsView ? $"ONLY {table.Name}" : table.Name;
        return ($"{name} {alias}{(dice.Percent(2) && !table.IsView ? " TABLESAMPLE SYSTEM (100)" : "")}", new Relation(alias, table.Columns, table.Key, table.RowsMax));
    }

    private SqlPart Joined(SqlPart left, List<Relation> before, SqlPart source, Relation next, Scope? outer, bool isLast, bool isNested = false)
    {
        string kind = dice.Pick("INNER", "INNER", "LEFT", "LEFT", "RIGHT", "FULL", "CROSS", ",");
        if (kind == ",")
            return SqlPart.Of(left, isLast ? ", " : " CROSS JOIN ", source);
        if (kind == "CROSS")
            return SqlPart.Of(left, " CROSS JOIN ", source);
        SqlPart? equality = Equality(before, next);
        if (kind == "FULL" && equality is null)
            kind = "LEFT"; // PostgreSQL has FULL JOIN by equality only
        if (!isNested && before.Count == 1 && dice.Percent(15) && SameId(before[0], next))
            return SqlPart.Of(left, $" {kind} JOIN ", source, " USING (id)");
        SqlPart on = equality ?? "1 = 1";
        if (kind != "FULL" && dice.Percent(30))
        {
            Scope both = Scope.Over([.. before, next], outer);
            on = SqlPart.Of(on, SqlPart.Clause(dice.Pick(" AND ", " AND ", " OR "), expressions.Any(both, SqlKind.Bool, 2).Part));
        }
        return SqlPart.Of(left, $" {kind} JOIN ", source, " ON ", on);
    }

    private static bool SameId(Relation left, Relation right) =>
        left.Columns.FirstOrDefault(column => column.Name == "id") is { } own
        && right.Columns.Any(column => column.Name == "id" && column.Kind == own.Kind);

    /// <summary>Equality of a column of either side; null where they have no type in common.</summary>
    private SqlPart? Equality(List<Relation> before, Relation next)
    {
        (Relation Relation, Column Left, Column Right)[] pairs =
        [
            .. from relation in before
               from left in relation.Columns
               from right in next.Columns
               where left.Kind == right.Kind && left.Kind.IsSortable && left.Kind != SqlKind.Vector // which PostgreSQL cannot hash
               select (relation, left, right),
        ];
        if (pairs.Length == 0)
            return null;
        (Relation relation2, Column left2, Column right2) = dice.Pick(pairs);
        return $"{relation2.Alias}.{left2.Name} = {next.Alias}.{right2.Name}";
    }

    private (SqlPart Part, Relation Relation) Source(Scope? outer, int depth)
    {
        int choice = dice.Below(100);
        if (Common.Count > 0 && dice.Percent(50))
        {
            Relation common = dice.Pick(Common);
            string alias = Alias();
            return ($"{common.Alias} {alias}", common with { Alias = alias });
        }
        if (depth > 1 && choice < 18)
            return Derived(outer, depth, "");
        if (choice < 24)
            return Values();
        if (choice < 32)
            return Function(outer);
        if (choice < 42 && schema.Views.Count > 0)
        {
            Relation view = dice.Pick(schema.Views);
            string alias = Alias();
            return ($"{view.Alias} AS {alias}", view with { Alias = alias });
        }
        Table[] tables = outer is null ? [.. schema.Tables] : [.. schema.Tables.Where(table => table.RowsMax <= SchemaGenerator.RowsMax)];
        return tables.Length == 0 ? Values() : Table(dice.Pick(tables));
    }

    private (SqlPart Part, Relation Relation) Lateral(List<Relation> before, Scope? outer, int depth) => dice.Percent(35)
        ? Function(Scope.Over(before, outer))
        : Derived(Scope.Over(before, outer), depth, "LATERAL ");

    private (SqlPart Part, Relation Relation) Derived(Scope? outer, int depth, string prefix)
    {
        // Without LATERAL a subquery in FROM sees what is around the query, and not its neighbours.
        Query query = selects.Query(outer, wanted: null, depth - 1, dice.Percent(25));
        string alias = Alias();
        return (SqlPart.Of($"{prefix}(", query.Part, $") AS {alias}"), new Relation(alias, query.Columns, [], query.RowsMax));
    }

    private (SqlPart Part, Relation Relation) Values()
    {
        string alias = Alias();
        Column[] columns = [.. Enumerable.Range(1, dice.Between(1, 3)).Select(i =>
        {
            SqlKind kind = expressions.AnyKind();
            return new Column($"v{i}", kind, ValueGenerator.ColumnBound(kind));
        })];
        int rows = dice.Between(1, 4);
        // The types of the first row decide; the casts of the constants say them all the same.
        SqlPart list = SqlPart.List(Enumerable.Range(0, rows).Select(_ => SqlPart.Of(
            "(", string.Join(", ", columns.Select(column => $"({expressions.Constant(column.Kind).Part})::{column.Kind}")), ")")));
        return (SqlPart.Of("(VALUES ", list, $") AS {alias}({string.Join(", ", columns.Select(column => column.Name))})"),
            new Relation(alias, columns, [], rows));
    }

    private (SqlPart Part, Relation Relation) Function(Scope? outer)
    {
        string alias = Alias();
        Scope scope = outer ?? Scope.Empty;
        if (schema.Routines.FirstOrDefault(routine => routine.Rows.Count > 0) is { } set && dice.Percent(40))
            return (SqlPart.Of(expressions.Invocation(set, scope, 1), $" AS {alias}"), new Relation(alias, set.Rows, [], set.RowsMax));
        if (dice.Percent(20))
            return Columns(scope, alias);
        (SqlPart call, SqlKind kind) = dice.Below(12) switch
        {
            0 => (SqlPart.Of($"generate_series({dice.Between(-2, 2)}, {dice.Between(1, 6)})"), SqlKind.Int4),
            1 => (SqlPart.Of($"generate_series({dice.Between(-2, 2)}::int8, {dice.Between(5, 12)}, {dice.Between(1, 4)})"), SqlKind.Int8),
            2 => (Of("unnest", SqlKind.Integers), SqlKind.Int4),
            3 => (Of("unnest", SqlKind.Texts), SqlKind.Text),
            4 => (Of("regexp_split_to_table", SqlKind.Text, ", 'o|a'"), SqlKind.Text),
            5 => (Of("string_to_table", SqlKind.Text, dice.Pick(", 'a'", ", NULL", ", 'o', 'f'")), SqlKind.Text),
            6 => (Of("jsonb_path_query", SqlKind.Jsonb, dice.Pick(", '$.*'", ", '$[*]'", ", '$.**'", ", 'strict $.a[*]', '{}', true")), SqlKind.Jsonb),
            7 => (Of("unnest", SqlKind.Dates), SqlKind.Date),
            8 => (SqlPart.Of("jsonb_array_elements_text(jsonb_path_query_array(", Leaf(SqlKind.Jsonb), ", '$[*]'))"), SqlKind.Text),
            9 => (SqlPart.Of("generate_subscripts(", Leaf(SqlKind.Texts), ", 1", dice.Pick("", ", true"), ")"), SqlKind.Int4),
            10 => (SqlPart.Of($"generate_series({dice.Between(-2, 2)}.5, {dice.Between(1, 4)}, 0.75)"), SqlKind.Numeric),
            _ => (SqlPart.Of($"generate_series('2024-01-0{dice.Between(1, 5)}'::timestamp, '2024-01-09', '{dice.Between(9, 40)} hours')"), SqlKind.Timestamp),
        };
        return dice.Percent(70)
            ? (SqlPart.Of(call, $" AS {alias}(f)"), new Relation(alias, [new Column("f", kind, 1e6)], [], 12))
            : (SqlPart.Of(call, $" WITH ORDINALITY AS {alias}(f, o)"),
                new Relation(alias, [new Column("f", kind, 1e6), new Column("o", SqlKind.Int8, 100)], ["o"], 12));

        SqlPart Leaf(SqlKind argument) => expressions.Leaf(scope, argument, 0).Part;
        SqlPart Of(string name, SqlKind argument, string rest = "") => SqlPart.Of($"{name}(", Leaf(argument), $"{rest})");
    }

    /// <summary>A function, or several side by side, with more than one column.</summary>
    private (SqlPart Part, Relation Relation) Columns(Scope scope, string alias)
    {
        SqlPart leaf(SqlKind kind) => expressions.Leaf(scope, kind, 0).Part;
        SqlPart value = expressions.Any(scope, SqlKind.Int4, 1).Part;
        (SqlPart call, string names, SqlKind[] kinds) = dice.Below(5) switch
        {
            0 => (SqlPart.Of("unnest(", leaf(SqlKind.Integers), ", ", leaf(SqlKind.Texts), ")"), "(x, y)", [SqlKind.Int4, SqlKind.Text]),
            1 => (SqlPart.Of("ROWS FROM (generate_series(1, 3), unnest(", leaf(SqlKind.Numerics), "))"), "(x, y)", [SqlKind.Int4, SqlKind.Numeric]),
            2 => (SqlPart.Of("jsonb_each_text(jsonb_build_object('p', ", value, ", 'q', 'z'))"), "(x, y)", [SqlKind.Text, SqlKind.Text]),
            3 => (SqlPart.Of("jsonb_to_recordset(jsonb_build_array(jsonb_build_object('x', ", value, ", 'y', 'v'), '{\"y\": \"w\"}'::jsonb))"), "(x int4, y text)",
                new[] { SqlKind.Int4, SqlKind.Text }),
            _ => (SqlPart.Of("jsonb_each(jsonb_build_object('p', ", value, ", 'q', ", leaf(SqlKind.Jsonb), "))"), "(x, y)", [SqlKind.Text, SqlKind.Jsonb]),
        };
        return (SqlPart.Of(call, $" AS {alias}{names}"),
            new Relation(alias, [new Column("x", kinds[0], 1e9), new Column("y", kinds[1], ValueGenerator.ColumnBound(kinds[1]))], [], 12));
    }
}
