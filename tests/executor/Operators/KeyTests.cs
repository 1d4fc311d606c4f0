using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Tests.Operators;

public sealed class KeyTests
{
    /// <summary>Values of each type in ascending order, equal ones joined by a bar.</summary>
    public static TheoryData<uint, string[]> Ascending => new()
    {
        { TypeOid.Bool, ["f", "t"] },
        { TypeOid.Int2, ["-32768", "-1", "0", "32767"] },
        { TypeOid.Int4, ["-2147483648", "-1", "0", "1", "2147483647"] },
        { TypeOid.Int8, ["-9223372036854775808", "-1", "0", "9223372036854775807"] },
        { TypeOid.Float8, ["-Infinity", "-1.5", "-0|0", "1e-300", "2", "Infinity", "NaN"] },
        { TypeOid.Float4, ["-Infinity", "-1.5", "-0|0", "1e-30", "2", "Infinity", "NaN"] },
        { TypeOid.Text, ["", "A", "a", "aa", "ab", "b", "é"] },
        { TypeOid.BpChar, ["a", "ab|ab  ", "abc"] },
        { TypeOid.Bytea, [@"\x", @"\x00", @"\x0000", @"\x0001", @"\x01", @"\xff", @"\xff00"] },
        { TypeOid.Numeric, ["-Infinity", "-1000000000000000000000000000000000000000000000", "-100", "-99.9|-99.90",
            "-1.5", "-0.001",
            "0|0.00", "0.001", "0.0010001", "1|1.0|1.00", "9.99", "10", "99", "100.0|100",
                "123456789012345678901234567890",
            "Infinity", "NaN"] },
        { TypeOid.Uuid, ["00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0100-000000000000",
            "80000000-0000-0000-0000-000000000000", "ff000000-0000-0000-0000-000000000000"] },
        { TypeOid.Interval, ["-1 day", "0", "23:59:59", "1 day|24:00:00", "29 days", "1 mon|30 days", "1 year"] },
        { TypeOid.Date, ["1969-12-31", "1970-01-01", "2024-02-29", "infinity"] },
        { TypeOid.Timestamp, ["-infinity", "1969-12-31 23:59:59", "1970-01-01 00:00:00", "2024-02-29 12:00:00",
            "infinity"] },
        { TypeOid.TimeTz, ["00:00:00+02", "01:00:00+00", "02:00:00+00"] },
        { TypeOid.VarBit, ["", "0", "00", "01", "1", "10", "11"] },
        { TypeOid.Int4Array, ["{}", "{-1}", "{1}", "{1,2}", "{1,NULL}", "{2}", "{NULL}"] },
        { TypeOid.TextArray, ["{}", "{\"\"}", "{a}", "{a,b}", "{ab}", "{b}"] },
        { TypeOid.Vector, ["[-1]", "[-1,5]", "[0]", "[0,1]", "[0,1,-1]", "[2]"] },
        { TypeOid.HalfVector, ["[-1]", "[-1,5]", "[0]", "[0,1]", "[2]"] },
        { TypeOid.SparseVector, ["{1:-2,2:9}/5", "{1:-1}/5", "{2:-1}/5", "{}/5", "{5:1}/5", "{2:1}/5", "{2:2}/5",
            "{1:1}/5"] },
        { TypeOid.Jsonb, ["[]", "null", "\"a\"", "\"b\"", "-1", "2|2.0", "10", "false", "true", "[1]", "[2]", "[1,2]",
            "{}",
            "{\"a\": 1}", "{\"a\": 2}", "{\"b\": 1}", "{\"a\": 1, \"b\": 1}"] },
    };

