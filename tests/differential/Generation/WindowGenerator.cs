namespace VecSQL.Differential.Tests.Generation;

/// <summary>Window functions whose results do not depend on how rows that are equal under ORDER BY come.</summary>
internal sealed class WindowGenerator(Dice dice, ExpressionGenerator expressions)
{
    /// <summary>The scope of a FROM clause with window calls among its leaves, and the WINDOW clause they need.</summary>
    public (Scope Scope, SqlPart Windows) Over(From from)
    {
        List<Expression> calls = [];
        SqlPart windows = SqlPart.Nothing;
        for (int count = dice.Between(1, 3); count > 0; count--)
            calls.Add(from.Identity.Count > 0 && dice.Percent(50) ? OverRows(from) : OverPeers(from));
        if (dice.Percent(25))
        {
            calls.Add(new Expression(Scope.Sorted("sum(1) OVER w", SqlKind.Int8), SqlKind.Int8, 1e6));
            windows = SqlPart.Of(" WINDOW w AS (", Partition(from), ")");
        }
        // Twice, since they are what the query is for.
        return (from.Scope with { Leaves = [.. from.Scope.Leaves, .. calls, .. calls] }, windows);
    }

    private Expression OverPeers(From from)
    {
        (string call, SqlKind kind, double bound) = dice.Below(7) switch
        {
            0 => ("rank()", SqlKind.Int8, 1e6),
            1 => ("dense_rank()", SqlKind.Int8, 1e6),
            2 => ("percent_rank()", SqlKind.Float8, 1),
            3 => ("cume_dist()", SqlKind.Float8, 1),
            4 => ("count(*)", SqlKind.Int8, 1e6),
            _ => Aggregated(from),
        };
        (SqlPart order, SqlKind by) = Order(from, complete: false);
        bool aggregates = call.StartsWith("count", StringComparison.Ordinal) || !call.EndsWith("()", StringComparison.Ordinal);
        SqlPart frame = aggregates && dice.Percent(50) ? SqlPart.Clause(PeerFrame(by)) : SqlPart.Nothing;
        return Call(call, kind, bound, Partition(from), order, frame);
    }

    private Expression OverRows(From from)
    {
        SqlKind kind = expressions.AnyKind();
        string value = expressions.Leaf(from.Scope, kind, kind.BoundMax).Part.ToString();
        (string call, SqlKind result, double bound) = dice.Below(8) switch
        {
            0 => ("row_number()", SqlKind.Int8, 1e6),
            1 => ($"ntile({dice.Between(1, 5)})", SqlKind.Int4, 10),
            2 => ($"lag({value})", kind, kind.BoundMax),
            3 => ($"lead({value}, {dice.Between(0, 3)})", kind, kind.BoundMax),
            4 => ($"first_value({value})", kind, kind.BoundMax),
            5 => ($"last_value({value})", kind, kind.BoundMax),
            6 => ($"nth_value({value}, {dice.Between(1, 3)})", kind, kind.BoundMax),
            _ => Aggregated(from),
        };
        (SqlPart order, SqlKind _) = Order(from, complete: true);
        bool framed = !call.StartsWith("row_n", StringComparison.Ordinal) && !call.StartsWith("nt", StringComparison.Ordinal)
            && !call.StartsWith("la", StringComparison.Ordinal) && !call.StartsWith("le", StringComparison.Ordinal);
        SqlPart frame = framed && dice.Percent(50)
            ? SqlPart.Clause(
                $" ROWS BETWEEN {dice.Pick("UNBOUNDED PRECEDING", "2 PRECEDING", "1 PRECEDING", "CURRENT ROW")} AND "
                + $"{dice.Pick("CURRENT ROW", "1 FOLLOWING", "3 FOLLOWING", "UNBOUNDED FOLLOWING")}{Exclusion()}")
            : SqlPart.Nothing;
        return Call(call, result, bound, Partition(from), order, frame);
    }

    private (string Call, SqlKind Kind, double Bound) Aggregated(From from)
    {
        string argument(SqlKind kind, double bound) => expressions.Leaf(from.Scope, kind, bound).Part.ToString();
        return dice.Below(6) switch
        {
            0 => ($"sum({argument(SqlKind.Int4, 1e5)})", SqlKind.Int8, 1e12),
            1 => ($"avg({argument(SqlKind.Int4, 1e5)})", SqlKind.Numeric, 1e9),
            2 => ($"max({argument(SqlKind.Date, 0)})", SqlKind.Date, 0),
            3 => ($"sum({argument(SqlKind.Numeric, 1e7)})", SqlKind.Numeric, 1e14),
            4 => ($"min({argument(SqlKind.Text, 0)})", SqlKind.Text, 0),
            _ => ($"count({argument(SqlKind.Int8, 1e6)})", SqlKind.Int8, 1e6),
        };
    }

    private SqlPart Partition(From from)
    {
        if (dice.Percent(50))
            return SqlPart.Nothing;
        return SqlPart.Clause("PARTITION BY ", expressions.Leaf(from.Scope, expressions.SortableKind(), 1e6).Part, " ");
    }

    /// <param name="complete">No two rows are equal under it.</param>
    private (SqlPart Part, SqlKind By) Order(From from, bool complete)
    {
        SqlKind kind = dice.Percent(50) ? SqlKind.Int4 : expressions.SortableKind();
        SqlPart key = expressions.Leaf(from.Scope, kind, 1e6).Part;
        string identity = complete ? $", {string.Join(", ", from.Identity)}" : "";
        return (SqlPart.Of("ORDER BY (", key, $"){dice.Pick("", " DESC", " NULLS FIRST")}{identity}"), kind);
    }

    private string PeerFrame(SqlKind by)
    {
        string unit = dice.Pick("RANGE", "GROUPS");
        string one = unit == "GROUPS" || by == SqlKind.Int4 || by == SqlKind.Int8 || by == SqlKind.Numeric ? $"{dice.Between(0, 5)}"
            : by == SqlKind.Date || by == SqlKind.Timestamp || by == SqlKind.TimestampTz ? $"'{dice.Between(1, 40)} days'" : "";
        bool counts = one.Length > 0 && dice.Percent(50);
        string start = counts ? $"{one} PRECEDING" : dice.Pick("UNBOUNDED PRECEDING", "CURRENT ROW");
        string end = counts && dice.Percent(50) ? $"{one} FOLLOWING" : dice.Pick("CURRENT ROW", "UNBOUNDED FOLLOWING");
        return $" {unit} BETWEEN {start} AND {end}{Exclusion()}";
    }

    private string Exclusion() => dice.Percent(25)
        ? dice.Pick(" EXCLUDE GROUP", " EXCLUDE TIES", " EXCLUDE CURRENT ROW", " EXCLUDE NO OTHERS")
        : "";

    private static Expression Call(string call, SqlKind kind, double bound, SqlPart partition, SqlPart order, SqlPart frame) => new(
        ExpressionGenerator.Typed(kind, $"{call} OVER (", partition, order, frame, ")"), kind, bound);
}
