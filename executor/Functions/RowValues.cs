using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Functions;

/// <summary>Arguments of types that live in bytes.</summary>
internal static class RowValues
{
    public static SqlNumeric Numeric(this in Row row, int argument) => SqlNumeric.Read(row.Bytes(argument));

    public static Interval Interval(this in Row row, int argument) =>
        Catalog.Values.Interval.From(row.Fixed16(argument));

    public static ArrayValue Array(this in Row row, int argument) => new(row.Bytes(argument));

    public static void Append(this BinaryColumnBuilder target, SqlNumeric value) => value.AppendTo(target);

    /// <summary>Appends text, as UTF-8.</summary>
    public static void Append(this BinaryColumnBuilder target, ReadOnlySpan<char> text)
    {
        Span<byte> room = target.Reserve(System.Text.Encoding.UTF8.GetMaxByteCount(text.Length));
        target.Commit(System.Text.Encoding.UTF8.GetBytes(text, room));
    }

    public static void Append(this BinaryColumnBuilder target, string text) => target.Append(text.AsSpan());
}
