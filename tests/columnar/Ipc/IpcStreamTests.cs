using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;

namespace VecSQL.Columnar.Tests.Ipc;

public sealed class IpcStreamTests
{
    public static TheoryData<int, double, bool> Shapes
    {
        get
        {
            TheoryData<int, double, bool> shapes = [];
            foreach (int rows in new[] { 0, 1, 7, 64, 65, 129 })
            {
                shapes.Add(rows, 0.0, true);
                shapes.Add(rows, 0.3, false);
                shapes.Add(rows, 0.3, true);
                shapes.Add(rows, 1.0, false);
            }
            return shapes;
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Every_type_is_read_as_it_was_written(int rowCount, double nulls, bool isCompressed)
    {
        (byte[] stream, ArrowSchema schema, List<string[]> expected) = Write(rowCount, nulls, isCompressed, batchCount: 3, isFile: false);
        AssertReads(stream, schema, expected, stream.Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void A_stream_may_come_in_pieces_cut_anywhere(int pieceBytes)
    {
        (byte[] stream, ArrowSchema schema, List<string[]> expected) = Write(20, 0.3, isCompressed: true, batchCount: 2, isFile: false);
        AssertReads(stream, schema, expected, pieceBytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_is_read_from_its_front_and_by_its_footer(bool isCompressed)
    {
        (byte[] file, ArrowSchema schema, List<string[]> expected) = Write(70, 0.3, isCompressed, batchCount: 2, isFile: true);
        AssertReads(file, schema, expected, 100);
        IpcFileReader reader = IpcSamples.Open(file);
        for (int i = 0; i < 2; i++)
        {
            IpcBatch batch = reader.ReadBatch(i);
            ArrowBatch read = new(reader.Schema, batch.RowCount, [.. reader.Schema.Fields.Select((_, field) => batch.ReadArray(field))]);
            Assert.Equal(expected[i], ArrowSamples.Texts(read));
        }
    }

    [Fact]
    public void Dictionaries_are_replaced_and_added_to()
    {
        ArrowType type = ArrowType.Dictionary(7, ArrowTypeKind.Int32, new ArrowType(ArrowTypeKind.Utf8));
        ArrowSchema schema = ArrowSamples.Schema([type]);
        IpcEncoder encoder = new(schema, isCompressed: false);
        MemoryStream stream = new();
        Put(stream, encoder.SchemaMessage());
        foreach (string[] labels in new[] { new[] { "a", "b" }, ["c"], ["c"] })
        {
            BinaryColumnBuilder values = new();
            foreach (string label in labels)
                values.Append(System.Text.Encoding.UTF8.GetBytes(label));
            ArrowArray column = new(type, 1, 0, [default, ColumnBuffer.Wrap(new[] { labels.Length - 1 })],
                dictionary: ColumnArrays.ToArray(values.Build(), new ArrowType(ArrowTypeKind.Utf8)));
            foreach (IpcMessage message in encoder.Encode([column], 1))
                Put(stream, message);
        }
        Assert.Equal(["62", "63", "63"], Read(stream.ToArray(), int.MaxValue).SelectMany(ArrowSamples.Texts));
    }

    [Theory]
    [InlineData(ArrowTypeKind.Utf8)]
    [InlineData(ArrowTypeKind.Bool)]
    [InlineData(ArrowTypeKind.Int64)]
    public void Joined_arrays_have_the_values_of_both(ArrowTypeKind kind)
    {
        Random random = new(3);
        ArrowArray first = ArrowSamples.Random(new ArrowType(kind), 70, random, 0.3, []), second = ArrowSamples.Random(new ArrowType(kind), 9, random, 0, []);
        ArrowArray joined = ArrowJoin.Of(first, second) ?? throw new InvalidOperationException();
        Assert.Equal(Enumerable.Range(0, 70).Select(row => ArrowSamples.Text(first, row))
            .Concat(Enumerable.Range(0, 9).Select(row => ArrowSamples.Text(second, row))),
            Enumerable.Range(0, 79).Select(row => ArrowSamples.Text(joined, row)));
    }

    [Fact]
    public void More_than_the_limit_is_not_decompressed()
    {
        ArrowSchema schema = ArrowSamples.Schema([new ArrowType(ArrowTypeKind.Int64), new ArrowType(ArrowTypeKind.Int64)]);
        IpcEncoder encoder = new(schema, isCompressed: true);
        ArrowArray zeros = new(new ArrowType(ArrowTypeKind.Int64), 100_000, 0, [default, ColumnBuffer.Wrap(new long[100_000])]);
        IpcDecoder decoder = new("test", new IpcLimits(DecodedBytesMax: 1_000_000));
        decoder.Read(encoder.SchemaMessage().Metadata.ToArray(), default);
        IpcMessage batch = encoder.Batch([zeros, zeros], 100_000);
        MemoryStream body = new();
        foreach (ReadOnlyMemory<byte> piece in batch.Body)
            body.Write(piece.Span);
        IpcException refused = Assert.Throws<IpcException>(() => decoder.Read(batch.Metadata, body.ToArray()));
        Assert.Contains("more than 1000000 bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_cut_off_or_out_of_place_is_refused()
    {
        (byte[] stream, _, _) = Write(5, 0, isCompressed: false, batchCount: 1, isFile: false);
        Assert.Contains("ends", Assert.Throws<IpcException>(() => Read(stream[..^20], int.MaxValue)).Message, StringComparison.Ordinal);
        Assert.Throws<IpcException>(() => Read([], int.MaxValue));
        Assert.Throws<IpcException>(() => Read([.. stream[..^8], .. stream], int.MaxValue));
    }

    internal static (byte[] Bytes, ArrowSchema Schema, List<string[]> Texts) Write(
        int rowCount, double nulls, bool isCompressed, int batchCount, bool isFile, int seed = 0)
    {
        Random random = new(rowCount + seed);
        ArrowSchema schema = ArrowSamples.Schema(ArrowSamples.Types);
        MemoryStream stream = new();
        IpcEncoder encoder = new(schema, isCompressed);
        IpcFileWriter? file = isFile ? new IpcFileWriter(schema, bytes => stream.Write(bytes), isCompressed) : null;
        if (file is null)
            Put(stream, encoder.SchemaMessage());
        List<string[]> texts = [];
        Dictionary<long, ArrowArray> dictionaries = [];
        for (int i = 0; i < batchCount; i++)
        {
            ArrowArray[] columns = [.. ArrowSamples.Types.Select(type => ArrowSamples.Random(type, rowCount, random, nulls, dictionaries))];
            texts.Add(ArrowSamples.Texts(new ArrowBatch(schema, rowCount, columns)));
            file?.Write(columns, rowCount);
            foreach (IpcMessage message in isFile ? [] : encoder.Encode(columns, rowCount))
                Put(stream, message);
        }
        file?.Finish();
        if (file is null)
            stream.Write(IpcMessage.EndOfStream.Span);
        return (stream.ToArray(), schema, texts);
    }

    internal static List<ArrowBatch> Read(byte[] stream, int pieceBytes)
    {
        IpcStreamReader reader = new("test");
        List<ArrowBatch> batches = [];
        for (int at = 0; at < stream.Length; at += Math.Min(pieceBytes, stream.Length - at))
        {
            reader.Add(stream.AsSpan(at, Math.Min(pieceBytes, stream.Length - at)));
            while (reader.TryRead() is { } batch)
                batches.Add(batch);
        }
        reader.Complete();
        return batches;
    }

    private static void AssertReads(byte[] stream, ArrowSchema schema, List<string[]> expected, int pieceBytes)
    {
        List<ArrowBatch> batches = Read(stream, pieceBytes);
        Assert.Equal(expected.Count, batches.Count);
        for (int i = 0; i < expected.Count; i++)
            Assert.Equal(expected[i], ArrowSamples.Texts(batches[i]));
        Assert.Equal(schema.Metadata, batches[0].Schema.Metadata);
        Assert.Equal(schema.Fields.Select(field => (field.Name, field.Type)), batches[0].Schema.Fields.Select(field => (field.Name, field.Type)));
    }

    private static void Put(MemoryStream stream, IpcMessage message)
    {
        stream.Write(message.Head());
        foreach (ReadOnlyMemory<byte> piece in message.Body)
            stream.Write(piece.Span);
    }
}
