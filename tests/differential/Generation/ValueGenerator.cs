using System.Globalization;

namespace VecSQL.Differential.Tests.Generation;

/// <summary>Constants of each type, from small sets, so that rows meet in joins and groups.</summary>
/// <remarks>Floats are multiples of a quarter: sums of them are exact, whatever the order.</remarks>
internal sealed class ValueGenerator(Dice dice)
{
    private static readonly string[] Words =
        ["", "a", "b", "abc", "foo", "bar", "Foo", "o'k", "aXb", "zoo be", " x", "x ", "ünï", "日本", "boat", "a-b-c", "1", "42", "%_", "\\", "NULL", "été"];

    /// <summary>What the enumerated type has, in an order that is not that of the texts.</summary>
    public static IReadOnlyList<string> Moods { get; } = ["sad", "ok", "Happy!", "so so", "a"];

    private static readonly string[] JsonValues =
    [
        "{}", "[]", "null", "1", "1.50", "\"foo\"", "true", "{\"a\": 1}", "{\"a\": {\"b\": \"foo\"}, \"c\": [1, 2]}", "[1, \"a\", null]",
        "{\"b\": 2, \"a\": null}", "{\"c\": [\"x\"], \"a\": \"abc\"}", "[{\"a\": 1}, {\"a\": 2}]", "{\"a\": [1, 2, {\"b\": 3}]}", "\"a\\\"b\"",
        "[[1, 2], [3]]", "{\"a\": [{\"b\": 1}, {\"b\": 5}], \"b\": \"x\"}", "{\"\": 0, \"a b\": [true, null]}", "-0.5e2", "[\"2024-01-28\", 3.14]",
    ];

    /// <summary>The largest magnitude of a column's numbers.</summary>
    public static double ColumnBound(SqlKind kind) =>
        kind == SqlKind.Int2 ? 100 : kind == SqlKind.Int8 ? 1e6 : kind.IsNumber ? 1000 : 0;

    /// <summary>The value's text, as a client sends it.</summary>
    public string Text(SqlKind kind, double bound)
    {
        if (kind.IsNumber)
            return Number(kind, Math.Min(bound, ColumnBound(kind)));
        return kind.Name switch
        {
            "bool" => dice.Percent(50) ? "t" : "f",
            "text" or "varchar" or "bpchar" => dice.Pick<string>(Words),
            "date" => Day(),
            "time" => Clock(),
            "timestamp" => $"{Day()} {Clock()}",
            "timestamptz" => $"{Day()} {Clock()}{dice.Pick("+00", "+02", "-05:30", " Europe/Berlin")}",
            "timetz" => $"{Clock()}{dice.Pick("+00", "+02", "-05:30")}",
            "numeric[]" => dice.Pick("{}", "{1.5}", "{1.0,2,-3.25}", "{NULL,0}", "{10.00}", "{7,7.0}"),
            "date[]" => dice.Pick("{}", "{2024-02-29}", "{2024-01-28,NULL}", "{2024-03-01,2024-02-27}"),
            "varbit" => dice.Pick("", "0", "1", "101", "0110", "11110000", "1010101010101"),
            "mood" => dice.Pick<string>(Moods),
            "interval" => dice.Pick("1 day", "2 mons", "-3 days", "1 year 2 mons", "04:05:06", "-00:30:00", "1 mon -1 days 02:00:00", "00:00:00.25", "24:00:00"),
            "uuid" => $"0000000{dice.Below(6)}-1111-4222-8333-44445555666{dice.Below(10)}",
            "bytea" => dice.Pick("\\x", "\\x00", "\\x61", "\\xdeadbeef", "\\x6162ff", "\\x30"),
            "json" or "jsonb" => dice.Pick<string>(JsonValues),
            "int4[]" => dice.Pick("{}", "{1}", "{1,2,3}", "{3,NULL,1}", "{10,20}", "{2,2}"),
            "text[]" => dice.Pick("{}", "{a}", "{foo,bar}", "{\"x y\",NULL}", "{a,b,c}", "{\"\"}"),
            "vector" => $"[{dice.Between(-8, 8)},{dice.Between(0, 9)},{dice.Between(1, 4)}.5]",
            _ => throw new InvalidOperationException($"no values of {kind}"),
        };
    }

    /// <summary>The value as SQL; now and then NULL.</summary>
    public Expression Constant(SqlKind kind, double bound)
    {
        string type = kind.Name;
        if (dice.Percent(5))
            return new Expression(Marked($"NULL::{type}", new Literal(kind, null, bound)), kind, 0);
        string text = Text(kind, bound);
        return new Expression(Marked(Written(kind, text), new Literal(kind, text, bound)), kind, Math.Min(bound, ColumnBound(kind)));
    }

    /// <summary>Another value where a constant stood, written in one of the ways there are for it.</summary>
    public SqlPart Another(Literal literal)
    {
        string text = Text(literal.Kind, literal.Bound);
        return Marked(Written(literal.Kind, text), literal with { Text = text });
    }

    private string Written(SqlKind kind, string text)
    {
        string type = kind.Name, quoted = $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
        bool bare = kind == SqlKind.Int4 || (kind == SqlKind.Numeric && text.Contains('.'));
        return bare ? (text[0] == '-' ? $"({text})" : text)
            : kind == SqlKind.Bool ? (text == "t" ? "true" : "false")
            : kind == SqlKind.Text && dice.Percent(50) ? quoted
            : kind.IsNumber ? $"({text})::{type}"
            : dice.Percent(70) || type.EndsWith(']') ? $"{quoted}::{type}" : $"CAST({quoted} AS {type})";
    }

    private static SqlPart Marked(string sql, Literal literal) =>
        SqlPart.Of(sql) with { Sort = literal.Kind.Name, Simplest = $"NULL::{literal.Kind}", Literal = literal };

    private string Number(SqlKind kind, double bound)
    {
        int most = (int)Math.Min(bound, dice.Percent(70) ? 20 : 1e6);
        int whole = dice.Between(-most, most);
        string fraction = kind.IsFloat ? dice.Pick("", ".5", ".25", ".75")
            : kind == SqlKind.Numeric ? dice.Pick("", ".5", ".25", ".10", ".99", ".00") : "";
        return whole.ToString(CultureInfo.InvariantCulture) + (Math.Abs(whole) < bound ? fraction : "");
    }

    private string Day() => dice.Percent(60)
        ? $"2024-0{dice.Between(1, 3)}-{dice.Between(27, 29)}"
        : $"{dice.Between(1995, 2030)}-{dice.Between(1, 12):00}-{dice.Between(1, 28):00}";

    private string Clock() => dice.Pick("00:00:00", "12:30:00", "23:59:59.999", "06:07:08.123456", "01:02:03", "13:00:00");
}
