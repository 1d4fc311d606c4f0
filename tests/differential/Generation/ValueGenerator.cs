using System.Globalization;

namespace VecSQL.Differential.Tests.Generation;

/// <summary>Constants of each type, from small sets, so that rows meet in joins and groups.</summary>
/// <remarks>Floats are multiples of a quarter: sums of them are exact, whatever the order.</remarks>
internal sealed class ValueGenerator(Dice dice)
{
    private static readonly string[] Words =
        ["", "a", "b", "abc", "foo", "bar", "Foo", "o'k", "aXb", "zoo be", " x", "x ", "ünï", "日本", "boat", "a-b-c", "1", "42", "%_", "\\", "NULL", "été"];

    private static readonly string[] JsonValues =
    [
        "{}", "[]", "null", "1", "1.50", "\"foo\"", "true", "{\"a\": 1}", "{\"a\": {\"b\": \"foo\"}, \"c\": [1, 2]}", "[1, \"a\", null]",
        "{\"b\": 2, \"a\": null}", "{\"c\": [\"x\"], \"a\": \"abc\"}", "[{\"a\": 1}, {\"a\": 2}]", "{\"a\": [1, 2, {\"b\": 3}]}", "\"a\\\"b\"",
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
            return new Expression(Marked($"NULL::{type}", kind, null), kind, 0);
        string text = Text(kind, bound);
        string quoted = $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
        bool bare = kind == SqlKind.Int4 || (kind == SqlKind.Numeric && text.Contains('.'));
        string sql = bare ? (text[0] == '-' ? $"({text})" : text)
            : kind == SqlKind.Bool ? (text == "t" ? "true" : "false")
            : kind == SqlKind.Text && dice.Percent(50) ? quoted
            : kind.IsNumber ? $"({text})::{type}"
            : dice.Percent(70) || type.EndsWith(']') ? $"{quoted}::{type}" : $"CAST({quoted} AS {type})";
        return new Expression(Marked(sql, kind, text), kind, Math.Min(bound, ColumnBound(kind)));
    }

    private static SqlPart Marked(string sql, SqlKind kind, string? text) =>
        SqlPart.Of(sql) with { Sort = kind.Name, Simplest = $"NULL::{kind.Name}", Literal = new Literal(kind, text) };

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
