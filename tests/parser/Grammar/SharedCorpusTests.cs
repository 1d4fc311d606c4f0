using System.Text.RegularExpressions;
using VecSQL.Core.Errors;

namespace VecSQL.Parser.Tests.Grammar;

/// <summary>Statements that clients and other projects' suites send, where a machine has them: VECSQL_SQL_CORPUS names the folder.</summary>
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
            Try(block.Groups[1].Value, failures);
        Assert.True(failures.Count == 0, $"{failures.Count}\n{string.Join("\n----\n", failures.Take(15))}");
    }

    [Fact]
    public void Every_statement_of_the_logic_tests_parses_that_must_succeed()
    {
        string path = Path.Combine(Corpus ?? "", "slt");
        if (Corpus is null || !Directory.Exists(path))
            return;
        List<string> failures = [];
        foreach (string file in Directory.EnumerateFiles(path, "*.test", SearchOption.AllDirectories))
        {
            foreach (string record in File.ReadAllText(file).Split("\n\n"))
            {
                string[] lines = record.Trim().Split('\n');
                int head = Array.FindIndex(lines, line => line.StartsWith("statement ok") || line.StartsWith("query"));
                bool isOthers = lines.Any(line => line.StartsWith("skipif postgresql")
                    || (line.StartsWith("onlyif") && !line.StartsWith("onlyif postgresql")));
                if (head < 0 || isOthers)
                    continue;
                Try(string.Join('\n', lines.Skip(head + 1).TakeWhile(line => line != "----")), failures);
            }
        }
        Assert.True(failures.Count == 0, $"{failures.Count}\n{string.Join("\n----\n", failures.Take(40))}");
    }

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
