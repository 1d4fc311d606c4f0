using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;

namespace VecSQL.Columnar.Tests.Ipc;

/// <summary>Damaged streams and files do no harm: whatever the bytes, the outcome is arrays or an <see cref="IpcException"/>.</summary>
/// <remarks>More than a little: <c>VECSQL_FUZZ_MUTATIONS=1000000 dotnet test tests/columnar -c Release --filter Fuzz</c>.</remarks>
public sealed class IpcFuzzTests
{
    private const long DecodedBytesMax = 1 << 16;

    /// <summary>What a mutation may take: what it may decompress, and some multiple of its own bytes.</summary>
    private const long AllocatedBytesMax = 2 << 20;

    private static int Mutations => int.TryParse(Environment.GetEnvironmentVariable("VECSQL_FUZZ_MUTATIONS"), out int count) ? count : 20_000;

    private static int Seed => int.TryParse(Environment.GetEnvironmentVariable("VECSQL_FUZZ_SEED"), out int seed) ? seed : 1;

    [Fact]
    public void Damaged_streams_do_no_harm()
    {
        byte[][] samples = [.. Samples(isFile: false)];
        int refused = Run(samples, ReadStream);
        Assert.InRange(refused, Mutations / 10, Mutations);
    }

    [Fact]
    public void Damaged_files_do_no_harm()
    {
        byte[][] samples = [.. Samples(isFile: true)];
        int refused = Run(samples, ReadFile);
        Assert.InRange(refused, Mutations / 10, Mutations);
    }

    /// <summary>Streams of a few types each, so that what is damaged is often what is looked at first.</summary>
    private static IEnumerable<byte[]> Samples(bool isFile)
    {
        Random random = new(5);
        foreach (bool isCompressed in new[] { false, true })
        {
            foreach (ArrowType[] types in ArrowSamples.Types.Chunk(3))
            {
                ArrowSchema schema = ArrowSamples.Schema(types);
                MemoryStream stream = new();
                IpcEncoder encoder = new(schema, isCompressed);
                IpcFileWriter? file = isFile ? new IpcFileWriter(schema, bytes => stream.Write(bytes), isCompressed) : null;
                Dictionary<long, ArrowArray> dictionaries = [];
                ArrowArray[] columns = [.. types.Select(type => ArrowSamples.Random(type, 17, random, 0.2, dictionaries))];
                if (file is not null)
                {
                    file.Write(columns, 17);
                    file.Finish();
                    yield return stream.ToArray();
                    continue;
                }
                foreach (IpcMessage message in encoder.Encode(columns, 17).Prepend(encoder.SchemaMessage()))
                {
                    stream.Write(message.Head());
                    foreach (ReadOnlyMemory<byte> piece in message.Body)
                        stream.Write(piece.Span);
                }
                yield return stream.ToArray();
            }
        }
    }

    private static int Run(byte[][] samples, Action<byte[], int> read)
    {
        int refused = 0;
        byte[] scratch = new byte[samples.Max(sample => sample.Length)];
        for (int round = 0; round < Mutations; round++)
        {
            Random random = new(Seed * 1_000_003 + round);
            byte[] sample = samples[round % samples.Length];
            sample.CopyTo(scratch, 0);
            int length = Mutate(scratch, sample.Length, random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(scratch, length);
            }
            catch (IpcException)
            {
                refused++;
            }
            catch (Exception error)
            {
                Assert.Fail($"VECSQL_FUZZ_SEED={Seed}, mutation {round} of sample {round % samples.Length}: {error}");
            }
            long taken = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(taken < AllocatedBytesMax, $"VECSQL_FUZZ_SEED={Seed}, mutation {round}: {taken} bytes were taken");
        }
        return refused;
    }

    private static int Mutate(byte[] bytes, int length, Random random)
    {
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int at = random.Next(length);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] = 0xFF;
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes[at] = 0;
                    break;
                case 3 when at + 4 <= length:
                    BitConverter.TryWriteBytes(bytes.AsSpan(at & ~3), random.Next(3) switch { 0 => int.MaxValue, 1 => -1, _ => random.Next(300) });
                    break;
                case 4 when at + 8 <= length:
                    BitConverter.TryWriteBytes(bytes.AsSpan(at & ~7), random.NextInt64() >> random.Next(64));
                    break;
                case 5:
                    int from = random.Next(length), count = random.Next(Math.Min(64, length - Math.Max(at, from)) + 1);
                    bytes.AsSpan(from, count).ToArray().CopyTo(bytes, at);
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }
        }
        return random.Next(16) == 0 ? random.Next(length) : length;
    }

    private static void ReadStream(byte[] bytes, int length)
    {
        IpcStreamReader reader = new("test", new IpcLimits(DecodedBytesMax));
        reader.Add(bytes.AsSpan(0, length));
        while (reader.TryRead() is { } batch)
        {
            foreach (ArrowArray column in batch.Columns)
                Touch(column);
        }
        reader.Complete();
    }

    private static void ReadFile(byte[] bytes, int length)
    {
        IpcFileReader reader = new("test", length, (offset, count) => ColumnBuffer.Wrap(bytes, length).Slice(checked((int)offset), count),
            new IpcLimits(DecodedBytesMax));
        for (int i = 0; i < reader.Blocks.Count && i < 8; i++)
        {
            IpcBatch batch = reader.ReadBatch(i);
            for (int field = 0; field < reader.Schema.Fields.Count; field++)
                Touch(batch.ReadArray(field));
        }
    }

    /// <summary>Reads every value, a little of each: what was accepted must be safe to read.</summary>
    private static void Touch(ArrowArray array)
    {
        foreach (int row in new[] { 0, 1, array.Length / 2, array.Length - 2, array.Length - 1 })
        {
            if (row >= 0 && row < array.Length)
                Visit(array, row, budget: 50);
        }
    }

    private static void Visit(ArrowArray array, int row, int budget)
    {
        if (array.IsNull(row) || budget <= 0)
            return;
        ArrowType type = array.Type;
        switch (type.Kind)
        {
            case ArrowTypeKind.List or ArrowTypeKind.Map:
                ReadOnlySpan<int> lists = array.Buffers[1].As<int>();
                for (int i = lists[row]; i < lists[row + 1] && i < lists[row] + 5; i++)
                    Visit(array.Children[0], i, budget / 5);
                break;
            case ArrowTypeKind.LargeList:
                ReadOnlySpan<long> large = array.Buffers[1].As<long>();
                for (long i = large[row]; i < large[row + 1] && i < large[row] + 5; i++)
                    Visit(array.Children[0], (int)i, budget / 5);
                break;
            case ArrowTypeKind.FixedSizeList:
                for (int i = 0; i < type.Size && i < 5; i++)
                    Visit(array.Children[0], (row * type.Size) + i, budget / 5);
                break;
            case ArrowTypeKind.Struct:
                foreach (ArrowArray child in array.Children)
                    Visit(child, row, budget / 2);
                break;
            case ArrowTypeKind.Union:
            case ArrowTypeKind.Dictionary:
            default:
                ArrowSamples.Text(array, row);
                break;
        }
    }
}
