using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Engine.Arrow;

namespace VecSQL.Engine.Tests.Arrow;

public sealed class ArrowRoundTripTests : IAsyncDisposable
{
    private readonly TestDatabase _database = new();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    public static TheoryData<string, string, string> Types => new()
    {
        { "bool", "Bool", "true), (false" },
        { "smallint", "Int16", "-32768), (32767" },
        { "integer", "Int32", "-2147483648), (2147483647" },
        { "bigint", "Int64", "-9223372036854775808), (9223372036854775807" },
        { "real", "Float32", "'NaN'), ('-Infinity'), (1e-45), (0.1" },
        { "double precision", "Float64", "'NaN'), ('Infinity'), (5e-324), (0.1" },
        { "oid", "Int64", "4294967295" },
        { "text", "Utf8", "''), ('ö€😀'), (repeat('x', 100000)" },
        { "varchar(3)", "Utf8", "'abc'), (''" },
        { "char(4)", "Utf8", "'ab'" },
        { "name", "Utf8", "'n'" },
        { "json", "Utf8", "'{\"a\" : 1}'" },
        { "jsonb", "Utf8", "'{\"a\" : [1, null]}'" },
        { "bytea", "Binary", "''), ('\\x00ff'" },
        { "uuid", "FixedSizeBinary(16)", "'00112233-4455-6677-8899-aabbccddeeff'" },
        { "numeric(10,2)", "Decimal128(10, 2)", "-12345678.90), (0.01" },
        { "numeric(38,0)", "Decimal128(38, 0)", "99999999999999999999999999999999999999" },
        { "numeric(76,30)", "Decimal256(76, 30)", "-1.000000000000000000000000000001" },
        { "numeric", "Utf8", "'NaN'), ('Infinity'), (1.500" },
        { "date", "Date32", "'infinity'), ('0001-01-01 BC'), ('2024-02-29'" },
        { "time", "Time64(Microsecond)", "'24:00:00'), ('00:00:00.000001'" },
        { "timetz", "Utf8", "'12:00:00+02'" },
        { "timestamp", "timestamp(Microsecond)", "'-infinity'), ('4713-01-01 00:00:00 BC'), ('2024-02-29 12:34:56.789'" },
        { "timestamptz", "timestamp(Microsecond, UTC)", "'infinity'), ('2024-02-29 12:34:56+05'" },
        { "interval", "IntervalMonthDayNano", "'1 year -2 days 03:04:05.678'), ('-1 microsecond'" },
        { "vector(3)", "FixedSizeList<Float32>(3)", "'[1,-2.5,0]'" },
        { "halfvec(2)", "FixedSizeList<Float16>(2)", "'[1,-65504]'" },
        { "vector", "List<Float32>", "'[1,2]'), ('[1,2,3]'" },
        { "halfvec", "List<Float16>", "'[1]'), ('[1,2,3]'" },
        { "sparsevec(5)", "Struct<List<Int32>, List<Float32>>", "'{1:1,5:2}/5'), ('{}/5'" },
        { "sparsevec", "Struct<List<Int32>, List<Float32>, Int32>", "'{1:1}/5'), ('{2:1}/7'" },
        { "bit(10)", "FixedSizeBinary(2)", "B'1010101011'" },
        { "bit varying", "Utf8", "B'1'), (B''" },
        { "integer[]", "List<Int32>", "'{1,NULL,3}'), ('{}'" },
        { "text[]", "List<Utf8>", "ARRAY['a','',NULL]" },
        { "numeric(5,1)[]", "List<Decimal128(5, 1)>", "ARRAY[1.5, NULL]" },
        { "vector(2)[]", "List<FixedSizeList<Float32>(2)>", "ARRAY['[1,2]'::vector, '[3,4]'::vector]" },
        { "tsvector", "Utf8", "'a b'" },
    };

    [Theory, MemberData(nameof(Types))]
    public async Task Every_type_goes_out_and_comes_back(string type, string arrow, string values)
    {
        await using TestSession session = _database.Session();
        await session.RunAsync($"CREATE TABLE t (v {type}); INSERT INTO t VALUES ({values}), (NULL)");
        foreach (bool isCompressed in new[] { false, true })
        {
            (ArrowSchema schema, List<ArrowBatch> batches) =
                await session.ArrowAsync("SELECT v FROM t", new ArrowStreamOptions(AcceptsZstd: isCompressed));
            Assert.Equal(arrow, schema.Fields[0].Type.ToString());
            string expected = string.Join('|', await session.RowsAsync("SELECT v::text FROM t ORDER BY 1"));
            Assert.Equal(long.Parse(await session.ValueAsync("SELECT count(*) FROM t")),
                await session.IngestAsync(new ArrowIngestTarget(null, "copied", ArrowIngestMode.Replace), schema, batches));
            Assert.Equal(expected, string.Join('|', await session.RowsAsync("SELECT v::text FROM copied ORDER BY 1")));
            Assert.Equal(await session.ValueAsync("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum = 1"),
                await session.ValueAsync("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'copied'::regclass AND attnum = 1"));
        }
    }

