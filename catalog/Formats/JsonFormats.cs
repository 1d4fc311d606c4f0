using System.Buffers;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Formats;

/// <summary>json: text that is checked and kept as it is.</summary>
internal sealed class JsonFormat : TextFormat
{
    protected override void Append(ReadOnlySpan<byte> text, int modifier, BinaryColumnBuilder target)
    {
        JsonValue.Check(text);
        target.Append(text);
    }
}

/// <summary>jsonb: normalised. Binary: version 1 as a byte, then the text.</summary>
internal sealed class JsonbFormat : TypeFormat
{
    private const byte Version = 1;

    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context)
    {
        Utf8Text.Validate(utf8);
        JsonValue.AppendNormalized(utf8, (BinaryColumnBuilder)target);
    }

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.Write(((BinaryColumn)source)[row]);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        byte version = fields.ReadByte();
        if (version != Version)
            throw FormatErrors.BadBinary($"unsupported jsonb version number {version}");
        ReadText(fields.ReadRest(), modifier, target, context);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        target.WriteByte(Version);
        target.Write(((BinaryColumn)source)[row]);
    }
}
