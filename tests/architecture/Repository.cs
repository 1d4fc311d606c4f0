namespace VecSQL.Architecture.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    public static readonly string Root = FindRoot();

    /// <summary>The product's folders with what each may import, as docs/architecture.md says; "everything" is all of them.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlySet<string>> Imports = ReadImports();

    /// <summary>Source files, by path from the root with forward slashes.</summary>
    public static IEnumerable<string> Files(string pattern) =>
        Directory.EnumerateFiles(Root, pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj" or "node_modules" or ".git" or "build" or "TestResults"))
            .OrderBy(path => path, StringComparer.Ordinal);

    public static string[] Lines(string path) => File.ReadAllLines(Path.Combine(Root, path));

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "VecSQL.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("no VecSQL.sln above the tests");
    }

    private static Dictionary<string, IReadOnlySet<string>> ReadImports()
    {
        string[][] rows = Lines("docs/architecture.md")
            .SkipWhile(line => line != "| folder | what it is | may import |").Skip(2)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray()).ToArray();
        HashSet<string> all = rows.Select(row => row[0]).ToHashSet();
        return rows.ToDictionary(row => row[0], IReadOnlySet<string> (row) => row[2] == "everything"
            ? all
            : row[2].Split(", ", StringSplitOptions.RemoveEmptyEntries).ToHashSet());
    }
}
