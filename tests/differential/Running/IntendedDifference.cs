using System.Globalization;
using System.Text.RegularExpressions;

namespace VecSQL.Differential.Tests.Running;

/// <summary>A difference from PostgreSQL that is meant, or not removed yet; <c>docs/guides/differences.md</c> has them all with reasons.</summary>
/// <param name="Title">Its heading there.</param>
/// <remarks>Two are tolerances, which <see cref="Comparison"/> has: sums of floats, and distances.</remarks>
internal sealed partial record IntendedDifference(string Title, Func<Exchange, bool> Explains)
{
    /// <summary>More would be a habit.</summary>
    public const int CountMax = 15;

    public static IReadOnlyList<IntendedDifference> All { get; } =
    [
        new("Statements that are refused by name", exchange => exchange is { VecSql.SqlState: "0A000" }),
        new("Constants that no row needs", exchange => exchange is { Reference.SqlState: { } state, VecSql.Failed: false }
            && exchange.VecSql.Rows.All(static row => Array.TrueForAll(row, static value => value is null))
            && (state[..2] is "22" or "54" or "0A" || exchange.Reference is { SqlState: "42601", Position: null })),
        new("Collations of generated columns", exchange => exchange is { Reference.SqlState: "42P22" }
            && exchange.Statement.Text.Contains("GENERATED ALWAYS AS (", StringComparison.Ordinal)),
        new("Unique columns while a statement runs", exchange => exchange is { Reference.SqlState: "23505", VecSql.Failed: false }
            && exchange.Statement.Text.Contains("UPDATE ", StringComparison.Ordinal)),
        new("Which of several failures comes first", exchange => exchange is { Reference.Failed: true, VecSql.Failed: true }
            && (exchange.Statement.Writes is not null || exchange is { Reference.SqlState: ['2', '3', ..], VecSql.SqlState: ['2', '3', ..] })),
        new("Ends of time", exchange => exchange is { Difference: "rows", Reference.Failed: false, VecSql.Failed: false }
            && Values(exchange.Reference).Zip(Values(exchange.VecSql)).All(static pair => AreOneMoment(pair.First, pair.Second))),
        new("A statement that runs out of time", exchange => exchange.Reference.SqlState == "57014" || exchange.VecSql.SqlState == "57014"),
    ];

    private static IEnumerable<string?> Values(SqlAnswer answer) =>
        answer.Rows.OrderBy(static row => string.Join('|', row), StringComparer.Ordinal).SelectMany(static row => row);

    /// <summary>Whether the values are equal, or times of before 1972 less than a minute apart, as the odd seconds of a zone's offset set them.</summary>
    private static bool AreOneMoment(string? x, string? y) => x == y || (x is not null && y is not null
        && Moment().Match(x) is { Success: true } left && Moment().Match(y) is { Success: true } right
        && left.Groups["era"].Value == right.Groups["era"].Value
        && DateTime.TryParse(left.Groups["local"].Value, CultureInfo.InvariantCulture, out DateTime first)
        && DateTime.TryParse(right.Groups["local"].Value, CultureInfo.InvariantCulture, out DateTime second)
        && first.Year < 1972 && (first - second).Duration() < TimeSpan.FromMinutes(1));

    [GeneratedRegex(@"^(?<local>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?)([+-]\d\d(:\d\d){0,2})?(?<era> BC)?$")]
    private static partial Regex Moment();

    public static IntendedDifference? Of(Exchange exchange) => All.FirstOrDefault(difference => difference.Explains(exchange));
}
