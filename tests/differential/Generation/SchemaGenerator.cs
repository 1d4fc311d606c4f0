namespace VecSQL.Differential.Tests.Generation;

/// <summary>Tables, rows, indexes and views of a seed.</summary>
internal sealed class SchemaGenerator(Dice dice, bool hasVectors)
{
    /// <summary>A table is not filled beyond that.</summary>
    public const int RowsMax = 20;

    private readonly ValueGenerator _values = new(dice);
    private readonly List<Statement> _setup = [];

    public Schema Schema()
    {
        List<Table> tables = [];
        for (int number = 1, count = dice.Between(2, 4); number <= count; number++)
            tables.Add(Table($"t{number}", tables));
        for (int i = 0; i < tables.Count; i++)
        {
            Fill(tables[i]);
            if (i == 0 && dice.Percent(12))
                tables[i] = Multiplied(tables[i]);
            if (dice.Percent(25))
                tables[i] = Altered(tables[i]);
            Index(tables[i]);
        }
        if (dice.Percent(20))
            _setup.Add(new Statement("CHECKPOINT"));
        if (dice.Percent(50))
            _setup.Add(new Statement("ANALYZE"));
        Schema bare = new(tables, [], []);
        List<Relation> views = [];
        for (int number = 1, count = dice.Between(0, 2); number <= count; number++)
        {
            SelectGenerator selects = new(dice, bare, hasVectors);
            Query query = selects.Query(outer: null, wanted: null, depth: 2, dice.Percent(20));
            _setup.Add(new Statement(SqlPart.Clause($"CREATE VIEW w{number} AS ", query.Part)));
            views.Add(new Relation($"w{number}", query.Columns, [], query.RowsMax));
        }
        return new Schema(tables, views, _setup);
    }

    private Table Table(string name, IReadOnlyList<Table> before)
    {
        SqlKind[] kinds = [.. SqlKind.All.Where(kind => hasVectors || kind != SqlKind.Vector)];
        List<Column> columns = [];
        Dictionary<string, string> modifiers = [];
        HashSet<string> notNull = [];
        string[] key = [];
        if (dice.Percent(85))
        {
            SqlKind kind = dice.Pick([SqlKind.Int4, SqlKind.Int4, SqlKind.Int8, SqlKind.Text, SqlKind.Uuid]);
            key = dice.Percent(80) ? ["id"] : ["id", "part"];
            columns.Add(new Column("id", kind, ValueGenerator.ColumnBound(kind)));
            if (key.Length > 1)
                columns.Add(new Column("part", SqlKind.Int2, ValueGenerator.ColumnBound(SqlKind.Int2)));
            notNull.UnionWith(key);
        }
        for (int i = 0, count = dice.Between(3, 9); i < count; i++)
        {
            SqlKind kind = dice.Percent(40) ? dice.Pick([SqlKind.Int4, SqlKind.Text, SqlKind.Numeric, SqlKind.Date, SqlKind.Timestamp]) : dice.Pick(kinds);
            columns.Add(new Column($"{(char)('a' + i)}", kind, ValueGenerator.ColumnBound(kind)));
            if (dice.Percent(12))
                notNull.Add(columns[^1].Name);
        }
        foreach (Column column in columns)
            modifiers[column.Name] = Modifier(column.Kind);
        List<SqlPart> parts = [.. columns.Select(column => Definition(column, modifiers[column.Name], notNull, key))];
        if (key.Length > 0)
            parts.Add(SqlPart.Clause($"PRIMARY KEY ({string.Join(", ", key)})"));
        if (columns.Find(column => column.Kind == SqlKind.Int4 && !key.Contains(column.Name)) is { } number && dice.Percent(30))
            parts.Add($"CHECK ({number.Name} < 5000)");
        _setup.Add(new Statement(SqlPart.Of($"CREATE TABLE {name} (", SqlPart.List(parts), ")")));
        Table table = new(name, columns, key, modifiers, notNull, RowsMax);
        Reference(table, before);
        return table;
    }

    private SqlPart Definition(Column column, string modifier, HashSet<string> notNull, string[] key)
    {
        string rule = notNull.Contains(column.Name) && !key.Contains(column.Name) ? " NOT NULL" : "";
        string value = key.Contains(column.Name) ? "" : dice.Below(8) switch
        {
            0 => $" DEFAULT {_values.Constant(column.Kind, column.Bound).Part}",
            _ => "",
        };
        if (value.Contains("NULL::", StringComparison.Ordinal))
            value = "";
        return $"{column.Name} {column.Kind}{modifier}{value}{rule}";
    }

    /// <summary>A foreign key to a table made before.</summary>
    private void Reference(Table table, IReadOnlyList<Table> before)
    {
        (Column Column, Table Target)[] pairs =
        [
            .. from column in table.Columns
               from target in before
               where target.Key.Count == 1 && !table.Key.Contains(column.Name) && target.Columns[0].Kind == column.Kind
               select (column, target),
        ];
        if (pairs.Length == 0 || !dice.Percent(25))
            return;
        (Column from, Table to) = dice.Pick(pairs);
        _setup.Add(new Statement($"ALTER TABLE {table.Name} ADD FOREIGN KEY ({from.Name}) REFERENCES {to.Name} "
            + dice.Pick("", "ON DELETE CASCADE", "ON DELETE SET NULL", "ON UPDATE CASCADE")));
    }

