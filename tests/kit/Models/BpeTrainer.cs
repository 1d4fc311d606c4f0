namespace VecSQL.Kit.Models;

/// <summary>Learns merges: again and again, the pair of neighbours that occurs most often.</summary>
public static class BpeTrainer
{
    /// <param name="words">Words as signs, with how often they occur.</param>
    public static List<(string Left, string Right)> Learn(IEnumerable<(string[] Signs, int Count)> words, int mergesMax)
    {
        List<(List<string> Signs, int Count)> texts = [.. words.Select(word => (word.Signs.ToList(), word.Count))];
        List<(string Left, string Right)> merges = [];
        Dictionary<(string, string), int> counts = [];
        while (merges.Count < mergesMax)
        {
            counts.Clear();
            foreach ((List<string> signs, int count) in texts)
            {
                for (int i = 0; i + 1 < signs.Count; i++)
                    counts[(signs[i], signs[i + 1])] = counts.GetValueOrDefault((signs[i], signs[i + 1])) + count;
            }
            if (counts.Count == 0)
                break;
            // Several at once, as long as they share no sign: quicker, and as good for tests.
            HashSet<string> touched = [];
            HashSet<(string, string)> chosen = [];
            foreach (((string left, string right), _) in counts.OrderByDescending(pair => pair.Value)
                .ThenBy(pair => pair.Key.Item1, StringComparer.Ordinal).ThenBy(pair => pair.Key.Item2, StringComparer.Ordinal)
                .Take(60))
            {
                if (merges.Count < mergesMax && !touched.Contains(left) && !touched.Contains(right))
                {
                    merges.Add((left, right));
                    chosen.Add((left, right));
                    touched.UnionWith([left, right]);
                }
            }
            foreach ((List<string> signs, _) in texts)
            {
                for (int i = 0; i + 1 < signs.Count; i++)
                {
                    if (!chosen.Contains((signs[i], signs[i + 1])))
                        continue;
                    signs[i] += signs[i + 1];
                    signs.RemoveAt(i + 1);
                }
            }
        }
        return merges;
    }
}
