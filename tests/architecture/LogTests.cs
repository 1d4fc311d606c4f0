using System.Text;
using System.Text.RegularExpressions;
using VecSQL.Kit;

namespace VecSQL.Architecture.Tests;

/// <summary>Logging is data: one Log class an assembly, ids in a thousand of its own, and a page that lists them.</summary>
public sealed partial class LogTests
{
    [Fact]
    public void Each_assembly_logs_through_one_class_with_ids_of_its_own()
    {
        Message[] messages = [.. Messages()];
        Assert.NotEmpty(messages);
        List<string> wrong = [];
        foreach (Message message in messages.Where(message => message.Path != $"{message.Folder}/Log.cs"))
            wrong.Add($"{message.Path}: a log message outside {message.Folder}/Log.cs");
        foreach (IGrouping<int, Message> same in messages.GroupBy(message => message.Id).Where(group => group.Count() > 1))
            wrong.Add($"id {same.Key} is used {same.Count()} times");
        foreach (IGrouping<int, Message> shared in messages.GroupBy(message => message.Id / 1000)
            .Where(group => group.Select(message => message.Folder).Distinct().Count() > 1))
        {
            wrong.Add($"ids from {shared.Key}000 on are shared by {string.Join(", ", shared.Select(message => message.Folder).Distinct())}");
        }
        foreach (IGrouping<string, Message> folder in messages.GroupBy(message => message.Folder)
            .Where(group => group.Select(message => message.Id / 1000).Distinct().Count() > 1))
        {
            wrong.Add($"{folder.Key}: ids of more than one thousand");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void The_page_of_log_messages_is_true()
    {
        StringBuilder page = new(
            """
            # Log messages

            Made from the sources by `tests/architecture`; not written by hand. A node writes them to standard output, in UTC, one a line, with the
            id in brackets. Ids are never used again.

            | id | level | where | message |
            | --- | --- | --- | --- |

            """);
        foreach (Message message in Messages().OrderBy(message => message.Id))
            page.Append($"| {message.Id} | {message.Level} | {message.Folder} | {message.Text} |\n");
        Assert.Null(Golden.Difference("docs/logs.md", page.ToString()));
    }

    private static IEnumerable<Message> Messages()
    {
        foreach (string path in Repository.Files("*.cs").Where(path => Repository.Imports.ContainsKey(path.Split('/')[0])))
        {
            foreach (string line in Repository.Lines(path))
            {
                if (!line.Contains("[LoggerMessage(", StringComparison.Ordinal))
                    continue;
                Match found = Attribute().Match(line);
                Assert.True(found.Success, $"{path}: {line.Trim()} is not [LoggerMessage(id, LogLevel.…, \"…\")] on one line");
                yield return new Message(int.Parse(found.Groups[1].Value), found.Groups[2].Value, path.Split('/')[0], path,
                    found.Groups[3].Value);
            }
        }
    }

    [GeneratedRegex(@"\[LoggerMessage\((\d+), LogLevel\.(\w+), ""(.*)""\)\]")]
    private static partial Regex Attribute();

    private sealed record Message(int Id, string Level, string Folder, string Path, string Text);
}
