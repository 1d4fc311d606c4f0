using System.Text;

namespace VecSQL.Kit.Models;

/// <summary>Text that is at hand: the repository's documents and the demo's sample.</summary>
public static class SampleText
{
    private static readonly Lazy<string[]> LinesOnce = new(ReadLines);

    /// <summary>Lines that are not empty.</summary>
    public static IReadOnlyList<string> Lines => LinesOnce.Value;

    /// <summary>Words in lower case with how often they occur, the most frequent first.</summary>
    public static IReadOnlyList<(string Word, int Count)> Words { get; } = [.. Lines.SelectMany(WordsOf)
        .GroupBy(word => word).Select(group => (group.Key, group.Count()))
        .OrderByDescending(word => word.Item2).ThenBy(word => word.Key, StringComparer.Ordinal)];

    private static string[] ReadLines()
    {
        string root = Programs.RepositoryRoot;
        IEnumerable<string> files = Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(root, "README.md")).Append(Path.Combine(root, "server", "Demo", "sample.tsv"))
            .Where(File.Exists).Order(StringComparer.Ordinal);
        return [.. files.SelectMany(File.ReadLines).Where(line => line.Length > 0)];
    }

    private static IEnumerable<string> WordsOf(string line)
    {
        StringBuilder word = new();
        foreach (char letter in line.Append(' '))
        {
            if (char.IsLetterOrDigit(letter))
            {
                word.Append(char.ToLowerInvariant(letter));
            }
            else if (word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }
        }
    }
}
