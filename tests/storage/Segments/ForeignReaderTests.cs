using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Files;
using VecSQL.Storage.Segments;
using Xunit.Abstractions;

namespace VecSQL.Storage.Tests.Segments;

/// <summary>Tools of others open a segment and see the rows that were written.</summary>
/// <remarks>Needs node and npm; the tools are installed once into build/foreign. Without them the tests say so and
/// pass.</remarks>
public sealed class ForeignReaderTests(ITestOutputHelper output) : IDisposable
{
    private const int RowCount = 5000;

    private readonly string _folder = Directory.CreateTempSubdirectory("vecsql-foreign-").FullName;

    private static readonly Lazy<string?> Tools = new(Install);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Apache_arrow_for_javascript_sees_every_value_of_every_type()
    {
        ColumnBatch rows = SegmentSamples.Rows(RowCount, seed: 21);
        string[]? lines = Read("read-arrow.js", rows);
        if (lines is null)
            return;
        int line = 1 + RowCount + 1 + RowCount; // past the two hidden columns, each with its title
        Assert.StartsWith("# _rowid Int64 -1", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("# _commit_ts Int64 -2", lines[1 + RowCount], StringComparison.Ordinal);
        foreach (SegmentColumn column in SegmentSamples.Schema.Columns)
        {
            Assert.StartsWith($"# {column.Name} ", lines[line], StringComparison.Ordinal);
            Assert.EndsWith($" {column.Number}", lines[line++], StringComparison.Ordinal);
            Column values = rows.Columns[SegmentSamples.Schema.OrdinalOf(column.Number)];
            for (int row = 0; row < RowCount; row++)
                Assert.Equal((column.Name, row, Expected(column, values, row)), (column.Name, row, lines[line++]));
        }
        Assert.Equal(lines.Length, line);
    }

    [Fact]
    public void Polars_sees_the_rows()
    {
        ColumnBatch rows = SegmentSamples.Rows(RowCount, seed: 22);
        string[]? lines = Read("read-polars.js", rows);
        if (lines is null)
            return;
        Assert.Equal(RowCount, lines.Length);
        string[] names = ["id", "medium", "amount", "body"];
        SegmentColumn[] columns = [
            .. names.Select(name => SegmentSamples.Schema.Columns.Single(column => column.Name == name))];
        for (int row = 0; row < RowCount; row++)
        {
            IEnumerable<string> values = columns.Select(column =>
                Expected(column, rows.Columns[SegmentSamples.Schema.OrdinalOf(column.Number)], row));
            Assert.Equal($"{1000 + row}|{string.Join('|', values)}", lines[row]);
        }
    }

    private static string Expected(SegmentColumn column, Column values, int row)
    {
        if (values.IsNull(row))
            return "null";
        return values switch
        {
            BoolColumn flags => flags[row] ? "true" : "false",
            FixedColumn<short> numbers => numbers[row].ToString(),
            FixedColumn<int> numbers => numbers[row].ToString(),
            FixedColumn<long> numbers => numbers[row].ToString(),
            FixedColumn<float> numbers => DoubleHex(numbers[row]),
            FixedColumn<double> numbers => DoubleHex(numbers[row]),
            FixedColumn<Fixed16> bytes => Sixteen(bytes[row]),
            BinaryColumn bytes => column.Name switch
            {
                "price" => Unscaled(SqlNumeric.Read(bytes[row])),
                "amount" => SqlNumeric.Read(bytes[row]).ToString(),
                "body" or "code" or "doc" => Encoding.UTF8.GetString(bytes[row]),
                "bits" or "wide" => Convert.ToHexString(bytes[row][4..]),
                _ => Convert.ToHexString(bytes[row]),
            },
            _ => throw new NotSupportedException(),
        };
    }

    private static string Unscaled(SqlNumeric value) =>
        value.IsNaN ? Int128.MinValue.ToString() : value.Coefficient.ToString();

    private static string DoubleHex(double value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return double.IsNaN(value) ? "NaN" : Convert.ToHexString(bytes);
    }

    private static string Sixteen(Fixed16 value)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value.Low);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), value.High);
        return Convert.ToHexString(bytes);
    }

    private string[]? Read(string script, ColumnBatch rows)
    {
        if (Tools.Value is not { } tools)
        {
            output.WriteLine("node or its Arrow readers are not there; nothing was compared");
            return null;
        }
        long[] commits = [.. Enumerable.Range(0, RowCount).Select(i => (long)i)];
        SegmentInfo info = SegmentSamples.Write(
            RealFileSystem.Instance, rows, SegmentSamples.RowIds(RowCount), commits, directory: _folder);
        File.Copy(
            Path.Combine(AppContext.BaseDirectory, "foreign", script), Path.Combine(tools, script), overwrite: true);
        (int code, string text) = Run("node", tools, script, Path.Combine(_folder, info.Id.ArrowName));
        Assert.True(code == 0, text);
        return text.TrimEnd('\n').Split('\n');
    }

    /// <summary>The folder that holds the tools; null where they cannot be had.</summary>
    private static string? Install()
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "VecSQL.sln")))
            root = Path.GetDirectoryName(root);
        if (root is null || !OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64)
            return null;
        string tools = Path.Combine(root, "build", "foreign");
        string mark = Path.Combine(tools, "node_modules", "apache-arrow", "package.json");
        if (File.Exists(mark))
            return tools;
        Directory.CreateDirectory(tools);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "foreign", "package.json"),
            Path.Combine(tools, "package.json"), overwrite: true);
        try
        {
            (int code, _) = Run("npm", tools, "install", "--no-audit", "--no-fund", "--silent");
            return code == 0 && File.Exists(mark) ? tools : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // there is no npm
        }
    }

    private static (int Code, string Text) Run(string program, string folder, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process? process = Process.Start(start);
        Assert.NotNull(process);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? text : text + errors.Result);
    }
}
