namespace VecSQL.Text.Analysis;

/// <summary>English words so common that they tell nothing about a text.</summary>
/// <remarks>The same words that PostgreSQL's english configuration leaves out.</remarks>
internal static class EnglishStopWords
{
    private const string Words =
        """
        a an the i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself
        it its itself they them their theirs themselves what which who whom this that these those am is are was were be been being
        have has had having do does did doing will can should and but if or because as until while of at by for with
        about against between into through during before after above below to from up down in out on off over under again further
        then once here there when where why how all any both each few more most other some such no nor not only own same so than
        too very s t don just now
        """;

    private static readonly HashSet<string> Set = [.. Words.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> BySpan =
        Set.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <param name="word">In lower case.</param>
    internal static bool Contains(ReadOnlySpan<char> word) => BySpan.Contains(word);
}
