using System.Buffers.Binary;
using System.Text;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Tests.Segments;

public sealed class KeyHashTests
{
    [Fact]
    public void Numbers_that_are_equal_hash_equally_whatever_their_scale()
    {
        string[] equal = ["1.5", "1.50", "1.500000000000000000000000000000000000000"];
        Assert.Single(equal.Select(text => Hash(TypeOid.Numeric, Numeric(text))).Distinct());
        string[] other = [
            "1.5", "15", "-1.5", "0", "0.15", "NaN", "1e40", "150000000000000000000000000000000000000000"];
        Assert.Equal(other.Length, other.Select(text => Hash(TypeOid.Numeric, Numeric(text))).Distinct().Count());
        Assert.Equal(Hash(TypeOid.Numeric, Numeric("0")), Hash(TypeOid.Numeric, Numeric("0.000")));
    }

    [Fact]
    public void Values_that_sql_holds_equal_hash_equally()
    {
        Assert.Equal(Hash(TypeOid.Float8, new FixedColumn<double>([0.0])),
            Hash(TypeOid.Float8, new FixedColumn<double>([-0.0])));
        Assert.Equal(Hash(TypeOid.Float8, new FixedColumn<double>([double.NaN])),
            Hash(TypeOid.Float8, new FixedColumn<double>([-double.NaN])));
        Assert.Equal(Hash(TypeOid.BpChar, Text("ab")), Hash(TypeOid.BpChar, Text("ab  ")));
        Assert.NotEqual(Hash(TypeOid.Text, Text("ab")), Hash(TypeOid.Text, Text("ab  ")));
        Assert.Equal(Hash(TypeOid.Jsonb, Text("{\"a\": 1.0}")), Hash(TypeOid.Jsonb, Text("{\"a\": 1.00}")));
        Assert.Equal(Hash(TypeOid.Interval, Interval(0, 1, 0)), Hash(TypeOid.Interval, Interval(86_400_000_000, 0, 0)));
        Assert.Equal(Hash(TypeOid.Interval, Interval(0, 30, 0)), Hash(TypeOid.Interval, Interval(0, 0, 1)));
        Assert.NotEqual(Hash(TypeOid.Interval, Interval(1, 0, 0)), Hash(TypeOid.Interval, Interval(-1, 0, 0)));
        Assert.Equal(Hash(TypeOid.Vector, Floats(0f, 1f)), Hash(TypeOid.Vector, Floats(-0f, 1f)));
        Assert.Equal(Hash(TypeOid.Int4, new FixedColumn<int>([-7])), Hash(TypeOid.Int8, new FixedColumn<long>([-7])));
    }

    [Fact]
    public void Hashes_differ_by_value_place_and_null_and_do_not_change_between_builds()
    {
        HashSet<ulong> seen = [];
        ulong[] hashes = new ulong[50_000];
        KeyHash.Compute(
            [SqlType.Int8], [new FixedColumn<long>([.. Enumerable.Range(0, 50_000).Select(i => (long)i)])], hashes);
        foreach (ulong hash in hashes)
            Assert.True(seen.Add(hash));
        Assert.InRange(hashes.Select(hash => (uint)hash >> 24).Distinct().Count(), 256, 256);
        Assert.NotEqual(
            Hash(TypeOid.Int8, Column.Nulls(PhysicalType.Int64, 1)), Hash(TypeOid.Int8, new FixedColumn<long>([0])));
        Assert.NotEqual(PairHash("a", "bc"), PairHash("ab", "c"));
        Assert.NotEqual(PairHash("a", "b"), PairHash("b", "a"));
        // These are kept in files: a change needs a new version of the format.
        Assert.Equal("99260210aecd3e80", Hash(TypeOid.Int8, new FixedColumn<long>([42])).ToString("x16"));
        Assert.Equal("11095c7b69e61151", Hash(TypeOid.Text, Text("a key of some length")).ToString("x16"));
    }

    private static ulong PairHash(string first, string second)
    {
        ulong[] hash = new ulong[1];
        KeyHash.Compute([SqlType.Text, SqlType.Text], [Text(first), Text(second)], hash);
        return hash[0];
    }

    private static ulong Hash(uint type, Column column)
    {
        ulong[] hash = new ulong[1];
        KeyHash.Compute([new SqlType(type)], [column], hash);
        return hash[0];
    }

    private static BinaryColumn Text(string value) => BinaryColumn.Constant(Encoding.UTF8.GetBytes(value), 1);

    private static BinaryColumn Numeric(string value)
    {
        BinaryColumnBuilder builder = new();
        SqlNumeric.Parse(Encoding.ASCII.GetBytes(value)).AppendTo(builder);
        return (BinaryColumn)builder.Build();
    }

    private static BinaryColumn Floats(params float[] values)
    {
        byte[] bytes = new byte[values.Length * 4];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * 4), values[i]);
        return BinaryColumn.Constant(bytes, 1);
    }

    private static FixedColumn<Fixed16> Interval(long microseconds, int days, int months) =>
        new([new Fixed16((ulong)microseconds, (uint)days | ((ulong)(uint)months << 32))]);
}
