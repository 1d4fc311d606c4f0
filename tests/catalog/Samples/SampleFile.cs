using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Tests.Samples;

/// <summary>Inputs and the answers PostgreSQL 15 gives to them, one a line, fields between tabs.</summary>
/// <remarks>
/// The last field is what is expected: text, or <c>!SQLSTATE message | detail</c> for an error, or <c>\N</c> for NULL.
/// Fields escape backslash, tab and newline with a backslash, as COPY does.
/// </remarks>
internal static class SampleFile
{
    public static void Check(string name, Func<string[], string> answer)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Samples", name);
        var wrong = new StringBuilder();
        int wrongCount = 0, count = 0;
        foreach (string line in File.ReadLines(path))
        {
            string[] fields = line.Split('\t').Select(Unescape).ToArray();
            string expected = fields[^1], actual;
            try
            {
                actual = answer(fields[..^1]);
            }
            catch (SqlException error)
            {
                actual = $"!{error.State} {error.Message}{(error.Detail is null ? "" : " | " + error.Detail)}";
            }
            catch (Exception error) when (error is not Xunit.Sdk.XunitException)
            {
                actual = error.ToString(); // reported beside its input
            }
            count++;
            if (actual == expected)
                continue;
            if (wrongCount++ < 400)
                wrong.AppendLine($"{string.Join(" ¦ ", fields[..^1])}\n   expected {expected}\n   actual   {actual}");
        }
        Assert.True(count > 0, "no samples in " + name);
        Assert.True(wrongCount == 0, $"{wrongCount} of {count} differ:\n{wrong}");
    }

    private static string Unescape(string field)
    {
        if (!field.Contains('\\') || field == "\\N")
            return field;
        var text = new StringBuilder();
        for (int i = 0; i < field.Length; i++)
        {
            if (field[i] != '\\' || i + 1 == field.Length)
                text.Append(field[i]);
            else
                text.Append(field[++i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', char other => other });
        }
        return text.ToString();
    }
}
