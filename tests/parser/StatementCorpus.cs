namespace VecSQL.Parser.Tests;

/// <summary>The statements of corpus.sql, one for each of its lines.</summary>
internal static class StatementCorpus
{
    internal static IReadOnlyList<string> Statements { get; } = Read();

    private static List<string> Read()
    {
        using Stream stream = typeof(StatementCorpus).Assembly.GetManifestResourceStream("corpus.sql")
            ?? throw new InvalidOperationException("corpus.sql is not embedded");
        using StreamReader reader = new(stream);
        return [.. reader.ReadToEnd().Split('\n').Skip(1).Where(line => line.Length > 0)];
    }
}
