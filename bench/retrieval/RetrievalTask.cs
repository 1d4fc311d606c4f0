using VecSQL.Bench.Retrieval.Texts;

namespace VecSQL.Bench.Retrieval;

/// <summary>Documents, queries, and which documents answer each.</summary>
/// <remarks>Equal documents are one; a query has as answers all documents that some pair of its words has.</remarks>
internal sealed class RetrievalTask
{
    private readonly Dictionary<string, int> _numbers = [];

    internal RetrievalTask(TextTask task, int queriesMax)
    {
        Name = task.Name;
        Dictionary<string, SortedSet<int>> answers = [];
        foreach (TextPair pair in task.Pairs)
        {
            if (!_numbers.TryGetValue(pair.Document, out int number))
            {
                _numbers[pair.Document] = number = Documents.Count;
                Documents.Add(pair.Document);
            }
            if (!answers.TryGetValue(pair.Query, out SortedSet<int>? of))
                answers[pair.Query] = of = [];
            of.Add(number);
        }
        int step = Math.Max(1, answers.Count / queriesMax), at = 0;
        foreach ((string query, SortedSet<int> of) in answers)
        {
            if (at++ % step == 0 && Queries.Count < queriesMax)
                Queries.Add((query, of));
        }
    }

    internal string Name { get; }

    internal List<string> Documents { get; } = [];

    internal List<(string Text, SortedSet<int> Answers)> Queries { get; } = [];
}
