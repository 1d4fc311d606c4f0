using System.Buffers;
using System.Numerics;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Formats;

/// <summary>numeric. Binary: count, weight, sign, scale (int16 each), then digits in base 10,000.</summary>
internal sealed class NumericFormat : TypeFormat
{
    private const int Base = 10_000, BaseDigits = 4;
    private const int InfinityScale = 0x20; // means nothing, but is what PostgreSQL sends
    private const ushort Negative = 0x4000, NaN = 0xC000, PositiveInfinity = 0xD000, NegativeInfinity = 0xF000;

    public override void ReadText(ReadOnlySpan<byte> utf8, int modifier, ColumnBuilder target, FormatContext context) =>
        SqlNumeric.Parse(utf8).WithModifier(modifier).AppendTo((BinaryColumnBuilder)target);

    public override void WriteText(Column source, int row, IBufferWriter<byte> target, FormatContext context) =>
        SqlNumeric.Read(((BinaryColumn)source)[row]).WriteText(target);

    public override int? TextBytesMax(ReadOnlySpan<byte> value) => SqlNumeric.TextBytesMax(value);

    public override void ReadBinary(ReadOnlySpan<byte> bytes, int modifier, ColumnBuilder target, FormatContext context)
    {
        var fields = new BinaryFields(bytes);
        int count = fields.ReadUInt16(), weight = fields.ReadInt16();
        ushort sign = fields.ReadUInt16(), scale = fields.ReadUInt16();
        if (sign is not (0 or Negative or NaN or PositiveInfinity or NegativeInfinity))
            throw FormatErrors.BadBinary("invalid sign in external \"numeric\" value");
        if (scale > SqlNumeric.ScaleMax)
            throw FormatErrors.BadBinary("invalid scale in external \"numeric\" value");
        BigInteger digits = ReadDigits(ref fields, count);
        fields.ExpectEnd();
        SqlNumeric value = sign switch
        {
            NaN => SqlNumeric.NaN,
            PositiveInfinity => SqlNumeric.PositiveInfinity,
            NegativeInfinity => SqlNumeric.NegativeInfinity,
            _ => Assemble(sign == Negative ? -digits : digits, (weight - count + 1) * BaseDigits, scale),
        };
        value.WithModifier(modifier).AppendTo((BinaryColumnBuilder)target);
    }

    public override void WriteBinary(Column source, int row, IBufferWriter<byte> target, FormatContext context)
    {
        SqlNumeric value = SqlNumeric.Read(((BinaryColumn)source)[row]);
        if (!value.IsFinite)
        {
            ushort sign = value.IsNaN ? NaN : value.Sign > 0 ? PositiveInfinity : NegativeInfinity;
            WriteHeader(target, 0, 0, sign, value.IsNaN ? 0 : InfinityScale);
            return;
        }
        // Bring the scale to a multiple of four digits, then split in base 10,000 from the low end.
        int padding = (BaseDigits - (value.Scale % BaseDigits)) % BaseDigits;
        BigInteger rest = BigInteger.Abs(value.Coefficient) * PowersOfTen.Big(padding);
        var digits = new List<short>();
        while (!rest.IsZero)
        {
            rest = BigInteger.DivRem(rest, Base, out BigInteger digit);
            digits.Add((short)digit);
        }
        int weight = digits.Count - ((value.Scale + padding) / BaseDigits) - 1;
        int low = 0; // trailing zeros are not sent
        while (low < digits.Count && digits[low] == 0)
            low++;
        WriteHeader(target, digits.Count - low, digits.Count == 0 ? 0 : weight, value.Sign < 0 ? Negative : (ushort)0,
            value.Scale);
        for (int i = digits.Count - 1; i >= low; i--)
            target.WriteInt16(digits[i]);
    }

    private static BigInteger ReadDigits(ref BinaryFields fields, int count)
    {
        BigInteger value = BigInteger.Zero;
        // Four digits at a time, so that a long number costs a quarter of the big multiplications.
        ulong chunk = 0, chunkBase = 1;
        for (int i = 0; i < count; i++)
        {
            int digit = fields.ReadInt16();
            if (digit is < 0 or >= Base)
                throw FormatErrors.BadBinary("invalid digit in external \"numeric\" value");
            chunk = (chunk * Base) + (uint)digit;
            chunkBase *= Base;
            if (i % 4 == 3 || i == count - 1)
            {
                value = (value * chunkBase) + chunk;
                (chunk, chunkBase) = (0, 1);
            }
        }
        return value;
    }

    /// <summary>coefficient · 10^exponent at the display scale; digits beyond the scale are dropped.</summary>
    private static SqlNumeric Assemble(BigInteger coefficient, int exponent, int scale)
    {
        int shift = exponent + scale;
        if (coefficient.IsZero)
            return SqlNumeric.Create(BigInteger.Zero, scale);
        return SqlNumeric.Create(shift >= 0
            ? coefficient * PowersOfTen.Big(shift)
            : BigInteger.Divide(coefficient, PowersOfTen.Big(-shift)), scale);
    }

    private static void WriteHeader(IBufferWriter<byte> target, int count, int weight, ushort sign, int scale)
    {
        target.WriteInt16((short)count);
        target.WriteInt16((short)weight);
        target.WriteInt16((short)sign);
        target.WriteInt16((short)scale);
    }
}
