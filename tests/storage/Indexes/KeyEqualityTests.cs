using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Tests.Indexes;

public sealed class KeyEqualityTests
{
    [Theory]
    [InlineData(TypeOid.Int8, "5", "5", true)]
    [InlineData(TypeOid.Int8, "5", "6", false)]
    [InlineData(TypeOid.Float8, "-0", "0", true)]
    [InlineData(TypeOid.Float8, "NaN", "NaN", true)]
    [InlineData(TypeOid.Numeric, "1.5", "1.500", true)]
    [InlineData(TypeOid.Numeric, "1.5", "1.501", false)]
    [InlineData(TypeOid.BpChar, "a", "a  ", true)]
    [InlineData(TypeOid.Text, "a", "a  ", false)]
    [InlineData(TypeOid.Vector, "[0,1]", "[-0,1]", true)]
    public void Keys_are_the_same_when_SQL_calls_them_equal_and_then_hash_equally(uint oid, string left, string right,
        bool isSame)
    {
        SqlType type = new(oid);
        Column first = Read(type, left), second = Read(type, right);
        Assert.Equal(isSame, KeyEquality.Equal(type, first, 0, second, 0));
        if (!isSame)
            return;
        ulong[] hashes = new ulong[2];
        KeyHash.Compute([type], [first], hashes.AsSpan(0, 1));
        KeyHash.Compute([type], [second], hashes.AsSpan(1, 1));
        Assert.Equal(hashes[0], hashes[1]);
    }

    private static Column Read(SqlType type, string text)
    {
        ColumnBuilder builder = ColumnBuilder.Create(BuiltinTypes.PhysicalOf(type.Oid));
        TypeFormats.For(type.Oid).ReadText(System.Text.Encoding.UTF8.GetBytes(text), -1, builder,
            FormatContext.Default);
        return builder.Build();
    }
}

/// <summary>Equality of single values for other tests.</summary>
internal static class KeyEqualityProbe
{
    public static bool Same(SqlType type, Column left, Column right, int row) =>
        KeyEquality.Equal(type, left, row, right, row);
}
