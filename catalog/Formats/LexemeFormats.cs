using System.Buffers;
using System.Text;
using VecSQL.Columnar.Columns;
using VecSQL.Text.Lexemes;

namespace VecSQL.Catalog.Formats;

/// <summary>tsvector: <c>'fat':2 'rat':3A</c>. In memory as in PostgreSQL's binary form.</summary>
internal sealed class LexemeVectorFormat : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context)
    {
        Utf8Text.Validate(utf8);
        ((BinaryColumnBuilder)target).Append(LexemeVectorText.Parse(utf8).ToBytes());
    }

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.Write(Encoding.UTF8.GetBytes(LexemeVectorText.Print(LexemeVector.Read(((BinaryColumn)source)[row]))));

    public override int? TextBytesMax(ReadOnlySpan<byte> value) => LexemeVectorText.BytesMax(value);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context) =>
        ((BinaryColumnBuilder)target).Append(LexemeVector.ReadChecked(bytes).ToBytes());

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.Write(((BinaryColumn)source)[row]);
}

/// <summary>tsquery: <c>'fat' &amp; !'rat'</c>. In memory as in PostgreSQL's binary form.</summary>
internal sealed class LexemeQueryFormat : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context)
    {
        Utf8Text.Validate(utf8);
        ((BinaryColumnBuilder)target).Append(LexemeQuery.ToBytes(LexemeQueryParser.Parse(utf8)));
    }

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.Write(Encoding.UTF8.GetBytes(LexemeQuery.Print(LexemeQuery.Read(((BinaryColumn)source)[row]))));

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context) =>
        ((BinaryColumnBuilder)target).Append(LexemeQuery.ToBytes(LexemeQuery.Read(bytes)));

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.Write(((BinaryColumn)source)[row]);
}
