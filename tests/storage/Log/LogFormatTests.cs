using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Delta;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Tests.Log;

public sealed class LogFormatTests
{
    private static readonly uint[] Types =
    [
        TypeOid.Bool, TypeOid.Int2, TypeOid.Int4, TypeOid.Int8, TypeOid.Float4, TypeOid.Float8, TypeOid.Uuid,
            TypeOid.Text, TypeOid.Vector,
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(1000)]
    public void Rows_come_back_from_the_log_as_they_went_in(int rowCount)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            Random random = new(seed);
            (ChunkSchema schema, ColumnBatch rows, long[] rowIds) = RandomRows(random, rowCount);
            PayloadWriter target = new();
            BatchCodec.Write(target, schema, rows, rowIds);
            PayloadReader source = new(target.Written.Span);
            (ChunkSchema schemaBack, ColumnBatch rowsBack, long[] idsBack) = BatchCodec.Read(ref source);
            Assert.True(source.IsAtEnd);
            Assert.True(schema.Matches(schemaBack));
            Assert.True(rowIds.AsSpan().SequenceEqual(idsBack));
            PayloadWriter again = new();
            BatchCodec.Write(again, schemaBack, rowsBack, idsBack);
            Assert.True(target.Written.Span.SequenceEqual(again.Written.Span), "equal rows have equal bytes");
            for (int column = 0; column < rows.Columns.Length; column++)
            {
                for (int row = 0; row < rowCount; row++)
                {
                    Assert.True(Indexes.KeyEqualityProbe.Same(
                        schema.Columns[column].Type, rows[column], rowsBack[column], row),
                            $"column {column}, row {row}, seed {seed}");
                }
            }
        }
    }

    [Fact]
    public void Broken_bytes_are_refused_and_nothing_worse()
    {
        Random random = new(1);
        byte[] transaction = SampleTransaction(), manifest = SampleManifest(),
            deletes = SampleDeletes(out SegmentInfo segment);
        for (int i = 0; i < 8_000; i++)
        {
            Try(() => TransactionRecord.Decode(Broken(random, transaction)));
            // Behind the checksums, so that the fields themselves are reached.
            Try(() => Manifest.Decode("MANIFEST", Rewrapped(Broken(random, manifest))));
            Try(() => Manifest.Decode("MANIFEST", Broken(random, manifest)));
            Try(() => DeleteFile.Decode("x.del", Broken(random, deletes), segment));
        }
    }

    [Fact]
    public void A_broken_log_file_gives_a_prefix_of_its_records_or_a_clear_error()
    {
        Random random = new(2);
        byte[] log = SampleLog();
        for (int i = 0; i < 1500; i++)
        {
            FaultyFileSystem files = new();
            files.CreateDirectory("/log");
            using (IFile file = files.Open("/log/0000000000000001.log", FileOpening.Create))
                file.Write(0, Broken(random, log));
            long next = 1;
            try
            {
                foreach (LogRecord record in new LogReader(files, "/log").ReadAfter(0))
                {
                    Assert.Equal(next, record.Header.Sequence);
                    Assert.Equal((byte)next++, record.Payload.Span[0]);
                }
            }
            catch (StorageException error)
            {
                Assert.Contains("/log/0000000000000001.log", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_newer_version_is_refused_by_name()
    {
        byte[] header = LogFormat.FileHeader(1);
        header[8] = 2;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(28),
            Checksum.Crc32C(header.AsSpan(0, 28)));
        StorageException error = Assert.Throws<StorageException>(() =>
            LogFormat.TryReadFileHeader("x.log", header, out _));
        Assert.Contains("format version 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_golden_log_of_version_1_is_still_read()
    {
        byte[] expected = SampleLog();
        string path = Path.Combine(AppContext.BaseDirectory, "golden", "log-v1.bin");
        if (Environment.GetEnvironmentVariable("VECSQL_UPDATE_GOLDEN") == "1")
        {
            string source = Environment.GetEnvironmentVariable("VECSQL_GOLDEN_DIRECTORY")
                ?? Path.GetDirectoryName(path)!;
            Directory.CreateDirectory(source);
            File.WriteAllBytes(Path.Combine(source, "log-v1.bin"), expected[..(int)LogTails.EndOf(expected)]);
            return;
        }
        byte[] golden = File.ReadAllBytes(path);
        FaultyFileSystem files = new();
        files.CreateDirectory("/log");
        using (IFile file = files.Open("/log/0000000000000001.log", FileOpening.Create))
            file.Write(0, golden);
        List<LogRecord> records = [.. new LogReader(files, "/log").ReadAfter(0)];
        Assert.Equal([10L, 20, 30, 40, 50], records.Select(record => record.Header.Timestamp));
        Assert.Equal([11, 22, 33, 44, 55], records.Select(record => record.Payload.Length));
        Assert.Equal(Convert.ToHexString(golden), Convert.ToHexString(expected, 0, golden.Length));
        Assert.Equal(golden.Length, LogTails.EndOf(expected)); // zeros ahead
    }

    [Fact]
    public void The_golden_manifest_of_version_1_is_still_read()
    {
        byte[] golden = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "golden", "manifest-v1.bin"));
        Manifest manifest = Manifest.Decode("MANIFEST", golden);
        Assert.Equal((3, 3, 3, 20_003u, 6), (manifest.LogSequence, manifest.Timestamp, manifest.History, manifest.NextOid, manifest.NextFile));
        Assert.Equal(25, manifest.Objects.Count);
        Assert.Empty(manifest.Prepared);
        ManifestTable table = Assert.Single(manifest.Tables);
        Assert.Equal((new TableId(20_000), 30_001, 0), (table.Table, table.NextRowId, table.History));
        Assert.Equal([new ManifestSegment(new SegmentInfo(new SegmentId(4), 20_000, 30_000, 1, 30_000, 2, 3, 2_082_026, 362_052), 5)], table.Segments);
        StorageException error = Assert.Throws<StorageException>(() => Manifest.Decode("MANIFEST", WithVersion(golden, 4)));
        Assert.Contains("format version 4", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_golden_manifest_of_a_replica_is_still_read_and_still_written()
    {
        byte[] golden = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "golden", "manifest-v3.bin"));
        Manifest manifest = Manifest.Decode("MANIFEST", golden);
        Assert.Equal(new LogPosition(new Term(4), new LogSequence(900)), manifest.Position);
        Assert.Equal(new LogPosition(new Term(5), new LogSequence(933)), manifest.Held);
        Assert.Equal((17, 77), (manifest.CatalogVersion, manifest.History));
        Assert.Equal([(new SegmentId((2L << 40) + 9), new Term(5))], manifest.Arriving);
        Assert.Equal([8L], manifest.Prepared.AsEnumerable());
        Assert.Equal(golden, manifest.Encode());
        Assert.Throws<InvalidDataException>(() => Manifest.Decode("MANIFEST", golden.AsSpan(0, golden.Length - 1)));
    }

    [Fact]
    public void What_prepared_transactions_are_kept_as_comes_back_and_is_refused_when_broken()
    {
        Random random = new(5);
        byte[] record = SamplePrepared(), decision = new DecisionRecord("p", IsCommit: true).Encode().Written.ToArray();
        FaultyFileSystem files = new();
        files.CreateDirectory("/data");
        PreparedFile.Write(files, "/data", 7, 1234, record);
        PreparedTransaction back = PreparedFile.Read(files, "/data", 7);
        Assert.Equal(("p", 1234, 7), (back.GlobalId, back.Bound, back.Written.File));
        Assert.Equal([(new TableId(20_003), TableLockMode.RowExclusive), (new TableId(20_004), TableLockMode.AccessExclusive)], back.Record.TableLocks);
        Assert.Equal([new SequenceMark(20_005, -3, true, 0)], back.Record.Restarts);
        TableHolds holds = Assert.Single(back.Record.Holds);
        Assert.Equal([(4, RowLockStrength.Share), (9, RowLockStrength.Update)], holds.Rows);
        Assert.Equal([(-1, RowLockStrength.KeyShare)], holds.Keys);
        Assert.Equal([3L, 8L], back.Record.Work.Tables[0].Deletions.AsEnumerable());
        Assert.Equal(new DecisionRecord("p", true), DecisionRecord.Decode(decision));
        byte[] file = files.ReadAll("/data/0000000000000007.prepared");
        for (int i = 0; i < 8_000; i++)
        {
            Try(() => PrepareRecord.Decode(Broken(random, record)));
            Try(() => DecisionRecord.Decode(Broken(random, decision)));
            Try(() => PreparedFile.Decode("x.prepared", Broken(random, file), 7));
        }
        files.Damage("/data/0000000000000007.prepared", 40);
        StorageException error = Assert.Throws<StorageException>(() => PreparedFile.Read(files, "/data", 7));
        Assert.Contains("0000000000000007.prepared", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<StorageException>(() => PreparedFile.Read(files, "/data", 8));
        Assert.Contains("0000000000000008.prepared", error.Message, StringComparison.Ordinal);
    }

    private static byte[] WithVersion(byte[] manifest, byte version)
    {
        byte[] other = [.. manifest];
        other[8] = version;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(other.AsSpan(20), Checksum.Crc32C(other.AsSpan(0, 20)));
        return other;
    }

    private static byte[] SamplePrepared()
    {
        PayloadWriter target = new();
        target.WriteText("p");
        target.WriteBytes([1, 2, 3]);
        target.WriteSigned(1_700_000_000_000_000);
        target.WriteVarint(2);
        foreach ((ulong table, TableLockMode mode) in new[] { (20_003UL, TableLockMode.RowExclusive), (20_004UL, TableLockMode.AccessExclusive) })
        {
            target.WriteVarint(table);
            target.WriteByte((byte)mode);
        }
        target.WriteVarint(1);
        target.WriteVarint(20_005UL);
        target.WriteSigned(-3);
        target.WriteByte(1);
        target.WriteVarint(1);
        target.WriteVarint(20_003UL);
        target.WriteVarint(2);
        foreach ((int distance, byte strength) in new[] { (4, (byte)1), (5, (byte)3) })
        {
            target.WriteVarint(distance);
            target.WriteByte(strength);
        }
        target.WriteVarint(1);
        target.WriteUInt64(ulong.MaxValue);
        target.WriteByte(0);
        target.WriteRaw(SampleTransaction());
        return target.Written.ToArray();
    }

    private static void Try(Action decode)
    {
        try
        {
            decode();
        }
        catch (InvalidDataException)
        {
        }
        catch (StorageException)
        {
        }
    }

    /// <summary>The bytes with some changed, cut, or doubled.</summary>
    private static byte[] Broken(Random random, byte[] bytes)
    {
        byte[] broken = random.Next(4) switch
        {
            0 => bytes[..random.Next(bytes.Length)],
            1 => [.. bytes, .. bytes[random.Next(bytes.Length)..]],
            _ => [.. bytes],
        };
        for (int i = random.Next(4); i > 0 && broken.Length > 0; i--)
            broken[random.Next(broken.Length)] = (byte)random.Next(256);
        return broken;
    }

    private static byte[] Rewrapped(byte[] bytes)
    {
        if (bytes.Length < 24)
            return bytes;
        Span<byte> header = bytes.AsSpan(0, 24);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(header[12..], bytes.Length - 24);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Checksum.Crc32C(bytes.AsSpan(24)));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(header[20..], Checksum.Crc32C(header[..20]));
        return bytes;
    }

    private static (ChunkSchema Schema, ColumnBatch Rows, long[] RowIds) RandomRows(Random random, int rowCount)
    {
        var columns = new ChunkColumn[random.Next(1, 12)];
        var builders = new ColumnBuilder[columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            SqlType type = new(Types[random.Next(Types.Length)]);
            columns[i] = ChunkSchema.Column((short)(i + 1), type, BuiltinTypes.PhysicalOf(type.Oid));
            builders[i] = ColumnBuilder.Create(columns[i].Physical);
            int range = random.Next(4);
            bool hasNulls = random.Next(2) == 0;
            for (int row = 0; row < rowCount; row++)
            {
                if (hasNulls && random.Next(5) == 0)
                    builders[i].AppendNull();
                else
                    AppendRandom(builders[i], random, range);
            }
        }
        long[] rowIds = new long[rowCount];
        long id = 0;
        for (int row = 0; row < rowCount; row++)
            rowIds[row] = id += random.Next(1, 1000);
        return (new ChunkSchema(columns), new ColumnBatch([.. builders.Select(builder =>
            builder.Build())], rowCount), rowIds);
    }

    private static void AppendRandom(ColumnBuilder builder, Random random, int range)
    {
        long value = range switch
        {
            0 => random.Next(-128, 128),
            1 => random.Next(short.MinValue, short.MaxValue + 1),
            2 => random.NextInt64(int.MinValue, int.MaxValue),
            _ => random.NextInt64(long.MinValue, long.MaxValue),
        };
        switch (builder)
        {
            case BoolColumnBuilder bits: bits.Append((value & 1) == 0); break;
            case FixedColumnBuilder<short> shorts: shorts.Append((short)value); break;
            case FixedColumnBuilder<int> ints: ints.Append((int)value); break;
            case FixedColumnBuilder<long> longs: longs.Append(value); break;
            case FixedColumnBuilder<float> floats: floats.Append(value); break;
            case FixedColumnBuilder<double> doubles: doubles.Append(value / 3.0); break;
            case FixedColumnBuilder<Fixed16> wide: wide.Append(new Fixed16((ulong)value, (ulong)~value)); break;
            case BinaryColumnBuilder bytes:
                byte[] sample = new byte[4 * random.Next(0, 10)];
                Array.Fill(sample, (byte)(value & 0x3F));
                bytes.Append(sample);
                break;
        }
    }

    private static byte[] SampleTransaction()
    {
        Random random = new(3);
        PayloadWriter target = new();
        target.WriteVarint(20_000UL);
        target.WriteVarint(2);
        target.WriteBytes(CatalogCodec.Encode(new PutObject(new SchemaEntry(20_001, "s"))));
        target.WriteBytes(CatalogCodec.Encode(new DropObject(20_002)));
        target.WriteVarint(1);
        target.WriteVarint(20_003UL);
        target.WriteByte(1);
        target.WriteVarint(100);
        target.WriteVarint(1);
        foreach (long number in new long[] { 7, 10, 1, 10, 4000, 500 })
            target.WriteVarint(number);
        target.WriteVarint(1);
        (ChunkSchema schema, ColumnBatch rows, long[] rowIds) = RandomRows(random, 20);
        BatchCodec.Write(target, schema, rows, rowIds);
        target.WriteVarint(2);
        target.WriteVarint(3);
        target.WriteVarint(5);
        byte[] bytes = target.Written.ToArray();
        TransactionRecord record = TransactionRecord.Decode(bytes);
        Assert.Equal([3L, 8L], record.Tables[0].Deletions.AsEnumerable());
        return bytes;
    }

    private static byte[] SampleManifest()
    {
        FaultyFileSystem files = new();
        files.CreateDirectory("/data");
        SegmentInfo segment = new(new SegmentId(5), 20_000, 10, 1, 12, 3, 4, 1000, 200);
        Manifest manifest = new(9, 8, 20_005, 6, [.. CatalogSnapshot.Initial.Objects], [new SequenceMark(20_001, -5,
            true, 2)],
            [new ManifestTable(new TableId(20_000), 13, [new ManifestSegment(segment, 7)], History: 2)]) { History = 5, Prepared = [11, 10] };
        manifest.Write(files, "/data");
        Manifest? back = Manifest.Read(files, "/data");
        Assert.Equal(segment, back!.Tables[0].Segments[0].Info);
        Assert.Equal(manifest.Sequences, back.Sequences);
        Assert.Equal((5, 2), (back.History, back.Tables[0].History));
        Assert.Equal([11L, 10], back.Prepared);
        return files.ReadAll("/data/MANIFEST");
    }

    private static byte[] SampleDeletes(out SegmentInfo segment)
    {
        FaultyFileSystem files = new();
        files.CreateDirectory("/data");
        segment = new SegmentInfo(new SegmentId(5), 20_000, 10_000, 1, 10_000, 3, 4, 1000, 200);
        DeleteMap map = new(segment.RowCount);
        for (int position = 0; position < 10_000; position += 17)
            map.Mark(position, 100 + (position % 7));
        DeleteFile.Write(files, "/data", 1, segment, map);
        DeleteMap back = DeleteFile.Read(files, "/data", 1, segment);
        Assert.Equal(map.Marks(), back.Marks());
        return files.ReadAll($"/data/{DeleteFile.NameOf(1)}");
    }

    /// <summary>A log of five records, each beginning with its own number.</summary>
    private static byte[] SampleLog()
    {
        FaultyFileSystem files = new();
        files.CreateDirectory("/log");
        using (LogWriter log = new(files, "/log", 1, 1 << 20))
        {
            for (byte i = 1; i <= 5; i++)
            {
                byte[] payload = new byte[i * 11];
                Array.Fill(payload, i);
                log.Append([new LogEntry(i == 3
                    ? LogRecordKind.Sequences : LogRecordKind.Transaction, 10 * i, payload)]);
                if (i % 2 == 0)
                    log.Flush();
            }
        }
        return files.ReadAll("/log/0000000000000001.log");
    }
}
