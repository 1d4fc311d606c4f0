using System.Diagnostics;
using System.Text;

namespace VecSQL.Bench.Retrieval.Texts;

/// <summary>Descriptions of Debian's packages, as apt has them: the line that says what a package is, and the text that says it at
/// length.</summary>
internal static class PackageTexts
{
    private const string Lists = "/var/lib/apt/lists", Decompress = "/usr/lib/apt/apt-helper";

    internal static IEnumerable<TextPair> Read()
    {
        if (!Directory.Exists(Lists) || !File.Exists(Decompress))
            yield break;
        HashSet<string> seen = [];
        foreach (string file in Directory.EnumerateFiles(Lists, "*Translation-en*").Order(StringComparer.Ordinal))
        {
            foreach ((string title, string body) in Descriptions(file))
            {
                if (body.Length >= 80 && seen.Add(body))
                    yield return new TextPair(title, body, FirstSentence(body));
            }
        }
    }

    private static IEnumerable<(string Title, string Body)> Descriptions(string file)
    {
        using Process process = Process.Start(new ProcessStartInfo(Decompress, ["cat-file", file]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{Decompress} does not start");
        string? title = null;
        StringBuilder body = new();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith("Description-en: ", StringComparison.Ordinal))
            {
                title = line["Description-en: ".Length..];
            }
            else if (line.StartsWith(' ') && title is not null)
            {
                body.Append(line is " ." ? "\n" : line);
            }
            else if (line.Length == 0 && title is not null)
            {
                yield return (title, body.ToString().Trim());
                title = null;
                body.Clear();
            }
        }
    }

    /// <summary>Packages of one source begin alike.</summary>
    private static string FirstSentence(string body)
    {
        int end = body.IndexOfAny(['.', '\n'], Math.Min(40, body.Length));
        return end < 0 ? body : body[..end];
    }
}
