namespace VecSQL.Bench.Tpch;

/// <summary>Figures as Markdown.</summary>
internal static class Report
{
    internal static void Write(IReadOnlyList<string> names, int reference, IReadOnlyList<QueryFigures> figures, TextWriter output)
    {
        string[] ratios = [.. names.Where((_, i) => i != reference).Select(name => $"{name} : {names[reference]}")];
        output.WriteLine($"| query | {string.Join(" | ", names.Select(name => name + " ms"))} | {string.Join(" | ", ratios)} | answers |");
        output.WriteLine($"| --- |{string.Concat(Enumerable.Repeat(" ---: |", names.Count + ratios.Length))} --- |");
        foreach (QueryFigures query in figures)
            WriteLine(query.Query, query.Milliseconds, Remark(names, query));
        // Only queries that all have answered: a total without some would be no total.
        QueryFigures[] whole = [.. figures.Where(query => query.Milliseconds.All(time => time is not null))];
        WriteLine($"all ({whole.Length})", [.. names.Select((_, i) => whole.Sum(query => query.Milliseconds[i]))], "");

        void WriteLine(string query, IReadOnlyList<double?> times, string remark)
        {
            IEnumerable<string> quotients = Enumerable.Range(0, names.Count).Where(i => i != reference)
                .Select(i => times[i] is { } own && times[reference] is { } other ? $"{own / other:F2}" : "");
            output.WriteLine($"| {query} | {string.Join(" | ", times.Select(time => $"{time:F0}"))} | {string.Join(" | ", quotients)} | {remark} |");
        }
    }

    private static string Remark(IReadOnlyList<string> names, QueryFigures query)
    {
        string remarks = string.Join("; ", names.Select((name, i) => (name, Text: query.Remarks[i])).Where(pair => pair.Text is not null)
            .Select(pair => $"{pair.name}: {pair.Text}"));
        return remarks.Length == 0 ? "same" : remarks.Replace('|', '/');
    }
}
