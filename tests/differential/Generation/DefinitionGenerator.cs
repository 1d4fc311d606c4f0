namespace VecSQL.Differential.Tests.Generation;

/// <summary>Changes of definitions, and what is seen of them before they are rolled back.</summary>
internal sealed class DefinitionGenerator(Dice dice, Schema schema, SelectGenerator selects)
{
    private readonly ExpressionGenerator _expressions = selects.Expressions;

    public Step Step()
    {
        selects.Sources.Common.Clear();
        Table table = dice.Pick(schema.Tables.Where(table => !table.IsView).ToArray());
        Column column = dice.Pick(table.Columns);
        int choice = dice.Below(16);
        if (choice is 3 or 4 or 10 or 12 && schema.Routines.Any(static routine => routine.Reads))
            choice = 0; // functions that read the table would be in the way
        IReadOnlyList<SqlPart> made = choice switch
        {
            0 or 1 => Generated(table),
            2 => [SqlPart.Of($"ALTER TABLE {table.Name} ADD CONSTRAINT k CHECK (", Over(table, SqlKind.Bool), ")"), Content(table)],
            3 or 4 => Retyped(table, column),
            5 => [SqlPart.Of("CREATE TABLE x AS ", Query()), "SELECT * FROM x"],
            6 => [SqlPart.Of("CREATE TEMP TABLE x AS ", Query(), dice.Pick("", " WITH NO DATA")), "SELECT * FROM x"],
            7 =>
            [
                $"CREATE TABLE x (LIKE {table.Name} INCLUDING {dice.Pick("ALL", "DEFAULTS", "GENERATED", "INDEXES")})",
                $"INSERT INTO x SELECT * FROM {table.Name}", "SELECT * FROM x",
            ],
            8 => [SqlPart.Of("CREATE VIEW x AS ", Query()), "SELECT * FROM x"],
            9 => [$"TRUNCATE {table.Name}{dice.Pick("", " CASCADE", " RESTART IDENTITY")}", .. schema.ChangedBy(table).Select(Content)],
            10 => [$"ALTER TABLE {table.Name} DROP COLUMN {column.Name}{dice.Pick("", " CASCADE")}", Content(table)],
            11 =>
            [
                $"ALTER TABLE {table.Name} ALTER {column.Name} {dice.Pick("SET NOT NULL", "DROP NOT NULL", "DROP DEFAULT")}",
                $"INSERT INTO {table.Name} DEFAULT VALUES", Content(table),
            ],
            12 => [$"ALTER TABLE {table.Name} RENAME {column.Name} TO renamed", .. schema.ChangedBy(table).Select(Content)],
            13 => [$"ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'", Content(table), "SELECT enum_range(NULL::mood)::text"],
            14 => [$"CREATE UNIQUE INDEX ON {table.Name} ({column.Name})", Content(table)],
            _ => [SqlPart.Of($"ALTER TABLE {table.Name} ALTER {column.Name} SET DEFAULT ", _expressions.Any(Scope.Empty, column.Kind, 2).Part),
                $"INSERT INTO {table.Name} DEFAULT VALUES RETURNING {column.Name}"],
        };
        Statement[] catalog = dice.Percent(30) ? [dice.Pick(Introspection.Statements)] : [];
        IEnumerable<Statement> statements = made.Select((part, i) => new Statement(part) { Computed = i > 0 ? made[0].ToString() : "" });
        return new Step([new Statement("BEGIN"), .. statements, .. catalog, new Statement("ROLLBACK")], HasBlock: true);
    }

    private static SqlPart Content(Table table) => $"SELECT * FROM {table.Name}";

    private SqlPart Query() => selects.Query(outer: null, wanted: null, depth: 2, dice.Percent(20)).Part;

    private SqlPart Over(Table table, SqlKind kind) =>
        _expressions.Any(Scope.Over([new Relation(table.Name, table.Columns, [], 1)], outer: null), kind, 2).Part;

    /// <summary>A column computed by an expression, which PostgreSQL takes where nothing but the row decides it.</summary>
    private SqlPart[] Generated(Table table)
    {
        SqlKind kind = _expressions.AnyKind();
        return [SqlPart.Of($"ALTER TABLE {table.Name} ADD COLUMN made {kind} GENERATED ALWAYS AS (", Over(table, kind), ") STORED"), Content(table)];
    }

    private SqlPart[] Retyped(Table table, Column column)
    {
        SqlKind kind = _expressions.AnyKind();
        SqlPart by = dice.Percent(50) ? SqlPart.Of(" USING ", Over(table, kind)) : "";
        return [SqlPart.Of($"ALTER TABLE {table.Name} ALTER {column.Name} TYPE {kind}", by), Content(table)];
    }
}
