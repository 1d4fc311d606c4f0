using VecSQL.Text.Analysis;

namespace VecSQL.Bench.Retrieval;

/// <summary>Texts to stemmed terms, as full-text indexes have them.</summary>
internal static class Terms
{
    internal static List<string> Of(string text)
    {
        List<string> terms = [];
        TermReader reader = new(Analyzer.English);
        reader.Begin(text);
        while (reader.MoveNext())
            terms.Add(reader.Term);
        return terms;
    }
}
