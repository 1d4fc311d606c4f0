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
            if (dice.Percent(50))
            {
                // One window that goes on from the other.
                (SqlPart order, SqlKind by) = Order(from, complete: false);
                calls.Add(new Expression(Scope.Sorted("count(*) OVER w2", SqlKind.Int8), SqlKind.Int8, 1e6));
                calls.Add(new Expression(Scope.Sorted($"rank() OVER (w2{dice.Pick("", " ROWS UNBOUNDED PRECEDING")})", SqlKind.Int8), SqlKind.Int8, 1e6));
                windows = SqlPart.Of(windows, ", w2 AS (w ", order, ")");
            }
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
            2 => (dice.Percent(60) ? $"lag({value})" : $"lag({value}, {dice.Between(-1, 3)}, {value})", kind, kind.BoundMax),
            3 => ($"lead({value}, {dice.Between(0, 3)})", kind, kind.BoundMax),
            4 => ($"first_value({value})", kind, kind.BoundMax),
            5 => ($"last_value({value})", kind, kind.BoundMax),
            6 => ($"nth_value({value}, {dice.Between(1, 3)})", kind, kind.BoundMax),
            _ => Aggregated(from),
        };
        (SqlPart order, SqlKind _) = Order(from, complete: true);
        bool framed = !call.StartsWith("row_n", StringComparison.Ordinal) && !call.StartsWith("nt", StringComparison.Ordinal)
            && !call.StartsWith("la", StringComparison.Ordinal) && !call.StartsWith("le", StringComparison.Ordinal);
        SqlPart frame = framed && dice.Percent(60) ? SqlPart.Clause(RowFrame()) : SqlPart.Nothing;
        return Call(call, result, bound, Partition(from), order, frame);
    }

    private (string Call, SqlKind Kind, double Bound) Aggregated(From from)
    {
        string argument(SqlKind kind, double bound) => expressions.Leaf(from.Scope, kind, bound).Part.ToString();
        return dice.Below(14) switch
        {
            6 => ($"max({argument(SqlKind.Mood, 0)})", SqlKind.Mood, 0),
            7 => ($"bool_or({argument(SqlKind.Bool, 0)})", SqlKind.Bool, 0),
            8 => ($"sum({argument(SqlKind.Int8, 1e6)})", SqlKind.Numeric, 1e12),
            9 => ($"stddev_pop({argument(SqlKind.Int2, 1e4)})", SqlKind.Numeric, 1e6),
            10 => ($"sum({argument(SqlKind.Interval, 0)})", SqlKind.Interval, 0),
            11 => ($"min({argument(SqlKind.Timestamp, 0)})", SqlKind.Timestamp, 0),
            12 => ($"bit_or({argument(SqlKind.Int4, 1e4)})", SqlKind.Int4, 1e9),
            13 => ($"max({argument(SqlKind.Numeric, 1e7)} * 2)", SqlKind.Numeric, 2e7),
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
        string one() => unit == "GROUPS" || by == SqlKind.Int4 || by == SqlKind.Int8 || by == SqlKind.Numeric || by == SqlKind.Int2
            ? $"{dice.Between(0, 5)}"
            : by == SqlKind.Date || by == SqlKind.Timestamp || by == SqlKind.TimestampTz ? $"'{dice.Between(1, 40)} days'"
            : by == SqlKind.Time || by == SqlKind.Interval || by == SqlKind.TimeTz ? $"'{dice.Between(0, 9)} hours'"
            : by.IsFloat ? $"{dice.Between(0, 5)}.5" : "";
        if (one().Length == 0 || dice.Percent(40))
            return $" {unit} BETWEEN {dice.Pick("UNBOUNDED PRECEDING", "CURRENT ROW")} AND {dice.Pick("CURRENT ROW", "UNBOUNDED FOLLOWING")}{Exclusion()}";
        return dice.Below(6) switch
        {
            0 => $" {unit} BETWEEN {one()} PRECEDING AND {one()} PRECEDING{Exclusion()}",
            1 => $" {unit} BETWEEN {one()} FOLLOWING AND {one()} FOLLOWING{Exclusion()}",
            2 => $" {unit} BETWEEN UNBOUNDED PRECEDING AND {one()} {dice.Pick("PRECEDING", "FOLLOWING")}{Exclusion()}",
            3 => $" {unit} BETWEEN {one()} {dice.Pick("PRECEDING", "FOLLOWING")} AND UNBOUNDED FOLLOWING{Exclusion()}",
            4 => $" {unit} {dice.Pick($"{one()} PRECEDING", "UNBOUNDED PRECEDING", "CURRENT ROW")}{Exclusion()}",
            _ => $" {unit} BETWEEN {one()} PRECEDING AND {dice.Pick("CURRENT ROW", $"{one()} FOLLOWING")}{Exclusion()}",
        };
    }

    private string RowFrame()
    {
        int near = dice.Between(0, 3), far = dice.Between(0, 3);
        return dice.Below(7) switch
        {
            0 => $" ROWS BETWEEN {near + far} PRECEDING AND {near} PRECEDING{Exclusion()}",
            1 => $" ROWS BETWEEN {near} FOLLOWING AND {near + far} FOLLOWING{Exclusion()}",
            2 => $" ROWS {dice.Pick("UNBOUNDED PRECEDING", $"{near} PRECEDING", "CURRENT ROW")}{Exclusion()}",
            3 => $" ROWS BETWEEN {near} PRECEDING AND {far} PRECEDING{Exclusion()}",
            _ => $" ROWS BETWEEN {dice.Pick("UNBOUNDED PRECEDING", $"{near} PRECEDING", "CURRENT ROW")} AND "
                + $"{dice.Pick("CURRENT ROW", $"{far} FOLLOWING", "UNBOUNDED FOLLOWING")}{Exclusion()}",
        };
    }

    private string Exclusion() => dice.Percent(25)
        ? dice.Pick(" EXCLUDE GROUP", " EXCLUDE TIES", " EXCLUDE CURRENT ROW", " EXCLUDE NO OTHERS")
        : "";

    private static Expression Call(string call, SqlKind kind, double bound, SqlPart partition, SqlPart order, SqlPart frame) => new(
        ExpressionGenerator.Typed(kind, $"{call} OVER (", partition, order, frame, ")"), kind, bound);
}
