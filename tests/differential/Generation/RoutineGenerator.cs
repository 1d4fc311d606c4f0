namespace VecSQL.Differential.Tests.Generation;

/// <summary>Functions in SQL, of expressions and queries over their parameters.</summary>
internal sealed class RoutineGenerator(Dice dice, Schema schema, bool hasVectors, List<Statement> setup)
{
    private readonly SelectGenerator _selects = new(dice, schema, hasVectors);

    /// <summary>Makes one, whose definition goes to the setup.</summary>
    public Routine Routine(string name)
    {
        Column[] parameters = [.. Enumerable.Range(1, dice.Between(0, 3)).Select(i =>
        {
            SqlKind kind = _selects.Expressions.AnyKind();
            return new Column($"p{i}", kind, ValueGenerator.ColumnBound(kind));
        })];
        Scope scope = Scope.Over([new Relation(name, parameters, [], 1)], outer: null);
        return dice.Percent(25) ? Set(name, parameters, scope) : Value(name, parameters, scope);
    }

    private Routine Value(string name, Column[] parameters, Scope scope)
    {
        SqlKind kind = _selects.Expressions.AnyKind();
        bool reads = !kind.IsNumber && dice.Percent(25);
        Expression body = reads
            ? new Expression(ExpressionGenerator.Typed(kind, "(", _selects.Subquery(scope, [kind], scalar: true), ")"), kind, 0)
            : _selects.Expressions.Any(scope, kind, 2, Math.Min(kind.BoundMax, 1e5));
        // Not IMMUTABLE, which may not be so.
        string marks = dice.Pick("", " STABLE") + dice.Pick("", "", " STRICT", " PARALLEL SAFE");
        Define(name, parameters, $"{kind}", marks, SqlPart.Of("SELECT (", body.Part, $")::{kind}"), SqlPart.Of("(", body.Part, $")::{kind}"));
        return new Routine(name, parameters, kind, body.Bound, []) { Reads = SelectGenerator.HasQuery(body.Part.ToString()) };
    }

    private Routine Set(string name, Column[] parameters, Scope scope)
    {
        SqlKind[] kinds = [.. Enumerable.Range(0, dice.Between(1, 3)).Select(_ => _selects.Expressions.AnyKind())];
        Query query = _selects.Query(scope, kinds, depth: 2, limits: false);
        string columns = string.Join(", ", query.Columns.Select(column => $"{column.Name} {column.Kind}"));
        string casts = string.Join(", ", query.Columns.Select(column => $"({column.Name})::{column.Kind}"));
        string marks = dice.Pick("", " STABLE") + dice.Pick("", "", $" ROWS {dice.Between(1, 50)}");
        Define(name, parameters, $"TABLE({columns})", marks, SqlPart.Of($"SELECT {casts} FROM (", query.Part, ") AS s"), value: null);
        return new Routine(name, parameters, kinds[0], 0, query.Columns) { RowsMax = query.RowsMax, Reads = true };
    }

    /// <param name="value">The body as an expression; null where it is none.</param>
    private void Define(string name, Column[] parameters, string returns, string marks, SqlPart body, SqlPart? value)
    {
        string list = string.Join(", ", parameters.Select(parameter => $"{parameter.Name} {parameter.Kind}"));
        SqlPart text = (dice.Below(4), value) switch
        {
            (0, not null) => SqlPart.Of(" RETURN ", value),
            (1, _) => SqlPart.Of(" BEGIN ATOMIC ", body, "; END"),
            (2, _) => SqlPart.Of(" LANGUAGE sql AS $body$ ", body, " $body$"),
            _ => SqlPart.Of(" AS $$", body, "; $$ LANGUAGE sql"),
        };
        setup.Add(new Statement(SqlPart.Of($"CREATE {dice.Pick("", "OR REPLACE ")}FUNCTION {name}({list}) RETURNS {returns}", marks, text)));
    }
}
