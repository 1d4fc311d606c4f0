using System.Buffers;
using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Formats;

/// <summary>Texts whose binary form is a version as a byte, then the text.</summary>
/// <param name="versionError">What is said of another version, which follows.</param>
internal abstract class VersionedTextFormat(string versionError) : TypeFormat
{
    private const byte Version = 1;

    public sealed override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context)
    {
        Utf8Text.Validate(utf8);
        Append(utf8, (BinaryColumnBuilder)target);
    }

    public sealed override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.Write(((BinaryColumn)source)[row]);

    public sealed override int? TextBytesMax(ReadOnlySpan<byte> value) => value.Length;

    public sealed override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        byte version = fields.ReadByte();
        if (version != Version)
            throw FormatErrors.BadBinary($"{versionError}{version}");
        ReadText(fields.ReadRest(), modifier, target, context);
    }

    public sealed override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        target.WriteByte(Version);
        target.Write(((BinaryColumn)source)[row]);
    }

    /// <summary>Checks the text and appends it as it is kept.</summary>
    protected abstract void Append(ReadOnlySpan<byte> utf8, BinaryColumnBuilder target);
}
