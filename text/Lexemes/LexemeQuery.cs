using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using VecSQL.Core.Errors;

namespace VecSQL.Text.Lexemes;

/// <summary>A part of a tsquery.</summary>
public abstract record LexemeQuery
{
    /// <summary>How many lexemes and operators it has.</summary>
    public abstract int NodeCount { get; }

    /// <summary>Reads the layout; null for the empty query.</summary>
    /// <remarks>
    /// Layout (PostgreSQL's binary form, big-endian): count (int32); then each operator before what it is over, the right side first.
    /// A lexeme: 1, weights (1), 1 for a prefix (1), UTF-8, a zero. An operator: 2, and 1 not, 2 and, 3 or, 4 phrase with its distance (int16).
    /// </remarks>
    /// <exception cref="SqlException">22P03: it is none.</exception>
    public static LexemeQuery? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(int))
            throw Malformed();
        int count = BinaryPrimitives.ReadInt32BigEndian(bytes), at = sizeof(int);
        LexemeQuery? query = count == 0 ? null : ReadNode(bytes, ref at, 0);
        return at == bytes.Length && (query?.NodeCount ?? 0) == count ? query : throw Malformed();
    }

    public static byte[] ToBytes(LexemeQuery? query)
    {
        MemoryStream bytes = new();
        Span<byte> count = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(count, query?.NodeCount ?? 0);
        bytes.Write(count);
        query?.Write(bytes);
        return bytes.ToArray();
    }

    /// <summary>As text: <c>'a' &amp; !'b' &lt;-&gt; 'c':*A</c>; the empty text for the empty query.</summary>
    public static string Print(LexemeQuery? query)
    {
        StringBuilder text = new();
        query?.Append(text, 0, isRightOfPhrase: false);
        return text.ToString();
    }

    internal abstract void Write(MemoryStream bytes);

    internal abstract void Append(StringBuilder text, int outerPriority, bool isRightOfPhrase);

    private static LexemeQuery ReadNode(ReadOnlySpan<byte> bytes, ref int at, int depth)
    {
        const int DepthMax = 10_000;
        if (at + 2 > bytes.Length || depth > DepthMax)
            throw Malformed();
        if (bytes[at] == 1)
        {
            int length = at + 3 <= bytes.Length ? bytes[(at + 3)..].IndexOf((byte)0) : -1;
            if (length is < 0 or > LexemeVector.LexemeBytesMax || bytes[at + 1] > 15 || !Utf8.IsValid(bytes.Slice(at + 3, length)))
                throw Malformed();
            LexemeOperand operand = new(bytes.Slice(at + 3, length).ToArray(), bytes[at + 1], bytes[at + 2] != 0);
            at += length + 4;
            return operand;
        }
        int kind = bytes[at] == 2 ? bytes[at + 1] : 0;
        at += 2;
        if (kind == 1)
            return new LexemeNot(ReadNode(bytes, ref at, depth + 1));
        int distance = 0;
        if (kind == 4)
        {
            if (at + 2 > bytes.Length)
                throw Malformed();
            distance = BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
            at += 2;
        }
        if (kind is not (2 or 3 or 4))
            throw Malformed();
        LexemeQuery right = ReadNode(bytes, ref at, depth + 1), left = ReadNode(bytes, ref at, depth + 1);
        return new LexemeOperation((LexemeOperator)kind, left, right, distance);
    }

    private static SqlException Malformed() => new(SqlState.InvalidBinaryRepresentation, "invalid tsquery");
}

/// <summary>A lexeme that is asked for.</summary>
/// <param name="Weights">Bit w: where the lexeme has the weight w; 0 for any.</param>
/// <param name="IsPrefix">Lexemes that begin so count too.</param>
public sealed record LexemeOperand(byte[] Text, byte Weights, bool IsPrefix) : LexemeQuery
{
    public override int NodeCount => 1;

    internal override void Write(MemoryStream bytes)
    {
        bytes.Write([1, Weights, (byte)(IsPrefix ? 1 : 0)]);
        bytes.Write(Text);
        bytes.WriteByte(0);
    }

    internal override void Append(StringBuilder text, int outerPriority, bool isRightOfPhrase)
    {
        LexemeVectorText.AppendQuoted(Text, text);
        if (Weights == 0 && !IsPrefix)
            return;
        text.Append(IsPrefix ? ":*" : ":");
        for (int weight = 3; weight >= 0; weight--)
        {
            if ((Weights & (1 << weight)) != 0)
                text.Append((char)('D' - weight));
        }
    }
}

public sealed record LexemeNot(LexemeQuery Operand) : LexemeQuery
{
    private const int Priority = 4;

    public override int NodeCount => Operand.NodeCount + 1;

    internal override void Write(MemoryStream bytes)
    {
        bytes.Write([2, 1]);
        Operand.Write(bytes);
    }

    internal override void Append(StringBuilder text, int outerPriority, bool isRightOfPhrase)
    {
        text.Append('!');
        Operand.Append(text, Priority, isRightOfPhrase: false);
    }
}

/// <summary>What joins two parts of a query, numbered as in its binary form.</summary>
public enum LexemeOperator : byte { And = 2, Or = 3, Phrase = 4 }

/// <param name="Distance">Of a phrase: how many places the right side stands behind the left.</param>
public sealed record LexemeOperation(LexemeOperator Operator, LexemeQuery Left, LexemeQuery Right, int Distance = 0) : LexemeQuery
{
    /// <summary>The greatest distance in a phrase.</summary>
    public const int DistanceMax = 1 << 14;

    public override int NodeCount { get; } = Left.NodeCount + Right.NodeCount + 1;

    internal override void Write(MemoryStream bytes)
    {
        bytes.Write([2, (byte)Operator]);
        if (Operator == LexemeOperator.Phrase)
            bytes.Write([(byte)(Distance >> 8), (byte)Distance]);
        Right.Write(bytes);
        Left.Write(bytes);
    }

    internal override void Append(StringBuilder text, int outerPriority, bool isRightOfPhrase)
    {
        int priority = Operator switch { LexemeOperator.Or => 1, LexemeOperator.And => 2, _ => 3 };
        bool isPhrase = Operator == LexemeOperator.Phrase, isEnclosed = priority < outerPriority || (isPhrase && isRightOfPhrase);
        text.Append(isEnclosed ? "( " : "");
        Left.Append(text, priority, isRightOfPhrase: false);
        text.Append(Operator switch
        {
            LexemeOperator.Or => " | ",
            LexemeOperator.And => " & ",
            _ => Distance == 1 ? " <-> " : $" <{Distance}> ",
        });
        Right.Append(text, priority, isPhrase);
        text.Append(isEnclosed ? " )" : "");
    }
}
