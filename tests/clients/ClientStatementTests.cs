using System.Text.RegularExpressions;
using VecSQL.Clients.Tests.Wire;
using VecSQL.Kit;

namespace VecSQL.Clients.Tests;

/// <summary>Catalog statements of real clients: what runs on PostgreSQL runs here, and what fails fails alike.</summary>
public sealed partial class ClientStatementTests
{
    private static readonly string[] Sections = ["psql", "psycopg2", "psycopg3", "npgsql"];

    /// <summary>A page of captured statements, where a checkout has one beside it; else the few that are kept here.</summary>
    private static string Page { get; } = new[]
    {
        Environment.GetEnvironmentVariable("VECSQL_CLIENT_STATEMENTS") ?? "",
        Path.Combine(Programs.RepositoryRoot, "..", "shared", "client-queries.md"),
        Path.Combine(Programs.RepositoryRoot, "tests", "clients", "statements", "catalog.md"),
    }.First(File.Exists);

    [ClientFact(ForeignClients.Postgres)]
    public async Task Statements_of_clients_end_as_they_do_on_postgresql()
    {
        await using PostgresServer postgres = await PostgresServer.StartAsync();
        await using ServerProcess server = await ServerProcess.StartAsync();
        await using RawClient theirs = await RawClient.OpenAsync(postgres.Port);
        await theirs.SendStartupAsync("user", "postgres", "database", "postgres");
        await theirs.UntilReadyAsync();
        await using RawClient ours = await RawClient.ConnectAsync(server.Port);
        List<string> differences = [];
        int count = 0;
        foreach ((string section, char protocol, string sql) in Statements(await File.ReadAllTextAsync(Page)))
        {
            count++;
            List<RawMessage> expected = await RunAsync(theirs, protocol, sql), actual = await RunAsync(ours, protocol, sql);
            if (Ending(expected) != Ending(actual))
            {
                string message = actual.FirstOrDefault(reply => reply.Type == 'E')?.Field('M') ?? "";
                differences.Add($"{section}: {Ending(expected)} there, {Ending(actual)} here {message}\n{sql}\n");
            }
        }
        Assert.True(count >= 10, $"{count} statements in {Page}");
        Assert.True(differences.Count == 0, $"{differences.Count} of {count} differ:\n{string.Join('\n', differences)}");
    }

    private static async Task<List<RawMessage>> RunAsync(RawClient client, char protocol, string sql)
    {
        if (protocol == 'Q')
            client.Query(sql);
        else
            client.Parse("", sql).Describe('S', "").Sync();
        List<RawMessage> replies = await (await client.SendAsync()).UntilReadyAsync();
        if (replies.Count > 0 && replies[^1].ToString() != "ready I")
            await client.AskAsync("ROLLBACK");
        return replies;
    }

    /// <summary>The SQLSTATE, or the columns of the last result.</summary>
    private static string Ending(List<RawMessage> replies) =>
        replies.FirstOrDefault(reply => reply.Type == 'E') is { } error ? $"error {error.Field('C')}"
        : replies.LastOrDefault(reply => reply.Type == 'T') is { } row ? $"columns {string.Join(',', ColumnNames(row))}"
        : "no columns";

    private static IEnumerable<string> ColumnNames(RawMessage description)
    {
        byte[] body = description.Body;
        int at = 2;
        while (at < body.Length)
        {
            int end = Array.IndexOf(body, (byte)0, at);
            yield return System.Text.Encoding.UTF8.GetString(body, at, end - at);
            at = end + 19; // table, column, type, size, modifier and format stand behind the name
        }
    }

    private static IEnumerable<(string Section, char Protocol, string Sql)> Statements(string page)
    {
        string section = "";
        foreach (Match part in Parts().Matches(page))
        {
            if (part.Groups["section"].Success)
                section = part.Groups["section"].Value;
            else if (Sections.Contains(section))
                yield return (section, part.Groups["protocol"].Value[0], part.Groups["sql"].Value);
        }
    }

    [GeneratedRegex(@"^### (?:[\d.]+ )?(?<section>\w+)|^```sql\n-- (?<protocol>[QP])[^\n]*\n(?<sql>.*?)\n```",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Parts();
}
