using System.Buffers;
using System.Buffers.Binary;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Formats;

/// <summary>sparsevec: <c>{1:1.5,3:2}/5</c>, counted from 1.</summary>
/// <remarks>Binary: dimensions, count, zero (int32 each), indexes counted from 0 (int32), values (float32).</remarks>
internal sealed class SparseVectorFormat : TypeFormat
{
    private const string Name = "sparsevec";

    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context)
    {
        int room = utf8.Count((byte)',') + 1;
        if (room > VectorChecks.NonZeroMax)
            throw VectorChecks.TooManyNonZero();
        int[] indexes = new int[room];
        float[] values = new float[room];
        int at = VectorText.SkipSpaces(utf8, 0);
        if (at == utf8.Length || utf8[at] != '{')
            throw FormatErrors.Syntax(Name, utf8, "Vector contents must start with \"{\".");
        at = VectorText.SkipSpaces(utf8, at + 1);
        int count = 0;
        if (at < utf8.Length && utf8[at] == '}')
            at++;
        else
            at = ReadElements(utf8, at, indexes, values, ref count);
        at = VectorText.SkipSpaces(utf8, at);
        if (at == utf8.Length || utf8[at] != '/')
            throw FormatErrors.Syntax(Name, utf8, "Unexpected end of input.");
        at = ReadInteger(utf8, VectorText.SkipSpaces(utf8, at + 1), out int dimensions);
        if (VectorText.SkipSpaces(utf8, at) != utf8.Length)
            throw FormatErrors.Syntax(Name, utf8, "Junk after closing.");
        VectorChecks.Dimensions(dimensions, Name);
        VectorChecks.Expected(modifier, dimensions);
        Array.Sort(indexes, values, 0, count);
        for (int i = 0; i < count; i++)
            VectorChecks.Index(indexes[i], i == 0 ? -1 : indexes[i - 1], dimensions);
        SparseVector.Append((BinaryColumnBuilder)target, dimensions, indexes.AsSpan(0, count), values.AsSpan(0, count));
    }

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        var vector = new SparseVector(((BinaryColumn)source)[row]);
        ReadOnlySpan<int> indexes = vector.Indexes;
        ReadOnlySpan<float> values = vector.Values;
        target.WriteByte((byte)'{');
        for (int i = 0; i < indexes.Length; i++)
        {
            if (i > 0)
                target.WriteByte((byte)',');
            target.WriteDecimal((long)indexes[i] + 1);
            target.WriteByte((byte)':');
            target.Advance(FloatText.Write(values[i], target.GetSpan(FloatText.LengthMax)));
        }
        target.Write("}/"u8);
        target.WriteDecimal(vector.Dimensions);
    }

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        int dimensions = fields.ReadInt32(), count = fields.ReadInt32(), unused = fields.ReadInt32();
        VectorChecks.Dimensions(dimensions, Name);
        VectorChecks.NonZeroCount(count, dimensions);
        VectorChecks.Expected(modifier, dimensions);
        if (unused != 0)
            throw VectorChecks.Data($"expected unused to be 0, not {unused}");
        int[] indexes = new int[count];
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            indexes[i] = fields.ReadInt32();
            VectorChecks.Index(indexes[i], i == 0 ? -1 : indexes[i - 1], dimensions);
        }
        for (int i = 0; i < count; i++)
        {
            values[i] = fields.ReadSingle();
            if (!float.IsFinite(values[i]))
                throw VectorChecks.NotFinite(float.IsNaN(values[i]), Name);
            if (values[i] == 0)
                throw VectorChecks.Data("binary representation of sparsevec cannot contain zero values");
        }
        fields.ExpectEnd();
        SparseVector.Append((BinaryColumnBuilder)target, dimensions, indexes, values);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        var vector = new SparseVector(((BinaryColumn)source)[row]);
        target.WriteInt32(vector.Dimensions);
        target.WriteInt32(vector.Count);
        target.WriteInt32(0);
        foreach (int index in vector.Indexes)
            target.WriteInt32(index);
        foreach (float value in vector.Values)
        {
            BinaryPrimitives.WriteSingleBigEndian(target.GetSpan(4), value);
            target.Advance(4);
        }
    }

    private static int ReadElements(ReadOnlySpan<byte> text, int at, int[] indexes, float[] values, ref int count)
    {
        while (true)
        {
            at = ReadInteger(text, VectorText.SkipSpaces(text, at), out int index);
            at = VectorText.SkipSpaces(text, at);
            if (at == text.Length || text[at] != ':')
                throw FormatErrors.Syntax(Name, text);
            at = VectorText.SkipSpaces(text, at + 1);
            int length = FloatParser.ParseSingle(text[at..], out float value, out bool isOutOfRange);
            if (length == 0)
                throw FormatErrors.Syntax(Name, text);
            if (isOutOfRange)
                throw FloatErrors.OutOfRange(Name, text.Slice(at, length));
            if (!float.IsFinite(value))
                throw VectorChecks.NotFinite(float.IsNaN(value), Name);
            if (value != 0) // zeros are not stored
                (indexes[count], values[count++]) = (Math.Max(index, int.MinValue + 1) - 1, value);
            at = VectorText.SkipSpaces(text, at + length);
            if (at == text.Length || text[at] is not ((byte)',' or (byte)'}'))
                throw FormatErrors.Syntax(Name, text);
            if (text[at++] == '}')
                return at;
        }
    }

    /// <summary>Reads an integer as C's strtol does; one out of range becomes the nearest in range.</summary>
    private static int ReadInteger(ReadOnlySpan<byte> text, int at, out int value)
    {
        bool isNegative = at < text.Length && text[at] == '-';
        if (at < text.Length && text[at] is (byte)'-' or (byte)'+')
            at++;
        int start = at;
        long total = 0;
        for (; at < text.Length && TextScan.IsDigit(text[at]); at++)
            total = Math.Min((total * 10) + (text[at] - '0'), 1L + int.MaxValue);
        if (at == start)
            throw FormatErrors.Syntax(Name, text);
        value = (int)Math.Clamp(isNegative ? -total : total, int.MinValue, int.MaxValue);
        return at;
    }
}
