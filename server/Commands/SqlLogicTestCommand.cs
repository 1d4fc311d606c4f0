using System.CommandLine;
using Npgsql;
using VecSQL.SqlLogicTest;
using VecSQL.SqlLogicTest.Runner;

namespace VecSQL.Server.Commands;

/// <summary><c>vecsql sqllogictest</c>: runs .slt files against a server, or in process when no host is given.</summary>
internal static class SqlLogicTestCommand
{
    public static Command Build()
    {
        Command command = new("sqllogictest", "Runs .slt files against a server, or in process when no host is given.");
        Argument<string[]> files = new("FILES") { Description = "Test files, or folders of them", Arity = ArgumentArity.OneOrMore };
        Option<string?> host = new("--host") { Description = "The server; none runs in process", HelpName = "HOST" };
        Option<int> port = new("--port") { Description = "The server's port", DefaultValueFactory = _ => 5432, HelpName = "PORT" };
        Option<string> user = new("--user") { Description = "The user to connect as", DefaultValueFactory = _ => "vecsql", HelpName = "NAME" };
        Option<string> database = new("--database") { Description = "The database", DefaultValueFactory = _ => "vecsql", HelpName = "NAME" };
        Option<bool> update = new("--update") { Description = "Rewrite the expected results" };
        Option<int> shards = new("--shards") { Description = "Shards of tables that do not say how many they have", DefaultValueFactory = _ => 1, HelpName = "N" };
        Option<bool> distributed = new("--distributed") { Description = "Plan as for shards of other nodes" };
        command.Arguments.Add(files);
        foreach (Option option in new Option[] { host, port, user, database, update, shards, distributed })
            command.Options.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            string? connection = parsed.GetValue(host) is { } server
                ? new NpgsqlConnectionStringBuilder
                {
                    Host = server,
                    Port = parsed.GetValue(port),
                    Username = parsed.GetValue(user),
                    Database = parsed.GetValue(database),
                }.ConnectionString
                : null;
            TableDivision division = new(parsed.GetValue(shards), parsed.GetValue(distributed));
            return await RunAsync(parsed.GetValue(files) ?? [], connection, parsed.GetValue(update), division, cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(string[] names, string? connection, bool update, TableDivision division, CancellationToken cancellation)
    {
        try
        {
            string[] files = names.SelectMany(Expand).ToArray();
            (int passed, int failed, int skipped) =
                await SuiteRun.RunAsync(files, connection, update, Console.Out, cancellation, division);
            Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
            return failed == 0 ? 0 : 1;
        }
        catch (Exception unusable) when (unusable is SltException or NpgsqlException or IOException)
        {
            Console.Error.WriteLine($"vecsql: {unusable.Message}");
            return 1;
        }
    }

    private static IEnumerable<string> Expand(string name) => Directory.Exists(name)
        ? Directory.EnumerateFiles(name, "*.slt", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        : [name];
}
