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
        new("Ends of time", exchange => exchange is { Reference.Failed: false, VecSql.Failed: false }
            && exchange.Reference.Rows.Any(static row => row.Any(static value => value is not null && OffsetWithSeconds().IsMatch(value)))
            && WithoutOffsets(exchange.Reference).SequenceEqual(WithoutOffsets(exchange.VecSql))),
        new("A statement that runs out of time", exchange => exchange.Reference.SqlState == "57014" || exchange.VecSql.SqlState == "57014"),
    ];

    private static IEnumerable<string> WithoutOffsets(SqlAnswer answer) => answer.Rows
        .Select(static row => string.Join('|', row.Select(static value => value is null ? "" : Offset().Replace(value, "$1")))).Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d:\d\d")]
    private static partial Regex OffsetWithSeconds();

    [GeneratedRegex(@"(\d\d:\d\d:\d\d(\.\d+)?)[+-]\d\d(:\d\d){0,2}")]
    private static partial Regex Offset();

    public static IntendedDifference? Of(Exchange exchange) => All.FirstOrDefault(difference => difference.Explains(exchange));
}
