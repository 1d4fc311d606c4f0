using System.Text.RegularExpressions;

namespace VecSQL.Architecture.Tests;

/// <summary>The import rule: who may know whom.</summary>
public sealed partial class ImportTests
{
    [Fact]
    public void Projects_refer_only_to_the_projects_that_the_table_allows()
    {
        List<string> wrong = [];
        int read = 0;
        foreach (string folder in Repository.Imports.Keys)
        {
            string project = Repository.Files("*.csproj").Single(path => path.StartsWith(folder + "/", StringComparison.Ordinal));
            foreach (string line in Repository.Lines(project))
            {
                Match reference = ProjectReference().Match(line);
                if (!reference.Success)
                    continue;
                read++;
                if (!Repository.Imports[folder].Contains(reference.Groups[1].Value))
                    wrong.Add($"{project}: refers to {reference.Groups[1].Value}");
            }
        }
        Assert.True(read > 20, $"only {read} references found");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Sources_use_only_the_namespaces_of_folders_that_the_table_allows()
    {
        Dictionary<string, string> folderOf = Repository.Imports.Keys.ToDictionary(
            folder => folder == "sqllogictest" ? "SqlLogicTest" : char.ToUpperInvariant(folder[0]) + folder[1..], folder => folder);
        List<string> wrong = [];
        int read = 0;
        foreach (string path in Repository.Files("*.cs"))
        {
            string folder = path.Split('/')[0];
            if (!Repository.Imports.TryGetValue(folder, out IReadOnlySet<string>? allowed))
                continue;
            foreach (string line in Repository.Lines(path))
            {
                Match use = UsingLine().Match(line);
                if (!use.Success || !folderOf.TryGetValue(use.Groups[1].Value, out string? target))
                    continue;
                read++;
                if (target != folder && !allowed.Contains(target))
                    wrong.Add($"{path}: {line.Trim()}");
            }
        }
        Assert.True(read > 100, $"only {read} uses found");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Unsafe_code_is_allowed_in_four_projects_only()
    {
        string[] allowing = Repository.Files("*.csproj")
            .Where(path => Repository.Lines(path).Any(line => line.Contains("<AllowUnsafeBlocks>true", StringComparison.Ordinal)))
            .Select(path => path.Split('/')[0]).Where(folder => folder is not ("tests" or "bench")).ToArray();
        Assert.Equal(["columnar", "ml", "storage", "vectors"], allowing.Order());
    }

    [Fact]
    public void Namespaces_follow_folders()
    {
        List<string> wrong = [];
        foreach (string path in Repository.Files("*.cs"))
        {
            string[] parts = path.Split('/');
            if (!Repository.Imports.ContainsKey(parts[0]) || parts.Length < 2)
                continue;
            string root = parts[0] == "sqllogictest" ? "SqlLogicTest" : char.ToUpperInvariant(parts[0][0]) + parts[0][1..];
            string expected = string.Join('.', parts[1..^1].Prepend(root).Prepend("VecSQL"));
            string? declared = Repository.Lines(path).Select(line => NamespaceLine().Match(line))
                .Where(match => match.Success).Select(match => match.Groups[1].Value).FirstOrDefault();
            if (declared is not null && declared != expected)
                wrong.Add($"{path}: namespace {declared}, by its folder {expected}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [GeneratedRegex(@"<ProjectReference Include=""\.\./(\w+)/")]
    private static partial Regex ProjectReference();

    [GeneratedRegex(@"^\s*(?:global )?using (?:static )?(?:\w+ = )?VecSQL\.(\w+)")]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"^namespace ([\w.]+);")]
    private static partial Regex NamespaceLine();
}
