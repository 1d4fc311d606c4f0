namespace VecSQL.Parser.Tests;

/// <summary>The statements of corpus.sql and the errors of errors.tsv, one for each line.</summary>
internal static class StatementCorpus
{
    internal static IReadOnlyList<string> Statements { get; } = ReadLines("corpus.sql");

    internal static IReadOnlyList<ExpectedError> Errors { get; } =
        [.. ReadLines("errors.tsv").Select(ExpectedError.Parse)];

    private static List<string> ReadLines(string name)
    {
        using Stream stream = typeof(StatementCorpus).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded");
        using StreamReader reader = new(stream);
        return [.. reader.ReadToEnd().Split('\n').Skip(1).Where(line => line.Length > 0)];
    }
}

/// <summary>A wrong statement and what PostgreSQL says of it; state "ok" where it parses after all.</summary>
internal sealed record ExpectedError(string State, string Position, string Message, string Hint, string Sql)
{
    internal static ExpectedError Parse(string line) =>
        line.Split('\t') is [var state, var position, var message, var hint, var sql]
            ? new ExpectedError(state, position, message, hint, sql)
            : throw new FormatException(line);
}
