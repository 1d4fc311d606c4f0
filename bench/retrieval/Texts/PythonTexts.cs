using System.Text.RegularExpressions;

namespace VecSQL.Bench.Retrieval.Texts;

/// <summary>What functions of Python's own library do, and their names with those of their parameters: of another world than what is
/// learned from.</summary>
internal static partial class PythonTexts
{
    internal static IEnumerable<TextPair> Read()
    {
        string[] libraries = Directory.Exists("/usr/lib") ? Directory.GetDirectories("/usr/lib", "python3.*") : [];
        foreach (string library in libraries.Order(StringComparer.Ordinal))
        {
            foreach (string file in Directory.EnumerateFiles(library, "*.py", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                string module = Path.GetRelativePath(library, file)[..^3].Replace('/', '.');
                foreach (Match function in Function().Matches(File.ReadAllText(file)))
                {
                    string summary = string.Join(' ', function.Groups["doc"].Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
                    if (summary.Length >= 30)
                        yield return new TextPair(summary, $"{module} {function.Groups["name"]} {function.Groups["arguments"]}", module);
                }
            }
        }
    }

    [GeneratedRegex(""""def (?<name>\w+)\((?<arguments>[^()]*)\)[^\n:]*:\s*\n\s+r?"""(?<doc>[^"]*?)(\n\s*\n|\.\s|""")"""")]
    private static partial Regex Function();
}
