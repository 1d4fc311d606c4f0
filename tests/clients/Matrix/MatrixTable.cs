using System.Text;
using VecSQL.Kit;

namespace VecSQL.Clients.Tests.Matrix;

/// <summary>The table of clients by checks, as the tests have found it; <c>./test</c> prints it, and the documentation shows it.</summary>
internal sealed class MatrixTable
{
    private const string Begin = "<!-- The tests write from here: VECSQL_UPDATE_GOLDEN=1 ./test clients -->\n", End = "<!-- to here -->\n";

    private readonly Dictionary<string, MatrixReport> _reports = [];

    public static string DocumentationFile => Path.Combine(Programs.RepositoryRoot, "docs", "guides", "clients.md");

    public void Add(MatrixClient client, MatrixReport report) => _reports[client.Name] = report;

    /// <summary>A client's row, and a line for each check that it has nothing of.</summary>
    public static string Row(MatrixClient client, MatrixReport report) =>
        $"| {client.Name} | {string.Join(" | ", client.Checks.Select(check => Cell(report, check)))} |\n";

    public static IEnumerable<string> Reasons(MatrixClient client, MatrixReport report) =>
        from check in client.Checks
        where report.Lacking(check) is not null
        select $"- {client.Name}, {check}: {report.Lacking(check)}\n";

    /// <summary>Writes build/clients.md, and the documentation's table where that is wanted and all clients have run.</summary>
    public void Write()
    {
        if (_reports.Count == 0)
            return; // other tests ran
        string text = Text();
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(Programs.RepositoryRoot, "build")).FullName, "clients.md"), text);
        if (Environment.GetEnvironmentVariable("VECSQL_UPDATE_GOLDEN") != "1" || _reports.Count < ClientMatrix.Clients.Length + ClientMatrix.Tools.Length)
            return;
        string page = File.ReadAllText(DocumentationFile);
        int from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, to = page.IndexOf(End, StringComparison.Ordinal);
        File.WriteAllText(DocumentationFile, page[..from] + text + page[to..]);
    }

    private string Text()
    {
        StringBuilder text = new();
        Append(text, "client", ClientMatrix.Checks, ClientMatrix.Clients);
        Append(text, "tool", ClientMatrix.ToolChecks, ClientMatrix.Tools);
        return text.ToString().TrimEnd('\n') + "\n";
    }

    private void Append(StringBuilder text, string title, string[] checks, MatrixClient[] clients)
    {
        text.Append($"| {title} | {string.Join(" | ", checks)} |\n| --- |{string.Concat(checks.Select(_ => " --- |"))}\n");
        foreach (MatrixClient client in clients)
        {
            text.Append(_reports.TryGetValue(client.Name, out MatrixReport? report) ? Row(client, report)
                : $"| {client.Name} | {string.Concat(checks.Select(_ => "skipped | "))}{Why(client)}\n");
        }
        text.Append('\n');
        int length = text.Length;
        foreach (MatrixClient client in clients)
        {
            if (_reports.TryGetValue(client.Name, out MatrixReport? report))
                text.AppendJoin("", Reasons(client, report));
        }
        if (text.Length > length)
            text.Append('\n');
    }

    private static string Why(MatrixClient client) => ForeignClients.WhyMissing(client.Packages) ?? "not run";

    private static string Cell(MatrixReport report, string check) =>
        report.Failure(check) is not null ? "fails" : report.Lacking(check) is not null ? "–" : "✓";
}
