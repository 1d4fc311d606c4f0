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
    private readonly ChangeGenerator _changes;
    private readonly DefinitionGenerator _definitions;
    private readonly ValueGenerator _values;

    public StatementGenerator(Dice dice, Schema schema, bool hasVectors)
    {
        _dice = dice;
        _schema = schema;
        _selects = new SelectGenerator(dice, schema, hasVectors);
        _expressions = _selects.Expressions;
        _changes = new ChangeGenerator(dice, schema, _selects, hasVectors);
        _definitions = new DefinitionGenerator(dice, schema, _selects);
        _values = new ValueGenerator(dice);
    }

    /// <param name="number">Which of the seed it is.</param>
    public Step Step(int number)
    {
        int choice = _dice.Below(100);
        return choice switch
        {
            < 9 => new Step([Prepared(Failing())], HasBlock: false),
            < 69 => new Step([Prepared(Read())], HasBlock: false),
            < 73 => Varied(Read()),
            < 75 => Cursor(Read()),
            < 77 => ByName(Read()),
            < 79 => new Step([Copied(Read())], HasBlock: false),
            < 82 => _definitions.Step(),
            < 95 => Change(number),
            _ => Transaction(number),
        };
    }

    private Statement Read()
    {
        _selects.Sources.Common.Clear();
        SqlPart with = _dice.Percent(22) ? With() : SqlPart.Nothing;
        Query query = _selects.Outermost(depth: 3);
        return new Statement(SqlPart.Of(with, query.Part), query.OrderedBy);
    }

    /// <summary>One expression for a row of a table.</summary>
    private Statement Failing()
    {
        Table of = _dice.Pick(_schema.Tables);
        (_, Relation relation) = _selects.Sources.Table(of);
        Expression expression = _expressions.Failing(Scope.Over([relation], outer: null));
        // Rows that fail in different ways would leave it to chance which is met first.
        string order = of.Key.Count > 0 ? string.Join(", ", of.Key) : $"{of.Name}::text";
        SqlPart table = $"(SELECT * FROM {of.Name} ORDER BY {order} LIMIT 1 OFFSET {_dice.Between(0, 6)}) AS {relation.Alias}";
        return new Statement(SqlPart.Of("SELECT ", expression.Part, " AS c1 FROM ", table));
    }

    /// <summary>The same statement with parameters for some of its constants, by the extended protocol, now and then.</summary>
    private Statement Prepared(Statement statement)
    {
        if (!_dice.Percent(30))
            return statement;
        (SqlPart part, List<Literal> parameters) = WithParameters(statement);
        int again = parameters.Count > 0 && _dice.Percent(30) ? _dice.Between(1, 7) : 0;
        return statement with
        {
            Part = part, Parameters = parameters,
            Again = [.. Enumerable.Range(0, again).Select(_ => parameters.ConvertAll(Another))],
            IsBinary = _dice.Percent(40) && !part.ToString().Contains("vector", StringComparison.Ordinal),
        };
    }

    private (SqlPart Part, List<Literal> Parameters) WithParameters(Statement statement)
    {
        List<Literal> parameters = [];
        SqlPart part = statement.Part.Map(Alike((inner, literal) =>
        {
            if (literal.Kind == SqlKind.Vector || parameters.Count == 20 || !_dice.Percent(40))
                return null;
            bool typed = literal.Kind.Oid > 0 && _dice.Percent(80);
            parameters.Add(literal with { IsTyped = typed });
            string text = $"${parameters.Count}";
            // A type that is not told is found by a cast, or now and then by what is around it.
            string cast = typed || (literal.Kind is { Oid: > 0, IsNumber: false } && _dice.Percent(15)) ? text
                : _dice.Percent(50) ? $"{text}::{literal.Kind}" : $"CAST({text} AS {literal.Kind})";
            return SqlPart.Of(cast) with { Sort = inner.Sort, Simplest = inner.Simplest };
        }));
        return (part, parameters);
    }

    /// <summary>A change of constants that is the same wherever one constant stands again, as in an aggregate's ORDER BY.</summary>
    private static Func<SqlPart, SqlPart?> Alike(Func<SqlPart, Literal, SqlPart?> change)
    {
        Dictionary<Literal, SqlPart?> made = new(ReferenceEqualityComparer.Instance);
        return part =>
        {
            if (part.Literal is not { } literal)
                return null;
            if (!made.TryGetValue(literal, out SqlPart? other))
                made[literal] = other = change(part, literal);
            return other;
        };
    }

    private Literal Another(Literal literal) => _dice.Percent(30) ? literal
        : _dice.Percent(6) ? literal with { Text = null }
        : literal with { Text = _values.Text(literal.Kind, literal.Bound) };

    /// <summary>The same statement several times, some of its constants changed: plans are shared by shape.</summary>
    private Step Varied(Statement statement)
    {
        List<Statement> statements = [statement];
        // Keys are known again by their text.
        for (int count = statement.Text.Contains("GROUP BY", StringComparison.Ordinal) ? 0 : _dice.Between(1, 4); count > 0; count--)
        {
            statements.Add(statement with
            {
                Part = statement.Part.Map(Alike((_, literal) =>
                    literal.Text is not null && _dice.Percent(50) ? _values.Another(literal) : null)),
            });
        }
        return new Step(statements, HasBlock: false);
    }

    /// <summary>A query read piece by piece. Only one whose rows come in one order.</summary>
    private Step Cursor(Statement statement)
    {
        _selects.Sources.Common.Clear();
        Query query = _selects.Query(outer: null, wanted: null, depth: 2, limits: true);
        if (query.OrderedBy.Count == 0)
            return new Step([statement], HasBlock: false);
        bool scrolls = _dice.Percent(60);
        string kind = $"{(scrolls ? "SCROLL" : "NO SCROLL")} CURSOR {_dice.Pick("", "", "WITH HOLD ")}";
        List<Statement> statements = [new("BEGIN"), new(SqlPart.Of($"DECLARE c {kind}FOR ", query.Part))];
        for (int count = _dice.Between(1, 6); count > 0; count--)
        {
            string where = !scrolls || _dice.Percent(40)
                ? _dice.Pick("NEXT", "2", "FORWARD 3", "ALL", "FORWARD 0", "1")
                : _dice.Pick("PRIOR", "BACKWARD 2", "FIRST", "LAST", "ABSOLUTE 2", "ABSOLUTE -1", "RELATIVE 2", "RELATIVE -1", "BACKWARD ALL", "-1", "0");
            statements.Add(new Statement($"{_dice.Pick("FETCH", "FETCH", "FETCH", "MOVE")} {where} FROM c"));
        }
        if (_dice.Percent(50))
            statements.Add(new Statement("COMMIT"));
        statements.AddRange([new Statement("FETCH ALL FROM c"), new Statement(_dice.Pick("CLOSE c", "CLOSE ALL")), new Statement("ROLLBACK")]);
        return new Step(statements, HasBlock: true);
    }

    /// <summary>The statement by PREPARE and EXECUTE.</summary>
    private Step ByName(Statement statement)
    {
        (SqlPart part, List<Literal> parameters) = WithParameters(statement);
        string types = parameters.Count == 0 ? ""
            : $"({string.Join(", ", parameters.Select(parameter => parameter.IsTyped ? parameter.Kind.Name : "unknown"))})";
        List<Statement> statements = [new(SqlPart.Of($"PREPARE s{types} AS ", part))];
        for (int count = _dice.Between(1, 7); count > 0; count--)
        {
            string values = string.Join(", ", parameters.ConvertAll(Another).Select(value =>
                value.Text is null ? "NULL" : $"'{value.Text.Replace("'", "''", StringComparison.Ordinal)}'"));
            statements.Add(new Statement($"EXECUTE s{(values.Length > 0 ? $"({values})" : "")}", statement.OrderedBy));
        }
        statements.Add(new Statement("DEALLOCATE s"));
        return new Step(statements, HasBlock: false);
    }

    private Statement Copied(Statement statement)
    {
        string options = _dice.Pick("", " (FORMAT csv)", " (FORMAT csv, HEADER)", " (NULL 'none', DELIMITER ';')",
            " (FORMAT csv, FORCE_QUOTE *, NULL '-')", " CSV QUOTE ''''");
        return new Statement(SqlPart.Of("COPY (", statement.Part, $") TO STDOUT{options}"));
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
        string union = kind.HasEqualForms || kind == SqlKind.Vector || kind == SqlKind.Bits ? "UNION ALL" : _dice.Pick("UNION", "UNION ALL");
        _selects.Sources.Common.Add(self with { RowsMax = Math.Min(start.RowsMax, 400) * 4 });
        return SqlPart.Of($"{name}(n, x) AS (SELECT 1, (s.c1)::{kind} FROM (", start.Part,
            $") AS s {union} SELECT n + 1, (", next, $")::{kind} FROM {name} WHERE n < {_dice.Between(2, 4)})");
    }

    private Step Change(int number)
    {
        Table table = _dice.Pick(_schema.Tables);
        Statement change = Prepared(_changes.Modification(table));
        return new Step([.. ChangeGenerator.Before(table, number), change, .. Contents(table)], HasBlock: false);
    }

    private Step Transaction(int number)
    {
        string mode = _dice.Pick("", " ISOLATION LEVEL REPEATABLE READ", " READ WRITE", " DEFERRABLE");
        List<Statement> statements = [new Statement($"BEGIN{mode}")];
        Table table = _dice.Pick(_schema.Tables);
        List<string> saved = [];
        for (int count = _dice.Between(2, 7); count > 0; count--)
        {
            switch (_dice.Below(9))
            {
                case 0:
                    saved.Add(_dice.Pick("s", "s", "s2"));
                    statements.Add(new Statement($"SAVEPOINT {saved[^1]}"));
                    break;
                case 1 when saved.Count > 0:
                    string name = _dice.Pick<string>(saved);
                    statements.Add(new Statement($"{_dice.Pick("ROLLBACK TO", "ROLLBACK TO SAVEPOINT", "RELEASE")} {name}"));
                    break;
                case 2:
                    statements.AddRange(Contents(table));
                    break;
                case 3:
                    statements.Add(new Statement($"SET CONSTRAINTS ALL {_dice.Pick("DEFERRED", "IMMEDIATE")}"));
                    break;
                default:
                    Table changed = _dice.Percent(70) ? table : _dice.Pick(_schema.Tables);
                    statements.AddRange(ChangeGenerator.Before(changed, number));
                    statements.Add(_changes.Modification(changed));
                    break;
            }
        }
        statements.Add(new Statement(_dice.Pick("COMMIT", "ROLLBACK", "END", "COMMIT")));
        statements.AddRange(Contents(table));
        return new Step(statements, HasBlock: true);
    }

    private IEnumerable<Statement> Contents(Table table) =>
        _schema.ChangedBy(table).Select(changed => new Statement($"SELECT * FROM {changed.Name}"));
}
