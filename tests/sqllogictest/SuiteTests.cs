using VecSQL.Kit;

namespace VecSQL.SqlLogicTest.Tests;

/// <summary>Every suite, in process, over the wire, and on a real PostgreSQL.</summary>
public sealed class SuiteTests(SuiteServers servers) : IClassFixture<SuiteServers>
{
    public static TheoryData<string> Files => [.. All];

    /// <summary>Where it matters most that data lies at other nodes; all of them with VECSQL_SUITES=all, which takes minutes.</summary>
    public static TheoryData<string> NodesFiles
    {
        get
        {
            string[] folders = ["cluster", "ddl", "dml", "joins", "prepared", "procedural", "shards", "subqueries", "text", "transactions"];
            bool isWhole = Environment.GetEnvironmentVariable("VECSQL_SUITES") == "all";
            return [.. All.Where(file => isWhole || folders.Contains(Path.GetDirectoryName(file)))];
        }
    }

    private static IEnumerable<string> All => Directory
        .EnumerateFiles(SuiteFolder, "*.slt", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(SuiteFolder, file)).Order(StringComparer.Ordinal);

    private static string SuiteFolder => Path.Combine(Programs.RepositoryRoot, "sqllogictest", "suites");

    [Theory, MemberData(nameof(Files))]
    public Task Passes_in_process(string file) => RunAsync(file, connectionString: null);

    [Theory, MemberData(nameof(Files))]
    public Task Passes_with_4_shards(string file) => RunAsync(file, connectionString: null, new TableDivision(4, IsDistributed: false));

    [Theory, MemberData(nameof(Files))]
    public Task Passes_with_plans_cut_for_16_shards(string file) => RunAsync(file, connectionString: null, new TableDivision(16, IsDistributed: true));

    [Theory, MemberData(nameof(Files))]
    public async Task Passes_over_the_wire(string file) => await RunAsync(file, await servers.VecSqlAsync());

    [EtcdTheory, MemberData(nameof(NodesFiles))]
    public async Task Passes_on_three_nodes(string file) => await RunAsync(file, await servers.NodesAsync(), new TableDivision(4, IsDistributed: false), runsMax: 3,
        said: servers.NodesSaid);

    [Theory, MemberData(nameof(Files))]
    public async Task Passes_on_PostgreSQL(string file) => await RunAsync(file, await servers.PostgresAsync());

    /// <param name="runsMax">Where nodes of a busy machine lose their leases, blocks fail with 40001, as they may: how often the file is run at most.</param>
    /// <param name="said">What the servers have said.</param>
    private static async Task RunAsync(string file, string? connectionString, TableDivision? division = null, int runsMax = 1, Func<string>? said = null)
    {
        for (int run = 1; ; run++)
        {
            StringWriter output = new();
            (int _, int failed, int _) = await SuiteRun.RunAsync(
                [Path.Combine(SuiteFolder, file)], connectionString, rewrites: false, output, CancellationToken.None, division);
            if (failed == 0)
                return;
            Assert.True(run < runsMax && output.ToString().Contains("failed with 40001: the shard's primary", StringComparison.Ordinal), $"{output}{said?.Invoke()}");
        }
    }
}
