using System.Buffers.Binary;
using System.Text;
using VecSQL.Storage.Files;

namespace VecSQL.Engine.Tests.Copy;

public sealed class CopyFileTests : IAsyncDisposable
{
    private readonly TestDatabase _database = new();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Theory]
    [InlineData("text", "")]
    [InlineData("csv", ", HEADER")]
    [InlineData("binary", "")]
    [InlineData("jsonl", "")]
    [InlineData("arrow", "")]
    [InlineData("arrow", ", COMPRESSION zstd")]
    public async Task What_is_written_to_a_file_is_read_back(string format, string options)
    {
        await using TestSession session = _database.Session();
        await session.RunAsync("""
            CREATE TABLE t (a int, b text, v vector(2), d date, j jsonb, n numeric, k int[], h halfvec(2), f double precision);
            INSERT INTO t VALUES (1, E'x\n"y\\é', '[1,2]', '2024-02-29', '{"a": [1, "\n"]}', 1.50, '{1,NULL}', '[1,2]', 'NaN'),
                (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (2, '', '[0,-1]', 'infinity', 'true', 'Infinity', '{}', '[0,0]', 1e300)
            """);
        Assert.Equal("COPY 3", await session.RunAsync($"COPY t TO 'file:a/t.dat' (FORMAT {format}{options})"));
        Assert.Equal(["t.dat"], Directory.GetFiles(Path.Combine(_database.FileRoot, "a")).Select(Path.GetFileName));
        string back = options.Contains("HEADER", StringComparison.Ordinal) ? options : "";
        Assert.Equal("COPY 3", await session.RunAsync($"CREATE TABLE u (LIKE t); COPY u FROM 'a/t.dat' (FORMAT {format}{back})"));
        Assert.Equal(await session.RowsAsync("SELECT * FROM t ORDER BY a"), await session.RowsAsync("SELECT * FROM u ORDER BY a"));
    }

    [Fact]
    public async Task Json_lines_take_keys_in_any_order_and_leave_columns_null()
    {
        await using TestSession session = _database.Session();
        await session.RunAsync("CREATE TABLE t (a int, b text, m int[])");
        await session.CopyInAsync("COPY t FROM STDIN (FORMAT jsonl)",
            "{\"b\": \"x\", \"a\": 1}\n\n  {\"a\":2,\"a\":3}\r\n{}\n{\"m\": [[1,2],[3,4]]}", pieceBytes: 3);
        Assert.Equal(["1|x|NULL", "3|NULL|NULL", "NULL|NULL|NULL", "NULL|NULL|{{1,2},{3,4}}"],
            await session.RowsAsync("SELECT a, b, m FROM t"));
    }

    [Theory]
    [InlineData("{\"a\": 1}\n{\"c\": 1}\n", "22P04", "line 2")]
    [InlineData("[1]\n", "22P04", "line 1")]
    [InlineData("{\"a\": \n", "22P02", "line 1")]
    [InlineData("{\"a\": \"x\"}\n", "22P02", "column a")]
    [InlineData("{\"b\": \"\\u0000\"}\n", "22P05", "column b")]
    public async Task Wrong_json_lines_are_refused_with_their_place(string data, string state, string place)
    {
        await using TestSession session = _database.Session();
        await session.RunAsync("CREATE TABLE t (a int, b text)");
        File.WriteAllText(Path.Combine(_database.FileRoot, "t.jsonl"), data);
        Core.Errors.SqlException error = await session.FailAsync("COPY t FROM 't.jsonl' (FORMAT jsonl)");
        Assert.Equal(state, error.State.ToString());
        Assert.Contains(place, error.Where, StringComparison.Ordinal);
        Assert.Contains("t.jsonl", error.Where, StringComparison.Ordinal);
        Assert.Equal("0", await session.ValueAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Vectors_come_from_npy_fvecs_and_bvecs()
    {
        await using TestSession session = _database.Session();
        await session.RunAsync("CREATE TABLE t (id int, v vector(3))");
        Write("a.npy", [.. Npy("<f4", "(2, 3)"), .. Floats(1, 2, 3, -1, 0.5f, 0)]);
        Assert.Equal("COPY 2", await session.RunAsync("COPY t (v) FROM 'a.npy' (FORMAT npy)"));
        Write("empty.fvecs", []);
        Assert.Equal("COPY 0", await session.RunAsync("COPY t FROM 'empty.fvecs' (FORMAT fvecs, id_column id)"));
        Write("a.fvecs", [3, 0, 0, 0, .. Floats(4, 5, 6), 3, 0, 0, 0, .. Floats(7, 8, 9)]);
        Assert.Equal("COPY 2", await session.RunAsync("COPY t FROM 'a.fvecs' (FORMAT fvecs, id_column id)"));
        Write("a.bvecs", [3, 0, 0, 0, 0, 128, 255]);
        Assert.Equal("COPY 1", await session.RunAsync("COPY t (v) FROM 'a.bvecs' (FORMAT bvecs)"));
        Assert.Equal(["NULL|[1,2,3]", "NULL|[-1,0.5,0]", "0|[4,5,6]", "1|[7,8,9]", "NULL|[0,128,255]"], await session.RowsAsync("SELECT * FROM t"));
        await session.RunAsync("CREATE TABLE s (x bigint)");
        Write("s.npy", [.. Npy("<i2", "(3,)"), 1, 0, 255, 255, 0, 1]);
        Assert.Equal("COPY 3", await session.RunAsync("COPY s FROM 's.npy' (FORMAT npy)"));
        Assert.Equal(["1", "-1", "256"], await session.RowsAsync("SELECT * FROM s"));
    }

    [Theory]
    [InlineData("<f4", "(2, 3)", 20, "ends after")]
    [InlineData("<f4", "(1, 3)", 13, "goes on after")]
    [InlineData("<f4", "(9223372036854775807, 3)", 12, "ends after")]
    [InlineData("<f4", "(2, 9999999999)", 12, "rows of")]
    [InlineData("<f4", "(2, 3, 4)", 12, "dimensions")]
    [InlineData(">f4", "(1, 3)", 12, "type")]
    [InlineData("O", "(1, 3)", 12, "type")]
    [InlineData("<f4", "x", 12, "shape")]
    public async Task Wrong_npy_files_are_refused(string type, string shape, int bytes, string message)
    {
        await using TestSession session = _database.Session();
        await session.RunAsync("CREATE TABLE t (v vector(3))");
        Write("a.npy", [.. Npy(type, shape), .. new byte[bytes]]);
        string error = await session.ErrorAsync("COPY t FROM 'a.npy' (FORMAT npy)");
        Assert.StartsWith("22P04", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Equal("0", await session.ValueAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Vectors_that_differ_in_length_or_do_not_fit_are_refused()
    {
        await using TestSession session = _database.Session();
        await session.RunAsync("CREATE TABLE t (v vector(3))");
        Write("a.fvecs", [3, 0, 0, 0, .. Floats(4, 5, 6), 2, 0, 0, 0, .. Floats(7, 8)]);
        Assert.StartsWith("22P04: vector 1 has 2 dimensions", await session.ErrorAsync("COPY t FROM 'a.fvecs' (FORMAT fvecs)"), StringComparison.Ordinal);
        Write("b.fvecs", [2, 0, 0, 0, .. Floats(7, 8)]);
        Assert.StartsWith("22000: expected 3 dimensions, not 2", await session.ErrorAsync("COPY t FROM 'b.fvecs' (FORMAT fvecs)"), StringComparison.Ordinal);
        Write("c.fvecs", [3, 0, 0, 0, .. Floats(1, float.NaN, 2)]);
        Assert.StartsWith("22000: NaN not allowed", await session.ErrorAsync("COPY t FROM 'c.fvecs' (FORMAT fvecs)"), StringComparison.Ordinal);
        Write("d.fvecs", [3, 0, 0, 0, 1]);
        Assert.StartsWith("22P04: the data ends within vector 0", await session.ErrorAsync("COPY t FROM 'd.fvecs' (FORMAT fvecs)"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tfrecords_are_dealt_out_to_shards()
    {
        await using TestSession session = _database.Session();
        await session.RunAsync("CREATE TABLE t AS SELECT i AS id, 'n' || i AS s, ARRAY[i, -i] AS k, '[1,2]'::vector AS v FROM generate_series(1, 10) i");
        Assert.Equal("COPY 10", await session.RunAsync("COPY (SELECT * FROM t ORDER BY id) TO 'file:out/' (FORMAT tfrecord, shards 4)"));
        string[] files = [.. Directory.GetFiles(Path.Combine(_database.FileRoot, "out")).Order()];
        Assert.Equal(["part-00000-of-00004.tfrecord", "part-00001-of-00004.tfrecord", "part-00002-of-00004.tfrecord",
            "part-00003-of-00004.tfrecord"], files.Select(Path.GetFileName));
        Assert.Equal([3, 3, 2, 2], files.Select(file => Records(File.ReadAllBytes(file)).Count));
        byte[] first = Records(File.ReadAllBytes(files[1]))[0]; // the row of id 2
        byte[] expected =
        [
            0x0A, 57,
            0x0A, 11, 0x0A, 2, .. "id"u8, 0x12, 5, 0x1A, 3, 0x0A, 1, 2,
            0x0A, 11, 0x0A, 1, .. "s"u8, 0x12, 6, 0x0A, 4, 0x0A, 2, .. "n2"u8,
            0x0A, 20, 0x0A, 1, .. "k"u8, 0x12, 15, 0x1A, 13, 0x0A, 11, 2, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1,
            0x0A, 17, 0x0A, 1, .. "v"u8, 0x12, 12, 0x12, 10, 0x0A, 8, .. Floats(1, 2),
        ];
        expected[1] = (byte)(expected.Length - 2);
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(first));
    }

    [Theory]
    [InlineData("COPY t FROM '../x'", "42501")]
    [InlineData("COPY t TO '/tmp/x'", "42501")]
    [InlineData("COPY t FROM 'absent'", "58P01")]
    [InlineData("COPY t FROM PROGRAM 'ls'", "0A000")]
    [InlineData("COPY t TO 'x' (FORMAT npy)", "0A000")]
    [InlineData("COPY t FROM 'x' (FORMAT tfrecord)", "0A000")]
    [InlineData("COPY t TO 'x' (FORMAT arrow, HEADER)", "0A000")]
    [InlineData("COPY t TO 'x' (FORMAT csv, shards 2)", "0A000")]
    [InlineData("COPY t TO STDOUT (FORMAT tfrecord, shards 2)", "0A000")]
    [InlineData("COPY t TO 'x' (FORMAT tfrecord, shards 0)", "22023")]
    [InlineData("COPY t TO 'x' (FORMAT arrow, compression lz4)", "22023")]
    [InlineData("COPY t FROM STDIN (FORMAT parquet)", "22023")]
    [InlineData("COPY (SELECT 1 AS a, 2 AS a) TO 'x' (FORMAT tfrecord)", "42701")]
    [InlineData("SET SESSION AUTHORIZATION r; COPY t FROM 'x'", "42501")]
    public async Task Copies_that_cannot_be_are_refused(string sql, string state)
    {
        await using TestSession session = _database.Session();
        await session.RunAsync("CREATE TABLE t (a int); CREATE ROLE r LOGIN");
        Assert.Equal(state, (await session.FailAsync(sql)).State.ToString());
        Assert.Empty(Directory.GetFiles(_database.FileRoot));
    }

    [Fact]
    public async Task A_copy_that_fails_leaves_no_file()
    {
        await using TestSession session = _database.Session();
        Assert.Equal("22012", (await session.FailAsync(
            "COPY (SELECT 1 / (100000 - i) FROM generate_series(1, 100000) i) TO 'x' (FORMAT jsonl)")).State.ToString());
        Assert.Empty(Directory.GetFiles(_database.FileRoot));
    }

    private void Write(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(_database.FileRoot, name), bytes);

    private static byte[] Floats(params float[] values)
    {
        byte[] bytes = new byte[values.Length * 4];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        return bytes;
    }

    private static byte[] Npy(string type, string shape)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}";
        header = header.PadRight(((header.Length + 11) / 64 * 64) + 53) + "\n";
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)header.Length);
        return [0x93, .. "NUMPY"u8, 1, 0, .. length, .. Encoding.ASCII.GetBytes(header)];
    }

    /// <summary>The records of a file, whose checksums hold.</summary>
    private static List<byte[]> Records(byte[] file)
    {
        List<byte[]> records = [];
        for (int at = 0; at < file.Length;)
        {
            int length = (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            records.Add(file.AsSpan(at + 12, length).ToArray());
            Assert.Equal(Masked(records[^1]), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            at += 16 + length;
        }
        return records;
    }

    private static uint Masked(ReadOnlySpan<byte> bytes) =>
        uint.RotateRight(Checksum.Crc32C(bytes), 15) + 0xA282EAD8;
}
