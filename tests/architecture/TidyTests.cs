using System.Text.RegularExpressions;

namespace VecSQL.Architecture.Tests;

/// <summary>What every file keeps to.</summary>
public sealed partial class TidyTests
{
    [Fact]
    public void Decisions_are_numbered_once_and_say_why()
    {
        string[] pages = [.. Repository.Files("*.md").Where(path => path.StartsWith("docs/decisions/0", StringComparison.Ordinal))];
        Assert.NotEmpty(pages);
        Assert.Equal(Enumerable.Range(1, pages.Length), pages.Select(path => int.Parse(Path.GetFileName(path)[..4])));
        Assert.All(pages, path =>
        {
            string text = string.Join('\n', Repository.Lines(path));
            Assert.Contains("**Context.**", text, StringComparison.Ordinal);
            Assert.Contains("**Choice.**", text, StringComparison.Ordinal);
            Assert.Contains("**What would change our mind.**", text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Source_lines_end_clean_and_fit_the_page()
    {
        List<string> wrong = [];
        foreach (string path in Repository.Files("*.cs"))
        {
            string[] lines = Repository.Lines(path);
            if (lines.Length > 1000)
                wrong.Add($"{path}: {lines.Length} lines; a file holds one idea");
            for (int i = 0; i < lines.Length; i++)
            {
                if (lines[i].Length > 180)
                    wrong.Add($"{path}:{i + 1}: {lines[i].Length} columns");
                if (lines[i].Length > 0 && char.IsWhiteSpace(lines[i][^1]))
                    wrong.Add($"{path}:{i + 1}: blanks at the end");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Suppressed_warnings_and_loose_ends_say_why()
    {
        List<string> wrong = [];
        foreach (string path in Repository.Files("*.cs").Where(path => !path.StartsWith("tests/architecture/", StringComparison.Ordinal)))
        {
            string[] lines = Repository.Lines(path);
            for (int i = 0; i < lines.Length; i++)
            {
                if (lines[i].Contains("#pragma warning disable", StringComparison.Ordinal) && !lines[i].Contains("//", StringComparison.Ordinal))
                    wrong.Add($"{path}:{i + 1}: a suppression without its reason");
                if (LooseEnd().IsMatch(lines[i]))
                    wrong.Add($"{path}:{i + 1}: {lines[i].Trim()}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Every_folder_of_the_product_has_a_short_readme()
    {
        List<string> wrong = [];
        foreach (string folder in Repository.Imports.Keys)
        {
            string readme = Path.Combine(Repository.Root, folder, "README.md");
            if (!File.Exists(readme))
                wrong.Add($"{folder}: no README.md");
            else if (File.ReadAllLines(readme).Length > 80)
                wrong.Add($"{folder}/README.md: longer than a page");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Links_between_documents_resolve()
    {
        List<string> wrong = [];
        int read = 0;
        foreach (string path in Repository.Files("*.md"))
        {
            foreach (Match link in Link().Matches(File.ReadAllText(Path.Combine(Repository.Root, path))))
            {
                string target = link.Groups[1].Value.Split('#')[0];
                if (target.Length == 0 || target.Contains("://", StringComparison.Ordinal))
                    continue;
                read++;
                string full = Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(path) ?? "", target));
                if (!File.Exists(full) && !Directory.Exists(full))
                    wrong.Add($"{path}: {target}");
            }
        }
        Assert.True(read > 5, $"only {read} links found");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Packages_are_accounted_for()
    {
        string documented = File.ReadAllText(Path.Combine(Repository.Root, "docs", "dependencies.md"));
        string[] packages = Repository.Lines("Directory.Packages.props")
            .Select(line => PackageVersion().Match(line)).Where(match => match.Success)
            .Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}").ToArray();
        Assert.NotEmpty(packages);
        Assert.DoesNotContain(packages, package => !documented.Contains(package, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"throw new NotImplementedException|//.*\b(TODO|FIXME|HACK)\b|Thread\.Sleep\(|#region")]
    private static partial Regex LooseEnd();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"<PackageVersion Include=""([^""]+)"" Version=""([^""]+)""")]
    private static partial Regex PackageVersion();
}