    private void Fill(Table table)
    {
        int count = dice.Percent(8) ? 0 : dice.Between(1, RowsMax);
        if (count == 0)
            return;
        HashSet<string> keys = [];
        List<SqlPart> rows = [];
        for (int i = 0; i < count; i++)
        {
            string[] values = [.. table.Columns.Select(column => Value(table, column))];
            if (table.Key.Count == 0 || keys.Add(string.Join(',', values[..table.Key.Count])))
                rows.Add($"({string.Join(", ", values)})");
        }
        string names = string.Join(", ", table.Columns.Select(column => column.Name));
        _setup.Add(new Statement(SqlPart.Of($"INSERT INTO {table.Name} ({names}) VALUES ", SqlPart.List(rows))));
    }

    /// <summary>The table with more rows than a batch has.</summary>
    private Table Multiplied(Table table)
    {
        int count = dice.Between(4_000, 6_000);
        string[] values = [.. table.Columns.Select(column => table.Key.Contains(column.Name) ? Numbered(column.Kind) : column.Kind.Name switch
        {
            "int2" or "int4" or "int8" => $"g % {dice.Between(3, 90)} - {dice.Between(0, 9)}",
            "numeric" or "float4" or "float8" => $"(g % {dice.Between(3, 900)}) / 4.0",
            "text" or "varchar" or "bpchar" => $"'w' || g % {dice.Between(3, 90)}",
            "date" => $"date '2024-01-01' + g % {dice.Between(3, 400)}",
            "timestamp" or "timestamptz" => $"timestamp '2024-01-01' + g % {dice.Between(3, 400)} * interval '7 hours'",
            "bool" => $"g % {dice.Between(2, 5)} = 0",
            _ => Value(table, column),
        })];
        string[] names = [.. table.Columns.Select(column => column.Name)];
        string rows = $"SELECT {string.Join(", ", values)} FROM generate_series(1000, {1000 + count}) AS g";
        _setup.Add(new Statement(SqlPart.Clause($"INSERT INTO {table.Name} ({string.Join(", ", names)}) {rows}")));
        return table with { RowsMax = count + RowsMax };
    }

    /// <summary>A different value of a key for each g.</summary>
    private static string Numbered(SqlKind kind) => kind == SqlKind.Uuid ? "md5(g::text)::uuid" : kind == SqlKind.Text ? "'k' || g" : "g";

    /// <summary>The table after a change of its definition, its rows in place.</summary>
    private Table Altered(Table table)
    {
        Column added = new("z", dice.Pick([SqlKind.Int4, SqlKind.Text, SqlKind.Date, SqlKind.Numeric]), 1000);
        // Not the first, which a CHECK may name.
        Column? number = table.Columns.Where(column => column.Kind == SqlKind.Int4 && !table.Key.Contains(column.Name)).Skip(1).FirstOrDefault();
        switch (dice.Below(number is null ? 1 : 3))
        {
            case 0:
                string value = $"'{_values.Text(added.Kind, 1000).Replace("'", "''", StringComparison.Ordinal)}'";
                string clause = dice.Percent(60) ? $" DEFAULT {value}" : "";
                _setup.Add(new Statement($"ALTER TABLE {table.Name} ADD COLUMN z {added.Kind}{clause}"));
                return table with { Columns = [.. table.Columns, added] };
            case 1 when number is not null:
                SqlKind wider = dice.Pick([SqlKind.Int8, SqlKind.Numeric]);
                _setup.Add(new Statement($"ALTER TABLE {table.Name} ALTER COLUMN {number.Name} TYPE {wider}"));
                return table with { Columns = [.. table.Columns.Select(column => column == number ? column with { Kind = wider } : column)] };
            case 2 when number is not null && table.Columns.Count > 3:
                _setup.Add(new Statement($"ALTER TABLE {table.Name} DROP COLUMN {number.Name}"));
                return table with { Columns = [.. table.Columns.Where(column => column != number)] };
            default:
                return table;
        }
    }

    /// <summary>A constant that the column takes.</summary>
    public string Value(Table table, Column column)
    {
        if (!table.NotNull.Contains(column.Name) && dice.Percent(12))
            return "NULL";
        string text = table.Key.Contains(column.Name) && column.Kind.IsNumber
            ? $"{dice.Between(1, 40)}"
            : _values.Text(column.Kind, column.Bound);
        if (column.Kind == SqlKind.Varchar || column.Kind == SqlKind.Bpchar)
            text = new string([.. text.Take(6)]);
        return column.Kind.IsNumber ? text : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
    }

    private string Modifier(SqlKind kind) => kind.Name switch
    {
        "numeric" => dice.Pick("", "(12,2)", "(10,3)"),
        "varchar" => dice.Pick("", "(6)", "(10)"),
        "bpchar" => dice.Pick("(6)", "(10)"),
        "vector" => dice.Pick("", "(3)"),
        "timestamp" or "time" or "timestamptz" => dice.Pick("", "", "(3)"),
        _ => "",
    };

    private void Index(Table table)
    {
        Column[] plain = [.. table.Columns.Where(column => column.Kind.IsSortable && column.Kind != SqlKind.Vector)];
        for (int count = dice.Between(0, 2); count > 0 && plain.Length > 0; count--)
        {
            IEnumerable<string> names = dice.Some(plain, 2).Select(column => column.Name + dice.Pick("", "", " DESC", " NULLS FIRST"));
            bool unique = dice.Percent(15);
            // A unique index may be refused by the rows, on both alike.
            _setup.Add(new Statement(SqlPart.Clause($"CREATE {(unique ? "UNIQUE " : "")}INDEX ON {table.Name} ({string.Join(", ", names)})")));
        }
    }
}
