using System.Globalization;

namespace VecSQL.Differential.Tests.Generation;

/// <summary>Expressions of a wanted type over what a scope offers.</summary>
/// <param name="subqueries">Makes a query within a scope, of wanted column types.</param>
/// <param name="routines">Functions that may be called.</param>
/// <param name="hasVectors">The reference has pgvector.</param>
internal sealed class ExpressionGenerator(
    Dice dice, Func<Scope, IReadOnlyList<SqlKind>, bool, SqlPart> subqueries, IReadOnlyList<Routine> routines, bool hasVectors)
{
    private readonly ValueGenerator _values = new(dice);

    public IReadOnlyList<SqlKind> Kinds { get; } = [.. SqlKind.All.Where(kind => hasVectors || kind != SqlKind.Vector)];

    /// <summary>A type, the everyday ones more often.</summary>
    public SqlKind AnyKind() => dice.Percent(50)
        ? dice.Pick([SqlKind.Int4, SqlKind.Text, SqlKind.Numeric, SqlKind.Int8, SqlKind.Bool, SqlKind.Date, SqlKind.Timestamp, SqlKind.Float8])
        : dice.Pick(Kinds);

    public SqlKind SortableKind()
    {
        SqlKind kind = AnyKind();
        return kind.IsSortable ? kind : SqlKind.Int4;
    }

    public Expression Any(Scope scope, SqlKind kind, int depth) => Any(scope, kind, depth, kind.BoundMax);

    /// <param name="bound">The largest magnitude that the result may have.</param>
    public Expression Any(Scope scope, SqlKind kind, int depth, double bound)
    {
        if (depth <= 0 || dice.Percent(25))
            return Leaf(scope, kind, bound);
        return dice.Below(20) switch
        {
            0 => Case(scope, kind, depth, bound),
            1 => Call(scope, kind, depth, bound, "COALESCE"),
            2 when kind.IsSortable && !kind.HasEqualForms => Call(scope, kind, depth, bound, dice.Pick("GREATEST", "LEAST")),
            3 when kind.IsSortable => Call(scope, kind, depth, bound, "NULLIF", 2),
            4 or 5 when kind == SqlKind.Bool => Predicate(scope, depth),
            6 or 7 when kind == SqlKind.Bool => Comparison(scope, depth),
            8 when depth > 1 && !kind.IsNumber => new Expression(
                Typed(kind, "(", subqueries(scope, [kind], true), ")"), kind, bound),
            9 or 10 when routines.FirstOrDefault(routine => routine.Rows.Count == 0 && routine.Result == kind
                && routine.Bound <= bound && !(routine.Reads && scope.IsGrouped))
                is { } routine => new Expression(Typed(kind, Invocation(routine, scope, depth)), kind, routine.Bound),
            _ => FromTemplate(scope, kind, depth, bound) ?? Leaf(scope, kind, bound),
        };
    }

    /// <summary>The call of a function in SQL.</summary>
    public SqlPart Invocation(Routine routine, Scope scope, int depth)
    {
        bool named = dice.Percent(20);
        IEnumerable<SqlPart> arguments = routine.Parameters.Select(parameter => SqlPart.Of(
            named ? $"{parameter.Name} => " : "", Any(scope, parameter.Kind, depth - 1, parameter.Bound).Part));
        if (named)
            arguments = arguments.Reverse();
        return SqlPart.Of([$"{routine.Name}(", .. arguments.SelectMany((argument, i) => i == 0 ? new[] { argument } : [", ", argument]), ")"]);
    }

    /// <summary>A column or a constant.</summary>
    public Expression Leaf(Scope scope, SqlKind kind, double bound)
    {
        List<Expression> found = [];
        int weight = 4;
        for (Scope? at = scope; at is not null; at = at.Outer, weight = 1)
        {
            foreach (Expression leaf in at.Leaves.Where(leaf => leaf.Kind == kind && (!kind.IsNumber || leaf.Bound <= bound)))
                found.AddRange(Enumerable.Repeat(leaf, weight));
        }
        return found.Count > 0 && dice.Percent(85) ? dice.Pick(found) : _values.Constant(kind, bound);
    }

    public Expression Constant(SqlKind kind) => _values.Constant(kind, kind.BoundMax);

    /// <summary>The expression in a form in which equal values are the same text, and that no clause takes for a position.</summary>
    public static Expression Keyed(Expression expression)
    {
        SqlKind kind = expression.Kind;
        SqlPart part = expression.Part;
        if (kind == SqlKind.Numeric)
            return expression with { Part = Typed(kind, "round(", part, ", 2)"), IsColumn = false };
        if (kind.IsFloat)
            return expression with { Part = Typed(kind, "(", part, " + 0::", kind.Name, ")"), IsColumn = false };
        if (kind.HasEqualForms || !kind.IsSortable)
            return new Expression(Typed(SqlKind.Text, "(", part, ")::text"), SqlKind.Text, 0);
        return part.Literal is null ? expression : expression with { Part = Typed(kind, "(", part, ")::", kind.Name) };
    }

    /// <summary>An aggregate's call over expressions of the scope.</summary>
    public Expression? Aggregate(Scope scope, SqlKind kind, int depth, bool allowsFilter = true)
    {
        Template[] fitting = [.. Template.Aggregates[kind]];
        if (fitting.Length == 0)
            return null;
        Template template = dice.Pick(fitting);
        Expression call = Fill(template, scope, depth, kind.BoundMax);
        if (!allowsFilter || !dice.Percent(15))
            return call;
        SqlPart filter = SqlPart.Clause(" FILTER (WHERE ", Any(scope, SqlKind.Bool, 1).Part, ")");
        return call with { Part = Typed(kind, call.Part, filter) };
    }

    /// <summary>An expression that fails for some values of the scope.</summary>
    public Expression Failing(Scope scope)
    {
        Template template = dice.Pick(Template.Failures);
        return Fill(template, scope, dice.Between(1, 2), template.Kind.BoundMax);
    }

    public static SqlPart Typed(SqlKind kind, params IEnumerable<SqlPart> pieces) =>
        SqlPart.Of(pieces) with { Sort = kind.Name, Simplest = $"NULL::{kind.Name}" };

    private Expression? FromTemplate(Scope scope, SqlKind kind, int depth, double bound)
    {
        Template[] fitting = [.. Template.Expressions[kind].Where(template =>
            (!kind.IsNumber || (template.Bound ?? 0) <= bound) && (hasVectors || !Mentions(template, SqlKind.Vector)))];
        return fitting.Length == 0 ? null : Fill(dice.Pick(fitting), scope, depth, bound);
    }

    private static bool Mentions(Template template, SqlKind kind) =>
        template.Kind == kind || template.Pieces.Contains($"{{{kind.Name}}}");

    private Expression Fill(Template template, Scope scope, int depth, double bound)
    {
        List<SqlPart> parts = [];
        SqlPart last = "";
        foreach (string piece in template.Pieces)
        {
            if (piece[0] != '{')
                parts.Add(piece);
            else if (piece == "{same}")
                parts.Add(last);
            else if (piece == "{distinct}")
                parts.Add(dice.Percent(25) ? SqlPart.Clause("DISTINCT ") : "");
            else
                parts.Add(last = Placeholder(piece[1..^1], scope, depth, template.Bound is null ? bound : double.MaxValue));
        }
        return new Expression(Typed(template.Kind, parts), template.Kind, template.Bound ?? bound);
    }

    private SqlPart Placeholder(string text, Scope scope, int depth, double bound)
    {
        if (text[0] == '?')
        {
            const char Bar = '\u0001';
            string[] choices = text[1..].Replace("\\|", Bar.ToString(), StringComparison.Ordinal).Split('|');
            return dice.Pick<string>(choices).Replace(Bar, '|');
        }
        if (text[0] == '=')
        {
            int[] ends = [.. text[1..].Split("..").Select(end => int.Parse(end, CultureInfo.InvariantCulture))];
            return dice.Between(ends[0], ends[1]).ToString(CultureInfo.InvariantCulture);
        }
        int mark = text.IndexOfAny(['/', '^', '<']);
        SqlKind kind = SqlKind.Named(mark < 0 ? text : text[..mark]);
        double operand = Math.Min(bound, kind.BoundMax);
        if (mark >= 0)
        {
            double number = mark + 1 < text.Length ? double.Parse(text[(mark + 1)..], CultureInfo.InvariantCulture) : 0;
            operand = text[mark] switch { '/' => operand / number, '^' => Math.Sqrt(operand), _ => Math.Min(operand, number) };
        }
        return Any(scope, kind, depth - 1, operand).Part;
    }

    private Expression Case(Scope scope, SqlKind kind, int depth, double bound)
    {
        IEnumerable<SqlPart> arms = Enumerable.Range(0, dice.Between(1, 2)).Select(_ => SqlPart.Of(
            " WHEN ", Any(scope, SqlKind.Bool, depth - 1).Part, " THEN ", Any(scope, kind, depth - 1, bound).Part));
        if (dice.Percent(30))
        {
            Expression subject = Any(scope, SqlKind.Int4, depth - 1);
            SqlPart arm = SqlPart.Of(" WHEN ", Leaf(scope, SqlKind.Int4, 1e9).Part, " THEN ", Any(scope, kind, depth - 1, bound).Part);
            return new Expression(
                Typed(kind, "CASE ", subject.Part, arm, " ELSE ", Any(scope, kind, depth - 1, bound).Part, " END"), kind, bound);
        }
        SqlPart other = dice.Percent(70) ? SqlPart.Clause(" ELSE ", Any(scope, kind, depth - 1, bound).Part) : SqlPart.Nothing;
        return new Expression(Typed(kind, "CASE", SqlPart.List(arms, ""), other, " END"), kind, bound);
    }

    private Expression Call(Scope scope, SqlKind kind, int depth, double bound, string name, int count = 0)
    {
        SqlPart arguments = SqlPart.List(Enumerable.Range(0, count > 0 ? count : dice.Between(2, 3))
            .Select(_ => Any(scope, kind, depth - 1, bound).Part));
        return new Expression(Typed(kind, $"{name}(", arguments, ")"), kind, bound);
    }

    private Expression Comparison(Scope scope, int depth)
    {
        SqlKind kind = SortableKind();
        SqlPart left = Any(scope, kind, depth - 1).Part, right = Any(scope, kind, depth - 1).Part;
        string between = dice.Percent(70) ? dice.Pick("=", "<>", "<", "<=", ">", ">=")
            : dice.Pick("IS DISTINCT FROM", "IS NOT DISTINCT FROM");
        return new Expression(Typed(SqlKind.Bool, "(", left, $" {between} ", right, ")"), SqlKind.Bool, 0);
    }

    /// <summary>NULL tests and subqueries.</summary>
    private Expression Predicate(Scope scope, int depth)
    {
        SqlKind kind = SortableKind();
        SqlPart part = depth < 2 || dice.Percent(30)
            ? SqlPart.Of("(", Any(scope, kind, depth - 1).Part, dice.Pick(" IS NULL", " IS NOT NULL"), ")")
            : dice.Below(3) switch
            {
                0 => SqlPart.Of(dice.Pick("(EXISTS (", "(NOT EXISTS ("), subqueries(scope, [kind], false), "))"),
                1 => SqlPart.Of(
                    "(", Any(scope, kind, depth - 1).Part, dice.Pick(" IN (", " NOT IN ("), subqueries(scope, [kind], false), "))"),
                _ => SqlPart.Of("(", Any(scope, kind, depth - 1).Part, dice.Pick(" = ", " < ", " >= ", " <> "), dice.Pick("ANY (", "ALL ("),
                    subqueries(scope, [kind], false), "))"),
            };
        return new Expression(part with { Sort = "bool", Simplest = "true" }, SqlKind.Bool, 0);
    }
}
