using System.Buffers;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Formats;

/// <summary>Text without a length: text, unknown, cstring, pg_node_tree and aclitem.</summary>
internal class TextFormat : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context)
    {
        Utf8Text.Validate(utf8);
        Append(utf8, modifier, (BinaryColumnBuilder)target);
    }

    public sealed override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.Write(((BinaryColumn)source)[row]);

    public override void ReadBinary(
        ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context) =>
        ReadText(bytes, modifier, target, context);

    public sealed override void WriteBinary(Column source, int row, IBufferWriter<byte> target,
        FormatContext context) =>
        target.Write(((BinaryColumn)source)[row]);

    /// <summary>Appends valid text as the type keeps it.</summary>
    protected virtual void Append(ReadOnlySpan<byte> text, int modifier, BinaryColumnBuilder target) =>
        target.Append(text);
}

/// <summary>character varying(n): at most n characters.</summary>
internal sealed class VarCharFormat : TextFormat
{
    protected override void Append(ReadOnlySpan<byte> text, int modifier, BinaryColumnBuilder target) =>
        target.Append(CharacterLengths.FitVarChar(text, TypeModifiers.CharacterLength(modifier), isExplicit: false));
}

/// <summary>character(n): exactly n characters, padded with spaces.</summary>
internal sealed class BpCharFormat : TextFormat
{
    protected override void Append(ReadOnlySpan<byte> text, int modifier, BinaryColumnBuilder target) =>
        CharacterLengths.AppendBpChar(text, TypeModifiers.CharacterLength(modifier), isExplicit: false, target);
}

/// <summary>name: at most 63 bytes; the rest is cut off.</summary>
internal sealed class NameFormat : TextFormat
{
    /// <exception cref="SqlException">42622: too long; only text is cut off.</exception>
    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        if (bytes.Length > CharacterLengths.NameBytesMax)
            throw new SqlException(SqlState.NameTooLong, "identifier too long");
        base.ReadBinary(bytes, modifier, target, context);
    }

    protected override void Append(ReadOnlySpan<byte> text, int modifier, BinaryColumnBuilder target) =>
        target.Append(CharacterLengths.FitName(text));
}

/// <summary>"char": one byte, in octal (<c>\303</c>) above 127.</summary>
internal sealed class CharFormat : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        ((FixedColumnBuilder<short>)target).Append(utf8 switch
        {
            [] => (short)0,
            [(byte)'\\', >= (byte)'0' and <= (byte)'3', >= (byte)'0' and <= (byte)'7', >= (byte)'0' and <= (byte)'7'] =>
                (short)((utf8[1] - '0') << 6 | (utf8[2] - '0') << 3 | (utf8[3] - '0')),
            _ => utf8[0],
        });

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        short value = ((FixedColumn<short>)source)[row];
        if (value >= 0x80)
        {
            // Half a character is no UTF-8, so it is shown in octal.
            target.Write([(byte)'\\', (byte)('0' + (value >> 6)), (byte)('0' + ((value >> 3) & 7)),
                (byte)('0' + (value & 7))]);
        }
        else if (value != 0)
        {
            target.WriteByte((byte)value);
        }
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        byte value = fields.ReadByte();
        fields.ExpectEnd();
        ((FixedColumnBuilder<short>)target).Append(value);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        target.WriteByte((byte)((FixedColumn<short>)source)[row]);
}

/// <summary>void: reads nothing that matters, prints nothing.</summary>
internal sealed class VoidFormat : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        ((BinaryColumnBuilder)target).Append(default);

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target,
        FormatContext context) =>
        ((BinaryColumnBuilder)target).Append(default);

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
    }
}

/// <summary>A pseudo type, which no value has.</summary>
internal sealed class PseudoFormat(string name) : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        throw FormatErrors.Unreadable(name);

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        throw FormatErrors.Unprintable(name);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target,
        FormatContext context) =>
        throw FormatErrors.Unreadable(name);

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        throw FormatErrors.Unprintable(name);
}
