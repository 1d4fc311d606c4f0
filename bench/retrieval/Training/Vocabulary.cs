using VecSQL.Bench.Retrieval.Texts;

namespace VecSQL.Bench.Retrieval.Training;

/// <summary>The words that get vectors: those that most texts have, but numbers.</summary>
internal sealed class Vocabulary
{
    private const int TextsMin = 4, LettersMin = 2;

    private readonly Dictionary<string, int> _numbers = [];

    /// <param name="texts">Each once.</param>
    internal Vocabulary(IReadOnlyCollection<string> texts, int wordsMax)
    {
        Dictionary<string, int> counts = [];
        foreach (string text in texts)
        {
            foreach (string word in TextTasks.WordsOf(text).Distinct())
            {
                if (word.Length >= LettersMin && !char.IsDigit(word[0]))
                    counts[word] = counts.GetValueOrDefault(word) + 1;
            }
        }
        foreach ((string word, int count) in counts.Where(static count => count.Value >= TextsMin)
            .OrderByDescending(static count => count.Value).ThenBy(static count => count.Key, StringComparer.Ordinal).Take(wordsMax))
        {
            _numbers[word] = Words.Count;
            Words.Add(word);
            Shares.Add((double)count / texts.Count);
        }
    }

    internal List<string> Words { get; } = [];

    /// <summary>Of the texts, those that have the word.</summary>
    internal List<double> Shares { get; } = [];

    internal int[] NumbersOf(string text) =>
        [.. TextTasks.WordsOf(text).Select(word => _numbers.GetValueOrDefault(word, -1)).Where(static number => number >= 0)];
}
