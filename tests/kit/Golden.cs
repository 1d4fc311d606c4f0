namespace VecSQL.Kit;

/// <summary>A file of the repository that the program's own facts are written into, and held against.</summary>
public static class Golden
{
    /// <summary>What is wrong with the file; null where it says what is expected. Under VECSQL_UPDATE_GOLDEN=1 it is written anew.</summary>
    /// <param name="path">From the repository's root.</param>
    public static string? Difference(string path, string expected)
    {
        string file = Path.Combine(Programs.RepositoryRoot, path);
        if (Environment.GetEnvironmentVariable("VECSQL_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(file, expected);
            return null;
        }
        string[] wanted = expected.Split('\n'), found = File.Exists(file) ? File.ReadAllText(file).Split('\n') : [];
        for (int i = 0; i < Math.Max(wanted.Length, found.Length); i++)
        {
            string? should = i < wanted.Length ? wanted[i] : null, reads = i < found.Length ? found[i] : null;
            if (should != reads)
                return $"{path}:{i + 1}: reads \"{reads}\", should read \"{should}\"; VECSQL_UPDATE_GOLDEN=1 writes it anew";
        }
        return null;
    }
}
