using VecSQL.Kit;
using VecSQL.Kit.Models;
using Xunit.Abstractions;

namespace VecSQL.Engine.Tests.Arrow;

/// <summary>Arrow files and streams that COPY writes are what tools of others read, and what these write is read.</summary>
public sealed class ForeignArrowTests(ITestOutputHelper output) : IAsyncDisposable
{
    private readonly TestDatabase _database = new();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Apache_arrow_for_javascript_sees_every_value()
    {
        if (Skips("apache-arrow"))
            return;
        await using TestSession session = _database.Session();
        await MakeAsync(session);
        await session.RunAsync("COPY t TO 't.arrow' (FORMAT arrow)");
        string[] lines = await ReadAsync("read-arrow.js");
        Assert.Equal(
        [
            "b Bool 16: true|null|false", "i Int32 23: 1|null|-2147483648", "l Int64 20: 9223372036854775807|null|0",
            "f Float32 700: 0.5|null|NaN", "d Float64 701: 0.1|null|-Infinity", "s Utf8 25: |null|100000 characters",
            "y Binary 17: 00ff|null|", "n Decimal[10e+2] 1700: [1234,0,0,0]|null|[4294967295,4294967295,4294967295,4294967295]",
            "day Date32<DAY> 1082: 1709164800000|null|-86400000", "u FixedSizeBinary[16] 2950: 00112233445566778899aabbccddeeff|null|00000000000000000000000000000000",
            "v FixedSizeList[2]<Float32> 16400: [1,2]|null|[0,-1.5]", "k List<Int32> 1007: [1,null,3]|null|[]",
            "sp Struct<{indices:List<Int32>, values:List<Float32>}> 16404: [[\"indices\",[0,4]],[\"values\",[1,2]]]|null|[[\"indices\",[]],[\"values\",[]]]",
        ],
            lines.Where(line => !line.StartsWith("m ", StringComparison.Ordinal) && !line.StartsWith("ts ", StringComparison.Ordinal)));
        Assert.EndsWith(": happy|null|sad", Assert.Single(lines, line => line.StartsWith("m ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Polars_sees_the_rows_compressed_or_not()
    {
        if (Skips("nodejs-polars"))
            return;
        await using TestSession session = _database.Session();
        await MakeAsync(session);
        foreach (string compression in new[] { "none", "zstd" })
        {
            await session.RunAsync($"COPY (SELECT b, i, f, d, s, k, m::text, l FROM t) TO 't.arrow' (FORMAT arrow, COMPRESSION {compression})");
            Assert.Equal(
                ["b: true|null|false", "i: 1|null|-2147483648", "f: 0.5|null|NaN", "d: 0.1|null|-Infinity",
                    "s: |null|100000 characters", "k: [1,null,3]|null|[]", "m: happy|null|sad"],
                (await ReadAsync("read-polars.js"))[..7]);
        }
    }

    private static async Task MakeAsync(TestSession session) => await session.RunAsync("""
        CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
        CREATE TABLE t (b bool, i int, l bigint, f real, d double precision, s text, y bytea, n numeric(10,2), day date, ts timestamptz,
            u uuid, v vector(2), k int[], sp sparsevec(5), m mood);
        INSERT INTO t VALUES
            (true, 1, 9223372036854775807, 0.5, 0.1, '', '\x00ff', 12.34, '2024-02-29', '2024-02-29 12:00:00.5+00',
                '00112233-4455-6677-8899-aabbccddeeff', '[1,2]', '{1,NULL,3}', '{1:1,5:2}/5', 'happy'),
            (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
            (false, -2147483648, 0, 'NaN', '-Infinity', repeat('x', 100000), '', -0.01, '1969-12-31', '1969-12-31 23:59:59.999999+00',
                '00000000-0000-0000-0000-000000000000', '[0,-1.5]', '{}', '{}/5', 'sad')
        """);

    private bool Skips(string package)
    {
        string? reason = NodePackages.ReasonWithout(package);
        if (reason is not null)
            output.WriteLine($"skipped: {reason}");
        return reason is not null;
    }

    private async Task<string[]> ReadAsync(string script)
    {
        ProgramResult result = await NodePackages.RunAsync(
            Path.Combine(Programs.RepositoryRoot, "tests", "engine", "Arrow", "node", script), Path.Combine(_database.FileRoot, "t.arrow"));
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Output.TrimEnd('\n').Split('\n');
    }
}
