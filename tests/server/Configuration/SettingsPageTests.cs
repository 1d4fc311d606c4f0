using System.Text;
using VecSQL.Engine;
using VecSQL.Engine.Sessions;
using VecSQL.Kit;
using VecSQL.Server.Configuration;
using VecSQL.Storage;

namespace VecSQL.Server.Tests.Configuration;

/// <summary>docs/settings.md is made of what the program itself knows of its settings.</summary>
public sealed class SettingsPageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vecsql-settings-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_page_of_settings_is_true()
    {
        StringBuilder page = new(
            """
            # Settings

            Made from the program's own tables by `tests/server`; not written by hand.

            ## Of a node

            Read from a file (`--config FILE`, lines `name = value`), then from the environment (`VECSQL_` and the name in capitals), then from
            the command line (`--name`, with hyphens), each over the one before. A value that cannot be used stops the start with a message.

            | name | default | what it is |
            | --- | --- | --- |

            """);
        foreach (NodeSetting setting in NodeSettings.All.Where(static setting => !setting.IsHidden))
            page.Append($"| {setting.Name} | {setting.Default} | {setting.Summary} |\n");
        page.Append(
            """

            ## Of a session

            Set by `SET`, `set_config()`, startup options or `PGOPTIONS`; shown by `SHOW` and in `pg_settings`. Names, units and contexts are those of
            PostgreSQL. A setting of context `user` or `superuser` can be set by every session; the others say how the node is. Where the description
            says "without effect", clients of PostgreSQL set it and nothing here depends on it; where it says "only the default is supported", any
            other value is refused with 0A000, since it would promise what is not done.

            """);
        await AddSessionSettingsAsync(page);
        Assert.Null(Golden.Difference("docs/settings.md", page.ToString()));
    }

    private async Task AddSessionSettingsAsync(StringBuilder page)
    {
        await using Database database = Database.Open(new DatabaseOptions
        {
            Storage = new StorageOptions { Directory = _folder, RunsBackgroundWork = false },
        });
        await using ISqlSession session = database.OpenSession(new SessionOptions("vecsql", "vecsql", []));
        IReadOnlyList<TextResult> results = await session.RunTextAsync(
            """
            SELECT category, name, CASE WHEN vartype = 'enum' THEN array_to_string(enumvals, ', ') WHEN vartype IN ('integer', 'real')
                THEN min_val || ' to ' || max_val ELSE vartype END, coalesce(unit, ''), boot_val, context, short_desc
            FROM pg_settings ORDER BY category, name
            """, CancellationToken.None);
        string? category = null;
        foreach (IReadOnlyList<string?> row in results[^1].Rows)
        {
            if (row[0] != category)
            {
                category = row[0];
                page.Append($"\n### {category}\n\n| name | values | unit | default | context | what it is |\n| --- | --- | --- | --- | --- | --- |\n");
            }
            page.Append($"| {string.Join(" | ", row.Skip(1))} |\n");
        }
    }
}
