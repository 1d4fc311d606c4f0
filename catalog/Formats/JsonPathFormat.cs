using System.Buffers;
using System.Text;
using VecSQL.Catalog.Paths;
using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Formats;

/// <summary>jsonpath: kept as PostgreSQL shows it. Binary: version 1 as a byte, then the text.</summary>
internal sealed class JsonPathFormat : TypeFormat
{
    private const byte Version = 1;

    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context)
    {
        Utf8Text.Validate(utf8);
        ((BinaryColumnBuilder)target).Append(Encoding.UTF8.GetBytes(JsonPath.Parse(Encoding.UTF8.GetString(utf8)).ToString()));
    }

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.Write(((BinaryColumn)source)[row]);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        byte version = fields.ReadByte();
        if (version != Version)
            throw FormatErrors.BadBinary($"unsupported jsonpath version number: {version}");
        ReadText(fields.ReadRest(), modifier, target, context);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        target.WriteByte(Version);
        target.Write(((BinaryColumn)source)[row]);
    }
}
