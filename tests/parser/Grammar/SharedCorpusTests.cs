using System.Text.RegularExpressions;
using VecSQL.Core.Errors;

namespace VecSQL.Parser.Tests.Grammar;

/// <summary>
/// Statements that clients and other projects' suites send, where a machine has them: VECSQL_SQL_CORPUS names their
/// folder.
/// </summary>
public sealed class SharedCorpusTests
{
    private static readonly string? Corpus = Environment.GetEnvironmentVariable("VECSQL_SQL_CORPUS");

    [Fact]
    public void Every_statement_of_client_libraries_parses()
    {
        string path = Path.Combine(Corpus ?? "", "client-queries.md");
        if (Corpus is null || !File.Exists(path))
            return;
        List<string> failures = [];
        MatchCollection blocks = Regex.Matches(File.ReadAllText(path), "```sql\n(.*?)```", RegexOptions.Singleline);
        Assert.NotEmpty(blocks);
        foreach (Match block in blocks)
        {
            // A statement that was cut off when it was recorded ends in the middle of a word.
            if (block.Groups[1].Value.Length < 6000)
                Try(block.Groups[1].Value, failures);
        }
        Assert.True(failures.Count == 0, $"{failures.Count}\n{string.Join("\n----\n", failures.Take(15))}");
    }

    [Fact]
    public void Every_statement_of_the_logic_tests_parses_that_must_succeed()
    {
        string path = Path.Combine(Corpus ?? "", "slt");
        if (Corpus is null || !Directory.Exists(path))
            return;
        List<string> failures = [];
        foreach (string line in File.ReadLines(Path.Combine(path, "manifest.tsv")).Skip(1))
        {
            string[] entry = line.Split('\t');
            HashSet<string> othersDialect = [.. entry[6].Split(',')]; // lines that PostgreSQL refuses as well
            ParseRecords(File.ReadAllLines(Path.Combine(path, entry[0])), othersDialect, failures);
        }
        Assert.True(failures.Count == 0, $"{failures.Count}\n{string.Join("\n----\n", failures.Take(40))}");
    }

    private static void ParseRecords(string[] lines, HashSet<string> othersDialect, List<string> failures)
    {
        bool isOthers = false;
        for (int at = 0; at < lines.Length; at++)
        {
            string line = lines[at];
            if (line.Length == 0)
                isOthers = false;
            isOthers |= line.StartsWith("skipif postgresql")
                || (line.StartsWith("onlyif") && !line.StartsWith("onlyif postgresql"));
            if (line == "halt" && !isOthers)
                return;
            if (isOthers || othersDialect.Contains((at + 1).ToString())
                || !(line.StartsWith("statement ok") || line.StartsWith("query")))
            {
                continue;
            }
            string[] sql = [.. lines.Skip(at + 1).TakeWhile(one => one.Length > 0 && one != "----" && !IsHead(one))];
            Try(string.Join('\n', sql), failures);
        }
    }

    private static bool IsHead(string line) =>
        line.StartsWith("statement ") || line.StartsWith("query ") || line.StartsWith("skipif ")
            || line.StartsWith("onlyif ");

    private static void Try(string sql, List<string> failures)
    {
        try
        {
            SqlParser.Parse(sql);
        }
        catch (SqlException error)
        {
            failures.Add($"{error.State.Code} {error.Message} @{error.Position}: {sql}");
        }
    }
}
