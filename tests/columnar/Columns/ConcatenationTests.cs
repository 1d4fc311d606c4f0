using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Tests.Columns;

public sealed class ConcatenationTests
{
    [Fact]
    public void Columns_one_after_the_other_have_all_rows_in_order()
    {
        BinaryColumnBuilder texts = new();
        texts.Append("ab"u8);
        texts.AppendNull();
        texts.Append(""u8);
        var first = (BinaryColumn)texts.Build();
        Column[] pieces = [first, BinaryColumn.Constant("c"u8, 2), Column.Nulls(PhysicalType.Binary, 1), first.Take([2, 0])];
        Assert.Equal(["ab", null, "", "c", "c", null, "", "ab"], Texts(Concatenation.Of(PhysicalType.Binary, pieces)));

        Column[] numbers =
        [
            new FixedColumn<int>([1, 2, 3], new Bitmap([0b101UL], 3)), FixedColumn<int>.Constant(7, 2), Column.Nulls(PhysicalType.Int32, 1),
        ];
        Column joined = Concatenation.Of(PhysicalType.Int32, numbers);
        Assert.Equal([1, null, 3, 7, 7, null],
            Enumerable.Range(0, joined.Length).Select(row => joined.IsNull(row) ? (int?)null : ((FixedColumn<int>)joined)[row]));

        Column truth = Concatenation.Of(PhysicalType.Bool, [new BoolColumn(new Bitmap([0b01UL], 2)), BoolColumn.Constant(true, 2)]);
        Assert.Equal([true, false, true, true], Enumerable.Range(0, 4).Select(row => ((BoolColumn)truth)[row]));
        Assert.Equal(0, Concatenation.Of(PhysicalType.Float64, []).Length);
    }

    [Fact]
    public void Values_by_number_are_what_they_stand_for_however_they_are_taken_and_joined()
    {
        BinaryColumn colours = Values("red", "green", "blue"), sizes = Values("small", "red");
        BinaryColumn first = DictionaryValues.Column([2, 0, 1, 2], colours, new Bitmap([0b1011UL], 4));
        BinaryColumn second = DictionaryValues.Column([1, 0], sizes);
        Assert.Equal(["blue", "red", null, "blue"], Texts(first));
        Assert.Equal(["blue", null, "blue"], Texts(first.Take([3, 2, 0])));
        Assert.Equal(["red", null], Texts(first.Slice(1, 2)));

        Column joined = Concatenation.Of(PhysicalType.Binary, [first, second, first, Column.Nulls(PhysicalType.Binary, 1)]);
        Assert.Equal(["blue", "red", null, "blue", "red", "small", "blue", "red", null, "blue", null], Texts(joined));
        Assert.Equal(5, Assert.IsType<DictionaryValues>(((BinaryColumn)joined).Form).Values.Length); // either dictionary once
        Assert.Null(((BinaryColumn)Concatenation.Of(PhysicalType.Binary, [first, colours])).Form);
    }

    private static BinaryColumn Values(params string[] texts)
    {
        BinaryColumnBuilder builder = new();
        foreach (string text in texts)
            builder.Append(System.Text.Encoding.UTF8.GetBytes(text));
        return (BinaryColumn)builder.Build();
    }

    private static IEnumerable<string?> Texts(Column column) => Enumerable.Range(0, column.Length)
        .Select(row => column.IsNull(row) ? null : System.Text.Encoding.UTF8.GetString(((BinaryColumn)column)[row]));
}
