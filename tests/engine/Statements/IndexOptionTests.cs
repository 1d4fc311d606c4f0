using System.Globalization;
using System.Text.RegularExpressions;

namespace VecSQL.Engine.Tests.Statements;

/// <summary>Whose word counts for how much of an index is searched.</summary>
public sealed partial class IndexOptionTests : EngineTest
{
    private const string Rows =
        """
        INSERT INTO t SELECT array[random(), random(), random(), random(), random(), random(), random(), random()]::vector
        FROM generate_series(1, 6000)
        """;

    [GeneratedRegex(@"Cells Probed: (\d+)")]
    private static partial Regex Probed { get; }

    [Fact]
    public async Task An_indexs_options_go_before_the_defaults_and_the_sessions_settings_before_both()
    {
        await MakeAsync("ivfflat (e vector_l2_ops) WITH (lists = 100, probes = 200)");
        int many = await CellsAsync();
        await Session.RunAsync("ALTER INDEX i SET (probes = 60)");
        int some = await CellsAsync();
        await Session.RunAsync("ALTER INDEX i RESET (probes)");
        int usual = await CellsAsync();
        Assert.True(many > some && some > usual, $"{many}, {some}, {usual} cells");

        await Session.RunAsync("ALTER INDEX i SET (probes = 200); SET ivfflat.probes = 1"); // the default, and said
        Assert.Equal(usual, await CellsAsync());
        await Session.RunAsync("RESET ivfflat.probes");
        Assert.Equal(many, await CellsAsync());
        await Session.RunAsync("BEGIN; SET LOCAL ivfflat.probes = 60");
        Assert.Equal(some, await CellsAsync());
        await Session.RunAsync("COMMIT");
        Assert.Equal(many, await CellsAsync());
    }

    [Fact]
    public async Task An_index_aims_at_its_own_recall_unless_the_session_asks_for_another_or_for_an_effort()
    {
        await MakeAsync("hnsw (e vector_l2_ops)");
        int usual = await CellsAsync();
        await Session.RunAsync("ALTER INDEX i SET (target_recall = 0.999, ef_search = 10)");
        int high = await CellsAsync();
        Assert.True(high > usual, $"{high} cells for a high recall, {usual} by default");
        await Session.RunAsync("SET vecsql.target_recall = 0.97");
        Assert.Equal(usual, await CellsAsync());
        await Session.RunAsync("RESET vecsql.target_recall; SET hnsw.ef_search = 40");
        Assert.Equal(usual, await CellsAsync());
        await Session.RunAsync("RESET ALL");
        Assert.Equal(high, await CellsAsync());
    }

    private async Task MakeAsync(string index)
    {
        await Session.RunAsync("CREATE TABLE t (e vector(8))");
        await Session.RunAsync("SELECT setseed(0.5); " + Rows);
        await Session.RunAsync($"CREATE INDEX i ON t USING {index}");
    }

    private async Task<int> CellsAsync()
    {
        string plan = string.Join('\n', await Session.RowsAsync("EXPLAIN (ANALYZE) SELECT 1 FROM t ORDER BY e <-> '[0,0,0,0,0,0,0,0]' LIMIT 10"));
        Match found = Probed.Match(plan);
        Assert.True(found.Success, plan);
        return int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture);
    }
}
