using VecSQL.Kit;

namespace VecSQL.SqlLogicTest.Tests;

/// <summary>Every suite, in process, over the wire, and on a real PostgreSQL.</summary>
public sealed class SuiteTests(SuiteServers servers) : IClassFixture<SuiteServers>
{
    public static TheoryData<string> Files => [.. Directory
        .EnumerateFiles(SuiteFolder, "*.slt", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(SuiteFolder, file)).Order(StringComparer.Ordinal)];

    private static string SuiteFolder => Path.Combine(Programs.RepositoryRoot, "sqllogictest", "suites");

    [Theory, MemberData(nameof(Files))]
    public Task Passes_in_process(string file) => RunAsync(file, connectionString: null);

    [Theory, MemberData(nameof(Files))]
    public Task Passes_with_4_shards(string file) => RunAsync(file, connectionString: null, new TableDivision(4, IsDistributed: false));

    [Theory, MemberData(nameof(Files))]
    public Task Passes_with_plans_cut_for_16_shards(string file) => RunAsync(file, connectionString: null, new TableDivision(16, IsDistributed: true));

    [Theory, MemberData(nameof(Files))]
    public async Task Passes_over_the_wire(string file) => await RunAsync(file, await servers.VecSqlAsync());

    [Theory, MemberData(nameof(Files))]
    public async Task Passes_on_PostgreSQL(string file) => await RunAsync(file, await servers.PostgresAsync());

    private static async Task RunAsync(string file, string? connectionString, TableDivision? division = null)
    {
        StringWriter output = new();
        (int _, int failed, int _) = await SuiteRun.RunAsync(
            [Path.Combine(SuiteFolder, file)], connectionString, rewrites: false, output, CancellationToken.None, division);
        Assert.True(failed == 0, output.ToString());
    }
}

/// <summary>The servers that the suites run on, started when first asked for.</summary>
public sealed class SuiteServers : IAsyncLifetime // which xunit disposes asynchronously, unlike IAsyncDisposable
{
    private readonly Lazy<Task<ServerProcess>> _vecSql = new(() => ServerProcess.StartAsync());
    private readonly Lazy<Task<PostgresServer>> _postgres = new(() => PostgresServer.StartAsync());

    public async Task<string> VecSqlAsync() => (await _vecSql.Value).ConnectionString;

    public async Task<string> PostgresAsync() => (await _postgres.Value).ConnectionString;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_vecSql.IsValueCreated)
            await (await _vecSql.Value).DisposeAsync();
        if (_postgres.IsValueCreated)
            await (await _postgres.Value).DisposeAsync();
    }
}
