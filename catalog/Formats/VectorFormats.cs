using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Formats;

/// <summary>vector: <c>[1,2,3]</c>. Binary: dimensions int16, zero int16, float32s.</summary>
internal sealed class VectorFormat : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context)
    {
        var builder = (BinaryColumnBuilder)target;
        // Counting commas finds the room for any vector; with a modifier, the elements beyond it are an error anyway.
        int lengthMax = Math.Min((utf8.Length / 2) + 1, TypeModifiers.VectorDimensionsMax);
        int room = Math.Min(modifier > 0 ? modifier : utf8.Count((byte)',') + 1, lengthMax);
        Span<float> elements = MemoryMarshal.Cast<byte, float>(builder.Reserve(room * sizeof(float)));
        int count = VectorText.Read(utf8, elements, "vector", modifier);
        builder.Commit(count * sizeof(float));
    }

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        VectorText.Write(MemoryMarshal.Cast<byte, float>(((BinaryColumn)source)[row]), target);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        int dimensions = VectorText.ReadHeader(ref fields, modifier, "vector");
        ReadOnlySpan<byte> data = fields.Take(dimensions * sizeof(float));
        fields.ExpectEnd();
        var builder = (BinaryColumnBuilder)target;
        Span<byte> room = builder.Reserve(data.Length);
        BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, int>(data), MemoryMarshal.Cast<byte, int>(room));
        VectorChecks.Elements(MemoryMarshal.Cast<byte, float>(room), "vector");
        builder.Commit(data.Length);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        ReadOnlySpan<byte> value = ((BinaryColumn)source)[row];
        target.WriteInt16((short)(value.Length / sizeof(float)));
        target.WriteInt16(0);
        Span<byte> room = target.GetSpan(value.Length)[..value.Length];
        BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, int>(value), MemoryMarshal.Cast<byte, int>(room));
        target.Advance(value.Length);
    }
}

/// <summary>halfvec: <c>[1,2,3]</c>. Binary: dimensions int16, zero int16, float16s.</summary>
internal sealed class HalfVectorFormat : TypeFormat
{
    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context)
    {
        var builder = (BinaryColumnBuilder)target;
        int room = Math.Min(utf8.Count((byte)',') + 1, TypeModifiers.VectorDimensionsMax);
        float[] wide = ArrayPool<float>.Shared.Rent(room);
        try
        {
            int count = VectorText.Read(utf8, wide.AsSpan(0, room), "halfvec", modifier);
            Span<Half> elements = MemoryMarshal.Cast<byte, Half>(builder.Reserve(count * 2));
            for (int i = 0; i < count; i++)
                elements[i] = (Half)wide[i];
            builder.Commit(count * 2);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(wide);
        }
    }

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        ReadOnlySpan<Half> elements = MemoryMarshal.Cast<byte, Half>(((BinaryColumn)source)[row]);
        float[] wide = ArrayPool<float>.Shared.Rent(elements.Length);
        for (int i = 0; i < elements.Length; i++)
            wide[i] = (float)elements[i];
        VectorText.Write(wide.AsSpan(0, elements.Length), target);
        ArrayPool<float>.Shared.Return(wide);
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        int dimensions = VectorText.ReadHeader(ref fields, modifier, "halfvec");
        ReadOnlySpan<byte> data = fields.Take(dimensions * 2);
        fields.ExpectEnd();
        var builder = (BinaryColumnBuilder)target;
        Span<byte> room = builder.Reserve(data.Length);
        BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, short>(data), MemoryMarshal.Cast<byte,
            short>(room));
        VectorChecks.Elements(MemoryMarshal.Cast<byte, Half>(room), "halfvec");
        builder.Commit(data.Length);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        ReadOnlySpan<byte> value = ((BinaryColumn)source)[row];
        target.WriteInt16((short)(value.Length / 2));
        target.WriteInt16(0);
        Span<byte> room = target.GetSpan(value.Length)[..value.Length];
        BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, short>(value), MemoryMarshal.Cast<byte,
            short>(room));
        target.Advance(value.Length);
    }
}

/// <summary>The text form that dense vectors share.</summary>
internal static class VectorText
{
    /// <summary>Reads <c>[x, y, …]</c>; returns how many elements there are.</summary>
    /// <remarks>
    /// An element that has no room in <paramref name="target"/> is checked and counted, so that the error about the
    /// number of dimensions names the true one.
    /// </remarks>
    internal static int Read(ReadOnlySpan<byte> utf8, Span<float> target, string type, int modifier)
    {
        int at = SkipSpaces(utf8, 0);
        if (at == utf8.Length || utf8[at] != '[')
            throw FormatErrors.Syntax(type, utf8, "Vector contents must start with \"[\".");
        at = SkipSpaces(utf8, at + 1);
        if (at < utf8.Length && utf8[at] == ']')
            throw VectorChecks.Data($"{type} must have at least 1 dimension");
        int count = 0;
        bool isHalf = type == "halfvec";
        while (true)
        {
            if (count == TypeModifiers.VectorDimensionsMax)
                throw VectorChecks.Limit($"{type} cannot have more than {TypeModifiers.VectorDimensionsMax} dimensions");
            if (at < utf8.Length && TextScan.IsSpace(utf8[at]))
                at = SkipSpaces(utf8, at);
            ReadOnlySpan<byte> rest = utf8[at..];
            int length = FloatParser.ParseSingle(rest, out float value, out bool isOutOfRange);
            if (length == 0)
                throw FormatErrors.Syntax(type, utf8);
            bool isTooLarge = isOutOfRange && value != 0; // what is too small is zero
            if (isTooLarge || (isHalf && float.IsFinite(value) && !Half.IsFinite((Half)value)))
                throw FloatErrors.OutOfRange(type, rest[..length]);
            if (!float.IsFinite(value))
                throw VectorChecks.NotFinite(float.IsNaN(value), type);
            if (count < target.Length)
                target[count] = value;
            count++;
            at += length;
            if (at < utf8.Length && utf8[at] == ',')
            {
                at++;
                continue;
            }
            at = SkipSpaces(utf8, at);
            if (at == utf8.Length || utf8[at] is not ((byte)',' or (byte)']'))
                throw FormatErrors.Syntax(type, utf8);
            if (utf8[at++] == ']')
                break;
        }
        if (SkipSpaces(utf8, at) != utf8.Length)
            throw FormatErrors.Syntax(type, utf8, "Junk after closing right brace.");
        VectorChecks.Expected(modifier, count);
        return count;
    }

    internal static void Write(ReadOnlySpan<float> elements, IBufferWriter<byte> target)
    {
        const int elementLengthMax = 17; // "-1.17549435e-38" and a comma
        int length = 0;
        Span<byte> text = target.GetSpan((elements.Length * elementLengthMax) + FloatText.LengthMax);
        text[length++] = (byte)'[';
        for (int i = 0; i < elements.Length; i++)
        {
            if (i > 0)
                text[length++] = (byte)',';
            length += FloatText.Write(elements[i], text[length..]);
        }
        text[length++] = (byte)']';
        target.Advance(length);
    }

    internal static int ReadHeader(ref BinaryFields fields, int modifier, string type)
    {
        int dimensions = fields.ReadUInt16(), unused = fields.ReadUInt16();
        VectorChecks.Dimensions(dimensions, type);
        VectorChecks.Expected(modifier, dimensions);
        if (unused != 0)
            throw VectorChecks.Data($"expected unused to be 0, not {unused}");
        return dimensions;
    }

    internal static int SkipSpaces(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && TextScan.IsSpace(text[at]))
            at++;
        return at;
    }
}
