using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Files;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Tests.Segments;

public sealed class SegmentTests
{
    // Around a bitmap's word and a record batch.
    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(9500)]
    public void Every_value_is_read_as_it_was_written(int rowCount)
    {
        FaultyFileSystem files = SegmentSamples.Disk();
        ColumnBatch rows = SegmentSamples.Rows(rowCount, seed: rowCount);
        long[] rowIds = SegmentSamples.RowIds(rowCount, gapEvery: 100);
        long[] commits = [.. Enumerable.Range(0, rowCount).Select(i => 500L + (i / 3))];
        SegmentReader reader = Open(files, SegmentSamples.Write(files, rows, rowIds, commits));
        Assert.Equal(rowCount, reader.Info.RowCount);
        Assert.Equal(rowCount, reader.BatchStart(reader.BatchCount));
        for (int batch = 0; batch < reader.BatchCount; batch++)
        {
            int start = reader.BatchStart(batch);
            ColumnBatch read = reader.ReadBatch(batch, Numbers(SegmentReader.RowIdColumn, SegmentReader.CommitColumn));
            Assert.InRange(read.RowCount, 1, ColumnBatch.RowsMax);
            for (int row = 0; row < read.RowCount; row++)
            {
                Assert.Equal(rowIds[start + row], SegmentSamples.ValueOf(read.Columns[0], row));
                Assert.Equal(commits[start + row], SegmentSamples.ValueOf(read.Columns[1], row));
                for (int i = 0; i < rows.Columns.Length; i++)
                    Assert.Equal(SegmentSamples.ValueOf(rows.Columns[i], start + row),
                        SegmentSamples.ValueOf(read.Columns[2 + i], row));
            }
        }
    }

    [Fact]
    public void Rows_of_one_commit_take_its_timestamp_from_the_manifest()
    {
        FaultyFileSystem files = SegmentSamples.Disk();
        SegmentInfo info = SegmentSamples.Write(files, SegmentSamples.Rows(100, 1), SegmentSamples.RowIds(100));
        SegmentReader reader = Open(files, info with { MinCommit = 77, MaxCommit = 77 });
        Column commits = reader.ReadColumn(0, SegmentReader.CommitColumn);
        Assert.True(commits.IsConstant);
        Assert.Equal(77L, SegmentSamples.ValueOf(commits, 99));
        Assert.Throws<CorruptFileException>(() => Open(files, info with { MinCommit = 77, MaxCommit = 78 }));
    }

    [Fact]
    public void Gathering_gives_the_rows_in_the_order_asked_within_and_across_batches()
    {
        FaultyFileSystem files = SegmentSamples.Disk();
        ColumnBatch rows = SegmentSamples.Rows(9000, 3);
        SegmentReader reader = Open(files, SegmentSamples.Write(files, rows, SegmentSamples.RowIds(9000)));
        int[][] choices = [[], [5], [4095, 0, 7, 7], [8999, 4096, 4095, 0, 8192]];
        foreach (int[] positions in choices)
        {
            for (int i = 0; i < rows.Columns.Length; i++)
            {
                Column read = reader.Gather(positions, SegmentSamples.Schema.Columns[i].Number);
                Assert.Equal(positions.Length, read.Length);
                for (int row = 0; row < positions.Length; row++)
                    Assert.Equal(
                        SegmentSamples.ValueOf(rows.Columns[i], positions[row]), SegmentSamples.ValueOf(read, row));
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(7)]
    public void Row_ids_lead_to_positions_with_and_without_gaps(int gapEvery)
    {
        FaultyFileSystem files = SegmentSamples.Disk();
        long[] rowIds = SegmentSamples.RowIds(9000, gapEvery);
        SegmentReader reader = Open(files, SegmentSamples.Write(files, SegmentSamples.Rows(9000, 3), rowIds));
        for (long rowId = rowIds[0] - 3; rowId < rowIds[^1] + 3; rowId += 1 + (rowId % 13))
        {
            int place = Array.BinarySearch(rowIds, rowId);
            Assert.Equal(place >= 0 ? place : -1, reader.PositionOf(rowId));
            Assert.Equal(place >= 0 ? place : ~place, reader.LowerBound(rowId));
        }
    }

    [Fact]
    public void Every_key_is_found_by_its_hash_and_few_others_are()
    {
        FaultyFileSystem files = SegmentSamples.Disk();
        ColumnBatch rows = SegmentSamples.Rows(9000, 5);
        SegmentReader reader = Open(files, SegmentSamples.Write(files, rows, SegmentSamples.RowIds(9000)));
        foreach (SegmentKey key in SegmentSamples.Schema.Keys)
        {
            ulong[] hashes = Hashes(key, rows);
            int falsely = 0;
            int[] found = new int[9000]; // many texts are alike, and so are keys of nulls
            for (int row = 0; row < rows.RowCount; row++)
            {
                int count = reader.FindKey(key.IndexOid, hashes[row], found);
                bool isEntered = key.NullsNotDistinct || !key.Columns.Any(number => ColumnOf(rows, number).IsNull(row));
                Assert.Equal(isEntered, found.AsSpan(0, count).Contains(row));
                falsely += reader.FindKey(key.IndexOid, hashes[row] ^ 0x5555_1234_0000_9999, found) > 0 ? 1 : 0;
            }
            Assert.InRange(falsely, 0, 3);
        }
        Assert.True(reader.HasKey(SegmentSamples.PrimaryKey));
        Assert.False(reader.HasKey(1));
        Assert.Equal(0, reader.FindKey(1, 5, []));
    }

    [Fact]
    public void Zones_bound_the_values_of_their_batch()
    {
        FaultyFileSystem files = SegmentSamples.Disk();
        ColumnBatch rows = SegmentSamples.Rows(9000, 9);
        SegmentReader reader = Open(files, SegmentSamples.Write(files, rows, SegmentSamples.RowIds(9000)));
        foreach (SegmentColumn column in SegmentSamples.Schema.Columns)
        {
            Column values = ColumnOf(rows, column.Number);
            for (int batch = 0; batch < reader.BatchCount; batch++)
            {
                Zone zone = reader.ZoneOf(batch, column.Number);
                Assert.Equal(ZoneKey.Exists(column.Type), zone.HasBounds);
                int nullCount = 0;
                long min = long.MaxValue, max = long.MinValue;
                for (int row = reader.BatchStart(batch); row < reader.BatchStart(batch + 1); row++)
                {
                    nullCount += values.IsNull(row) ? 1 : 0;
                    if (values.IsNull(row) || !ZoneKey.TryGet(column.Type, values, row, out long key))
                        continue;
                    min = Math.Min(min, key);
                    max = Math.Max(max, key);
                }
                Assert.Equal(nullCount, zone.NullCount);
                if (zone.HasBounds)
                    Assert.Equal((min, max), (zone.Min, zone.Max));
            }
        }
    }

    [Fact]
    public void Vectors_can_be_read_where_they_lie()
    {
        FaultyFileSystem files = SegmentSamples.Disk();
        ColumnBatch rows = SegmentSamples.Rows(9000, 9);
        SegmentReader reader = Open(files, SegmentSamples.Write(files, rows, SegmentSamples.RowIds(9000)));
        (string Name, int Stride, int Skip)[] mapped = [
            ("embedding", 20, 0), ("half", 6, 0), ("bits", 2, 4), ("wide", 16, 4)];
        foreach ((string name, int stride, int skip) in mapped)
        {
            Assert.True(reader.IsMapped(SegmentSamples.NumberOf(name)));
            BinaryColumn values = (BinaryColumn)ColumnOf(rows, SegmentSamples.NumberOf(name));
            int position = 0;
            for (int batch = 0; batch < reader.BatchCount; batch++)
            {
                MappedRun run = reader.MapRun(batch, SegmentSamples.NumberOf(name));
                Assert.Equal(position, run.FirstPosition);
                Assert.Equal(stride, run.StrideBytes);
                for (int row = 0; row < run.RowCount; row++, position++)
                {
                    Assert.Equal(values.IsNull(position), !run.Validity.IsAbsent && !run.Validity[row]);
                    ReadOnlySpan<byte> expected = values.IsNull(position) ? new byte[stride] : values[position][skip..];
                    Assert.True(expected.SequenceEqual(run.Data.Bytes.Slice(row * stride, stride)));
                }
            }
            Assert.Equal(9000, position);
            MappedRows here = reader.MapRows(SegmentSamples.NumberOf(name));
            here.Ask([8999, 0, 5000]);
            for (position = 8999; position >= 0; position -= 7)
            {
                ReadOnlySpan<byte> expected = values.IsNull(position) ? new byte[stride] : values[position][skip..];
                Assert.True(expected.SequenceEqual(here.At(position)));
            }
        }
        Assert.False(reader.IsMapped(SegmentSamples.NumberOf("free")));
        Assert.False(reader.IsMapped(SegmentSamples.NumberOf("body")));
        Assert.False(reader.IsMapped(999));
    }

    [Fact]
    public void Columns_outlive_the_files_and_the_cache()
    {
        FaultyFileSystem files = SegmentSamples.Disk();
        ColumnBatch rows = SegmentSamples.Rows(5000, 2);
        SegmentInfo info = SegmentSamples.Write(files, rows, SegmentSamples.RowIds(5000));
        ColumnCache cache = new(40_000);
        SegmentReader reader = SegmentReader.Open(files, SegmentSamples.Directory, info, cache);
        files.DeleteDirectory(SegmentSamples.Directory);
        for (int round = 0; round < 3; round++)
        {
            for (int batch = 0; batch < 2; batch++)
            {
                reader.ReadBatch(batch, Numbers());
                Assert.InRange(cache.UsedBytes, 1, cache.BytesMax);
            }
        }
        Assert.Same(reader.ReadColumn(0, 1), reader.ReadColumn(0, 1));
        cache.Forget(info.Id);
        Assert.Equal(0, cache.UsedBytes);
    }

    [Fact]
    public void A_writer_that_is_given_up_leaves_no_files()
    {
        FaultyFileSystem files = SegmentSamples.Disk();
        using (SegmentWriter writer = new(files, SegmentSamples.Directory, new SegmentId(1), SegmentSamples.Schema))
            writer.Append(SegmentSamples.RowIds(100), [], SegmentSamples.Rows(100, 1));
        Assert.Empty(files.ListFiles(SegmentSamples.Directory));
    }

    [Fact]
    public void A_finished_segment_survives_a_crash_and_a_full_disk_leaves_nothing()
    {
        FaultyFileSystem files = SegmentSamples.Disk();
        ColumnBatch rows = SegmentSamples.Rows(500, 1);
        SegmentInfo info = SegmentSamples.Write(files, rows, SegmentSamples.RowIds(500));
        files.Change(new FaultPlan { CapacityBytes = info.SizeBytes + 20_000 });
        FileFaultException full = Assert.Throws<FileFaultException>(() =>
            SegmentSamples.Write(files, rows, SegmentSamples.RowIds(500), id: 8));
        Assert.True(full.IsDiskFull);
        files.CrashAndRestart();
        Assert.Equal(2, files.ListFiles(SegmentSamples.Directory).Count);
        Assert.Equal(500, Open(files, info).ReadBatch(0, Numbers()).RowCount);
    }

    [Fact]
    public void Row_ids_out_of_order_are_refused()
    {
        FaultyFileSystem files = SegmentSamples.Disk();
        Assert.Throws<Core.Errors.InvariantException>(() =>
            SegmentSamples.Write(files, SegmentSamples.Rows(3, 1), [5, 6, 6]));
    }

    [Fact]
    public void Damage_of_any_byte_is_told_or_does_not_matter()
    {
        FaultyFileSystem files = SegmentSamples.Disk();
        ColumnBatch rows = SegmentSamples.Rows(700, 4);
        SegmentInfo info = SegmentSamples.Write(files, rows, SegmentSamples.RowIds(700, gapEvery: 10));
        string[] paths = [
            .. files.ListFiles(SegmentSamples.Directory).Select(name => $"{SegmentSamples.Directory}/{name}")];
        Random random = new(5);
        int refused = 0;
        for (int round = 0; round < 1500; round++)
        {
            string path = paths[round % 2];
            long offset = random.NextInt64(files.FileLength(path));
            byte mask = (byte)(1 << random.Next(8));
            files.Damage(path, offset, mask);
            refused += ReadsTruly(files, info, rows) ? 0 : 1;
            files.Damage(path, offset, mask);
        }
        Assert.InRange(refused, 1300, 1500); // what is left is padding of the sidecar
        Assert.True(ReadsTruly(files, info, rows));
    }

    [Fact]
    public void Damage_is_told_to_those_who_want_a_vector_of_its_block_and_to_nobody_else()
    {
        FaultyFileSystem files = SegmentSamples.Disk();
        ColumnBatch rows = SegmentSamples.Rows(4096, 4, nulls: 0);
        SegmentInfo info = SegmentSamples.Write(files, rows, SegmentSamples.RowIds(4096));
        short column = SegmentSamples.NumberOf("embedding");
        string path = $"{SegmentSamples.Directory}/{info.Id.ArrowName}";
        MappedFile file = files.Map(path);
        int damaged = 2000;
        ReadOnlySpan<byte> value = Open(files, info).MapRows(column).At(damaged);
        files.Damage(path, file.Span(0, (int)file.Length).IndexOf(value), 1);
        MappedRows vectors = Open(files, info).MapRows(column);
        List<int> refused = [];
        for (int position = 0; position < 4096; position++)
        {
            try
            {
                Assert.Equal(20, vectors.At(position).Length);
            }
            catch (CorruptFileException)
            {
                refused.Add(position);
            }
        }
        Assert.Contains(damaged, refused);
        Assert.InRange(refused.Count, 1, (SidecarFormat.ColumnBlockBytes / 20) + 2); // those that lie in the block, wholly or partly
        Assert.Equal(refused.Count, refused[^1] - refused[0] + 1);
    }

    [Fact]
    public void Files_of_another_length_or_segment_are_refused()
    {
        FaultyFileSystem files = SegmentSamples.Disk();
        SegmentInfo info = SegmentSamples.Write(files, SegmentSamples.Rows(50, 4), SegmentSamples.RowIds(50));
        Assert.Throws<CorruptFileException>(() => Open(files, info with { RowCount = 49 }));
        Assert.Throws<CorruptFileException>(() => Open(files, info with { TableOid = 1 }));
        Assert.Throws<CorruptFileException>(() => Open(files, info with { ArrowBytes = info.ArrowBytes - 1 }));
        Assert.Throws<FileFaultException>(() => Open(files, info with { Id = new SegmentId(99) }));
        using (IFile file = files.Open($"{SegmentSamples.Directory}/{info.Id.ArrowName}", FileOpening.Write))
            file.Truncate(info.ArrowBytes - 10);
        CorruptFileException cut = Assert.Throws<CorruptFileException>(() => Open(files, info));
        Assert.Contains(info.Id.ArrowName, cut.Message, StringComparison.Ordinal);
    }

    private static bool ReadsTruly(IFileSystem files, SegmentInfo info, ColumnBatch rows)
    {
        try
        {
            SegmentReader reader = Open(files, info);
            ColumnBatch read = reader.ReadBatch(0, Numbers());
            for (int i = 0; i < rows.Columns.Length; i++)
            {
                for (int row = 0; row < rows.RowCount; row++)
                    Assert.Equal(
                        SegmentSamples.ValueOf(rows.Columns[i], row), SegmentSamples.ValueOf(read.Columns[i], row));
                reader.ZoneOf(0, SegmentSamples.Schema.Columns[i].Number);
                if (!reader.IsMapped(SegmentSamples.Schema.Columns[i].Number))
                    continue;
                MappedRows here = reader.MapRows(SegmentSamples.Schema.Columns[i].Number);
                MappedRun run = reader.MapRun(0, SegmentSamples.Schema.Columns[i].Number);
                for (int row = 0; row < rows.RowCount; row++)
                    Assert.True(here.At(row).SequenceEqual(run.Data.Bytes.Slice(row * run.StrideBytes, run.StrideBytes)));
            }
            Assert.Equal(15, reader.PositionOf(1020));
            foreach (SegmentKey key in SegmentSamples.Schema.Keys)
            {
                ulong[] hashes = Hashes(key, rows);
                foreach (ulong hash in hashes.Take(key.IndexOid == SegmentSamples.PrimaryKey ? 700 : 20))
                    Assert.True(reader.FindKey(key.IndexOid, hash, []) > 0 || key.IndexOid == SegmentSamples.TextKey);
            }
            return true;
        }
        catch (CorruptFileException damage)
        {
            Assert.StartsWith(SegmentSamples.Directory, damage.Path, StringComparison.Ordinal);
            return false;
        }
    }

    private static SegmentReader Open(IFileSystem files, SegmentInfo info) =>
        SegmentReader.Open(files, SegmentSamples.Directory, info, new ColumnCache(1 << 24));

    private static short[] Numbers(params short[] before) =>
        [.. before, .. SegmentSamples.Schema.Columns.Select(column => column.Number)];

    private static Column ColumnOf(ColumnBatch rows, short number) =>
        rows.Columns[SegmentSamples.Schema.OrdinalOf(number)];

    private static ulong[] Hashes(SegmentKey key, ColumnBatch rows)
    {
        ulong[] hashes = new ulong[rows.RowCount];
        SqlType[] types = [.. key.Columns.Select(
            number => SegmentSamples.Schema.Columns[SegmentSamples.Schema.OrdinalOf(number)].Type)];
        KeyHash.Compute(types, key.Columns.Select(number => ColumnOf(rows, number)).ToArray(), hashes);
        return hashes;
    }
}