    [Fact]
    public async Task An_enumerated_type_is_a_dictionary()
    {
        await using TestSession session = _database.Session();
        await session.RunAsync("CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy'); CREATE TABLE t (m mood); INSERT INTO t VALUES ('happy'), (NULL), ('sad')");
        (ArrowSchema schema, List<ArrowBatch> batches) = await session.ArrowAsync("SELECT m FROM t");
        Assert.Equal("dictionary<Int32, Utf8>", schema.Fields[0].Type.ToString());
        await session.RunAsync("CREATE TABLE u (m mood)");
        await session.IngestAsync(new ArrowIngestTarget(null, "u"), schema, batches);
        Assert.Equal(["happy", "NULL", "sad"], await session.RowsAsync("SELECT m FROM u"));
    }

    [Fact]
    public async Task Bytes_become_what_has_their_length()
    {
        await using TestSession session = _database.Session();
        await session.RunAsync("CREATE TABLE t (u uuid, b bit(10))");
        const string Uuid = "'\\x00112233445566778899aabbccddeeff'::bytea AS u", Bits = "'\\xaaff'::bytea AS b";
        (ArrowSchema schema, List<ArrowBatch> batches) = await session.ArrowAsync($"SELECT {Uuid}, {Bits} UNION ALL SELECT NULL, NULL");
        await session.IngestAsync(new ArrowIngestTarget(null, "t"), schema, batches);
        Assert.Equal(["00112233-4455-6677-8899-aabbccddeeff|1010101011", "NULL|NULL"], await session.RowsAsync("SELECT * FROM t ORDER BY u"));
        foreach (string wrong in new[] { $"SELECT '\\x00'::bytea AS u, {Bits}", $"SELECT {Uuid}, '\\xaaff00'::bytea AS b" })
        {
            (schema, batches) = await session.ArrowAsync(wrong);
            SqlException refused = await Assert.ThrowsAsync<SqlException>(() => session.IngestAsync(new ArrowIngestTarget(null, "t"), schema, batches));
            Assert.Equal("22P03", refused.State.ToString());
        }
        Assert.Equal("2", await session.ValueAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_column_says_which_model_made_its_vectors()
    {
        await using TestSession session = _database.Session();
        await session.RunAsync("CREATE TABLE t (body text, e vector(384) GENERATED ALWAYS AS (embed(body)) STORED); INSERT INTO t VALUES ('a')");
        (ArrowSchema schema, _) = await session.ArrowAsync("SELECT body, e AS renamed FROM t");
        Assert.Null(schema.Fields[0].Find("vecsql.model"));
        Assert.Equal($"{Catalog.Objects.ModelEntry.BuiltIn.Name}@1", schema.Fields[1].Find("vecsql.model"));
    }

    [Fact]
    public async Task Batches_are_filled_towards_the_size_asked_for()
    {
        await using TestSession session = _database.Session();
        await session.RunAsync("CREATE TABLE t AS SELECT i, repeat('x', i % 1000) AS s FROM generate_series(1, 20000) i");
        (_, List<ArrowBatch> batches) = await session.ArrowAsync("SELECT * FROM t", new ArrowStreamOptions(BatchBytesMax: 1 << 20));
        Assert.Equal(20000, batches.Sum(batch => batch.RowCount));
        Assert.InRange(batches.Count, 10, 16);
        Assert.All(batches, batch => Assert.InRange(batch.Columns.Sum(column => column.SizeBytes), 1, (1 << 20) + 16));
    }

    /// <summary>Values that are short in memory and long in Arrow.</summary>
    [Theory]
    [InlineData("SELECT (i % 10)::numeric(50,2) FROM generate_series(1, 20000) i")]
    [InlineData("SELECT 1e-3000::numeric FROM generate_series(1, 2000) i")]
    [InlineData("SELECT ARRAY[1e-3000::numeric, NULL] FROM generate_series(1, 2000) i")]
    [InlineData("SELECT repeat('1', 4000)::varbit FROM generate_series(1, 2000) i")]
    [InlineData("SELECT '12:34:56.789012+05:45'::timetz FROM generate_series(1, 50000) i")]
    public async Task Batches_stay_within_the_size_asked_for_whatever_values_become(string sql)
    {
        await using TestSession session = _database.Session();
        (_, List<ArrowBatch> batches) = await session.ArrowAsync(sql, new ArrowStreamOptions(BatchBytesMax: 1 << 18));
        Assert.All(batches, batch => Assert.InRange(batch.Columns.Sum(column => column.SizeBytes), 1, (1 << 18) + 1024));
        Assert.InRange(batches.Count, 2, 100);
    }

    [Fact]
    public async Task A_wide_row_makes_a_batch_of_its_own()
    {
        await using TestSession session = _database.Session();
        (_, List<ArrowBatch> batches) = await session.ArrowAsync(
            "SELECT repeat('x', 100000 * i) FROM generate_series(1, 3) i", new ArrowStreamOptions(BatchBytesMax: 1000));
        Assert.Equal([1, 1, 1], batches.Select(batch => batch.RowCount));
    }

    [Theory]
    [InlineData("SELECT 'NaN'::numeric(5,2)", "22003")]
    [InlineData("SELECT '{{1,2},{3,4}}'::int[]", "0A000")]
    [InlineData("SELECT '300000000 hours'::interval * 1000", "22008")]
    public async Task What_Arrow_cannot_hold_is_refused(string sql, string state)
    {
        await using TestSession session = _database.Session();
        SqlException refused = await Assert.ThrowsAsync<SqlException>(() => session.ArrowAsync(sql));
        Assert.Equal(state, refused.State.ToString());
    }
}
