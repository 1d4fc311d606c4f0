using System.Text;
using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Tests.Columns;

public sealed class BinaryColumnTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_row_broadcast_and_expanded_keeps_its_value(int row)
    {
        string[] values = ["a", "bc", "def"];
        BinaryColumnBuilder builder = new(values.Length);
        foreach (string value in values)
            builder.Append(Encoding.UTF8.GetBytes(value));
        BinaryColumn expanded = (BinaryColumn)builder.Build().Broadcast(row, 3).Expand();
        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal(values[row], Encoding.UTF8.GetString(expanded[i])));
    }
}
