using System.Globalization;
using System.Text.Json;
using VecSQL.Kit;
using Xunit.Abstractions;

namespace VecSQL.Engine.Tests.Copy;

/// <summary>What numpy writes is what COPY reads; what COPY writes as TFRecord is what Google's protobuf reads.</summary>
public sealed class ForeignFileTests(ITestOutputHelper output) : IAsyncDisposable
{
    private const string Python = "/usr/bin/python3";

    private readonly TestDatabase _database = new();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Arrays_that_numpy_has_written_are_read_whole()
    {
        if (await SkipsAsync("numpy"))
            return;
        await using TestSession session = _database.Session();
        Directory.CreateDirectory(_database.FileRoot);
        int files = 0;
        foreach (string line in await RunAsync("write_npy.py", _database.FileRoot))
        {
            using JsonDocument array = JsonDocument.Parse(line);
            JsonElement.ArrayEnumerator rows = array.RootElement.GetProperty("rows").EnumerateArray();
            string name = Text(array.RootElement.GetProperty("name")), column = Text(array.RootElement.GetProperty("column"));
            await session.RunAsync($"DROP TABLE IF EXISTS t; CREATE TABLE t (n bigint, v {column})");
            Assert.Equal($"COPY {rows.Count()}", await session.RunAsync($"COPY t FROM '{name}.npy' (FORMAT npy, id_column n)"));
            string[] found = await session.RowsAsync("SELECT v FROM t ORDER BY n");
            int row = 0;
            foreach (JsonElement expected in rows)
            {
                string[] values = found[row].Trim('[', ']').Split(',');
                Assert.Equal(expected.GetArrayLength(), values.Length);
                int i = 0;
                foreach (JsonElement value in expected.EnumerateArray())
                {
                    if (!AreSame(Text(value), values[i], column))
                        Assert.Fail($"{name}, row {row}, value {i}: {value} and {values[i]}");
                    i++;
                }
                row++;
            }
            files++;
        }
        Assert.Equal(24, files);
    }

    [Fact]
    public async Task Records_that_copy_has_written_are_read_by_protobuf_with_their_checksums()
    {
        if (await SkipsAsync("google.protobuf", "crcmod.predefined"))
            return;
        await using TestSession session = _database.Session();
        await session.RunAsync("""
            CREATE TABLE t (id bigint, s text, v vector(5), h halfvec(2), k int[], f real, y bytea, b bool, d date, n numeric);
            INSERT INTO t SELECT i * 9007199254740993, repeat('ö' || i, i % 50), ARRAY[i / 7.0, -i, 1e-40, 0, 3e38]::vector, ARRAY[i % 100, 0.5]::halfvec,
                ARRAY[i, -i], i / 3.0, decode(repeat('00ff', i % 20), 'hex'), i % 2 = 0, DATE '2024-02-29' + i, i / 8.0 FROM generate_series(-500, 500) i;
            INSERT INTO t (s) VALUES (repeat('x', 1000000)), ('')
            """);
        Assert.Equal("COPY 1003", await session.RunAsync("COPY (SELECT * FROM t ORDER BY id, s) TO 'out/t.tfrecord' (FORMAT tfrecord, shards 3)"));
        string[] paths = [.. Directory.GetFiles(Path.Combine(_database.FileRoot, "out"))];
        Assert.Equal(3, paths.Length);
        string[] expected = await session.RowsAsync(
            "SELECT id, encode(s::bytea, 'hex'), v, h, k, f, encode(y, 'hex'), b, encode(d::text::bytea, 'hex'), encode(n::text::bytea, 'hex') FROM t");
        string[] found = [.. (await RunAsync("read_tfrecord.py", paths)).Select(TextOf)];
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    /// <summary>A record as SQL shows the row.</summary>
    private static string TextOf(string json)
    {
        using JsonDocument record = JsonDocument.Parse(json);
        return string.Join('|', Of("id", "int64_list"), Of("s", "bytes_list"), Of("v", "float_list", "[]"), Of("h", "float_list", "[]"),
            Of("k", "int64_list", "{}"), Of("f", "float_list"), Of("y", "bytes_list"),
            Of("b", "int64_list") switch { "1" => "t", "0" => "f", var none => none }, Of("d", "bytes_list"), Of("n", "bytes_list"));

        string Of(string name, string kind, string brackets = "")
        {
            if (!record.RootElement.TryGetProperty(name, out JsonElement feature))
                return "NULL";
            Assert.Equal(kind, Text(feature[0]));
            string values = string.Join(',', feature[1].EnumerateArray().Select(value => kind switch
            {
                "bytes_list" => Text(value),
                "int64_list" => value.GetRawText(),
                _ => Real((float)value.GetDouble()),
            }));
            return brackets.Length == 0 ? values : $"{brackets[0]}{values}{brackets[1]}";
        }
    }

    /// <summary>A number as SQL shows it: the shortest digits, an exponent as PostgreSQL writes it.</summary>
    private static string Real(float value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.Contains('E', StringComparison.Ordinal) ? text.Replace("E", "e", StringComparison.Ordinal) : text;
    }

    private static bool AreSame(string written, string read, string column)
    {
        if (column is "bigint" or "numeric")
            return written == read;
        return column == "double precision"
            ? Same(double.Parse(written, CultureInfo.InvariantCulture), double.Parse(read, CultureInfo.InvariantCulture))
            : Same(float.Parse(written, CultureInfo.InvariantCulture), float.Parse(read, CultureInfo.InvariantCulture));
    }

    private static bool Same(double one, double other) => BitConverter.DoubleToInt64Bits(one) == BitConverter.DoubleToInt64Bits(other);

    private static string Text(JsonElement element) => element.GetString() ?? throw new InvalidOperationException("no text");

    private async Task<bool> SkipsAsync(params string[] modules)
    {
        if (File.Exists(Python) && (await Programs.RunAsync(Python, ["-c", $"import {string.Join(", ", modules)}"])).ExitCode == 0)
            return false;
        output.WriteLine($"skipped: Python's {string.Join(" and ", modules)} are not on this machine");
        return true;
    }

    private static async Task<string[]> RunAsync(string script, params string[] arguments)
    {
        ProgramResult result = await Programs.RunAsync(
            Python, [Path.Combine(Programs.RepositoryRoot, "tests", "engine", "Copy", "python", script), .. arguments]);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Output.TrimEnd('\n').Split('\n');
    }
}
