using System.Text;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Files;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Tests.Segments;

/// <summary>Segments written by the first build of each format version are read by every later one.</summary>
/// <remarks>VECSQL_UPDATE_GOLDEN=1 writes them anew; only for a version that no release has written.</remarks>
public sealed class GoldenSegmentTests
{
    private static readonly SegmentInfo Version1 = new(new SegmentId(1), 30_000, 40, 1000, 1104, 9, 9, 0, 0);

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "golden", "segment-v1");

    [Fact]
    public void A_segment_of_version_1_is_read_as_it_was_written()
    {
        if (Environment.GetEnvironmentVariable("VECSQL_UPDATE_GOLDEN") == "1")
            WriteAnew();
        RealFileSystem files = RealFileSystem.Instance;
        SegmentInfo info = Version1 with
        {
            ArrowBytes = files.FileLength(Path.Combine(Folder, Version1.Id.ArrowName)),
            SidecarBytes = files.FileLength(Path.Combine(Folder, Version1.Id.SidecarName)),
        };
        SegmentReader reader = SegmentReader.Open(files, Folder, info, new ColumnCache(1 << 20));
        string expected = File.ReadAllText(Path.Combine(Folder, "expected.txt"));
        Assert.Equal(expected, Describe(reader));
        // It has no checksums of blocks: its batches are verified whole.
        short vectors = reader.Schema.Columns.First(column => reader.IsMapped(column.Number)).Number;
        MappedRun run = reader.MapRun(0, vectors);
        MappedRows here = reader.MapRows(vectors);
        here.Ask([0, 39]);
        for (int row = 0; row < 40; row++)
            Assert.True(here.At(row).SequenceEqual(run.Data.Bytes.Slice(row * run.StrideBytes, run.StrideBytes)));
    }

    private static string Describe(SegmentReader reader)
    {
        StringBuilder text = new();
        foreach (SegmentColumn column in reader.Schema.Columns)
        {
            Column values = reader.ReadColumn(0, column.Number);
            Zone zone = reader.ZoneOf(0, column.Number);
            text.Append($"{column.Number} {column.Name} {column.Type.Oid} {column.Type.Modifier} {column.Physical} ");
            text.Append($"nulls {zone.NullCount} bounds {zone.Min} {zone.Max}\n");
            for (int row = 0; row < values.Length; row++)
                text.Append($"  {SegmentSamples.ValueOf(values, row) ?? "null"}\n");
        }
        ulong[] hashes = new ulong[reader.Info.RowCount];
        KeyHash.Compute(
            [reader.Schema.Columns[0].Type], [reader.ReadColumn(0, reader.Schema.Columns[0].Number)], hashes);
        int[] found = new int[1];
        foreach (ulong hash in hashes)
        {
            Assert.Equal(1, reader.FindKey(SegmentSamples.PrimaryKey, hash, found));
            text.Append($"key {hash:x16} at {found[0]}\n");
        }
        return text.ToString();
    }

    private static void WriteAnew()
    {
        string source = Path.Combine(Folder, "..", "..", "..", "..", "..", "golden", "segment-v1");
        Directory.CreateDirectory(source);
        foreach (string old in Directory.GetFiles(source))
            File.Delete(old);
        RealFileSystem files = RealFileSystem.Instance;
        ColumnBatch rows = SegmentSamples.Rows(40, seed: 11);
        SegmentInfo info = SegmentSamples.Write(
            files, rows, SegmentSamples.RowIds(40, gapEvery: 3), id: 1, directory: source);
        SegmentReader reader = SegmentReader.Open(
            files, source, info with { MinCommit = 9, MaxCommit = 9 }, new ColumnCache(1 << 20));
        File.WriteAllText(Path.Combine(source, "expected.txt"), Describe(reader));
        Directory.CreateDirectory(Folder);
        foreach (string made in Directory.GetFiles(source))
            File.Copy(made, Path.Combine(Folder, Path.GetFileName(made)), overwrite: true);
    }
}