    [Theory, MemberData(nameof(Ascending))]
    public void Encoded_keys_are_ordered_as_their_values(uint typeOid, string[] ascending)
    {
        var type = new SqlType(typeOid);
        foreach (bool isDescending in new[] { false, true })
        {
            foreach (bool nullsFirst in new[] { false, true })
            {
                (Column column, int[] ranks) = Read(type, ascending);
                var keys = new KeyBuffer();
                // A second column behind it shows that no key is a prefix of another.
                new OrderedKeyEncoder([new KeyOrder(KeyKinds.Of(type), isDescending, nullsFirst),
                    new KeyOrder(KeyKind.Int16)])
                    .Append([column, Tail(column.Length)], column.Length, keys);
                for (int x = 0; x < column.Length; x++)
                {
                    for (int y = 0; y < column.Length; y++)
                    {
                        int expected = ModelOrder.Compare(Rank(ranks, x), Rank(ranks, y), isDescending, nullsFirst);
                        if (expected == 0)
                            expected = x.CompareTo(y);
                        Assert.Equal(Math.Sign(expected), Math.Sign(keys[x].SequenceCompareTo(keys[y])));
                    }
                }
            }
        }
    }

    [Theory, MemberData(nameof(Ascending))]
    public void Key_tables_know_equal_values(uint typeOid, string[] ascending)
    {
        var type = new SqlType(typeOid);
        (Column column, int[] ranks) = Read(type, ascending);
        foreach (bool hasMore in new[] { false, true })
        {
            KeyKind[] kinds = hasMore ? [KeyKinds.Of(type), KeyKind.Bool] : [KeyKinds.Of(type)];
            Column[] keys = hasMore ? [column, BoolColumn.Constant(true, column.Length)] : [column];
            KeyTable grouping = KeyTable.Create(kinds, nullsMatch: true), joining = KeyTable.Create(kinds,
                nullsMatch: false);
            int[] grouped = new int[column.Length], joined = new int[column.Length], found = new int[column.Length];
            grouping.Add(keys, column.Length, grouped);
            joining.Add(keys, column.Length, joined);
            joining.Find(keys, column.Length, found);
            ulong[] hashes = new ulong[column.Length];
            grouping.Hash(keys, column.Length, hashes);
            Assert.Equal(joined, found);
            for (int x = 0; x < column.Length; x++)
            {
                Assert.Equal(ranks[x] < 0 ? KeyTable.Absent : joined[x], joined[x]);
                for (int y = 0; y < column.Length; y++)
                {
                    Assert.Equal(ranks[x] == ranks[y], grouped[x] == grouped[y]);
                    if (ranks[x] == ranks[y])
                        Assert.Equal(hashes[x], hashes[y]);
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_key_table_numbers_keys_in_the_order_they_come(int keyCount)
    {
        List<object?[]> rows = RandomRows.Make(keyCount, 30000, spread: 9000);
        KeyTable table = KeyTable.Create(KeyKinds.Of(RandomRows.Types.AsSpan(0, keyCount)), nullsMatch: true);
        var model = new Dictionary<string, int>();
        for (int start = 0; start < rows.Count; start += 1111)
        {
            object?[][] part = [.. rows.Skip(start).Take(1111)];
            int[] ids = new int[part.Length];
            // From two thirds on the table takes nothing new in.
            bool isFull = start > 20000;
            table.Add(Rig.Batch(RandomRows.Types, part).Columns.AsSpan(0, keyCount), part.Length, ids, isFull);
            for (int i = 0; i < part.Length; i++)
            {
                string key = ModelOrder.Key(part[i][..keyCount]);
                if (!isFull)
                    model.TryAdd(key, model.Count);
                Assert.Equal(model.GetValueOrDefault(key, KeyTable.Absent), ids[i]);
            }
        }
        Assert.Equal(model.Count, table.Count);
    }

    private static object? Rank(int[] ranks, int row) => ranks[row] < 0 ? null : ranks[row];

    private static FixedColumn<short> Tail(int length) =>
        new([.. Enumerable.Range(0, length).Select(static i => (short)i)]);

    private static (Column Column, int[] Ranks) Read(SqlType type, string[] ascending)
    {
        ColumnBuilder builder = ColumnBuilder.Create(BatchShapes.PhysicalOf(type));
        var ranks = new List<int>();
        foreach ((int rank, string values) in ascending.Index())
        {
            foreach (string value in values.Split('|'))
            {
                TypeFormats.For(type.Oid).ReadText(Encoding.UTF8.GetBytes(value), -1, builder, FormatContext.Default);
                ranks.Add(rank);
            }
        }
        builder.AppendNull();
        ranks.Add(-1);
        return (builder.Build(), [.. ranks]);
    }
}
