namespace VecSQL.Differential.Tests.Running;

/// <summary>A difference from PostgreSQL that is meant, or not removed yet; <c>docs/guides/differences.md</c> has them all with reasons.</summary>
/// <param name="Title">Its heading there.</param>
internal sealed record IntendedDifference(string Title, Func<Exchange, bool> Explains)
{
    public const int CountMax = 15;

    public static IReadOnlyList<IntendedDifference> All { get; } =
    [
        new("Statements that are refused by name", exchange => exchange is { Reference.Failed: false, VecSql.SqlState: "0A000" }),
        new("A statement that runs out of time", exchange => exchange.Reference.SqlState == "57014" || exchange.VecSql.SqlState == "57014"),
    ];

    public static IntendedDifference? Of(Exchange exchange) => All.FirstOrDefault(difference => difference.Explains(exchange));
}
