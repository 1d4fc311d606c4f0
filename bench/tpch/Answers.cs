using VecSQL.Bench.Tpch.Contestants;

namespace VecSQL.Bench.Tpch;

/// <summary>Compares answers.</summary>
internal static class Answers
{
    /// <summary>What is different; null for nothing.</summary>
    internal static string? Difference(Answer answer, Answer reference)
    {
        if (answer.Rows is not { } rows || reference.Rows is not { } expected || rows.SequenceEqual(expected))
            return null;
        if (rows.Count != expected.Count)
            return $"{rows.Count} rows, not {expected.Count}";
        if (rows.Order(StringComparer.Ordinal).SequenceEqual(expected.Order(StringComparer.Ordinal)))
            return "the rows in another order";
        int at = Enumerable.Range(0, rows.Count).First(i => rows[i] != expected[i]);
        return $"row {at + 1} is {rows[at]}, not {expected[at]}";
    }
}
