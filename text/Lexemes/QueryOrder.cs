using System.Buffers.Binary;

namespace VecSQL.Text.Lexemes;

/// <summary>PostgreSQL's order of tsqueries: by count of parts, then by size, then by the parts. Weights and prefixes do not count.</summary>
public static class QueryOrder
{
    // The checksum by which PostgreSQL puts lexemes in order: CRC-32's table, used from the wrong end.
    private static readonly uint[] Table = MakeTable();

    /// <summary>Bytes in that order.</summary>
    public static byte[] ToOrderedBytes(LexemeQuery? query)
    {
        MemoryStream bytes = new();
        Span<byte> number = stackalloc byte[2 * sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(number, query?.NodeCount ?? 0);
        BinaryPrimitives.WriteInt32BigEndian(number[sizeof(int)..], query is null ? 0 : TextBytes(query));
        bytes.Write(number);
        if (query is not null)
            Write(query, bytes);
        return bytes.ToArray();
    }

    private static int TextBytes(LexemeQuery query) => query switch
    {
        LexemeOperand operand => operand.Text.Length + 1,
        LexemeNot not => TextBytes(not.Operand),
        LexemeOperation operation => TextBytes(operation.Left) + TextBytes(operation.Right),
        _ => 0,
    };

    private static void Write(LexemeQuery query, MemoryStream bytes)
    {
        switch (query)
        {
            case LexemeOperand operand:
                Span<byte> checksum = stackalloc byte[sizeof(uint)];
                BinaryPrimitives.WriteUInt32BigEndian(checksum, ~((uint)Checksum(operand.Text) ^ 0x80000000)); // the greater come first
                bytes.WriteByte(2);
                bytes.Write(checksum);
                bytes.Write(operand.Text);
                bytes.WriteByte(0);
                break;
            case LexemeNot not:
                bytes.Write([1, 4]);
                Write(not.Operand, bytes);
                break;
            case LexemeOperation operation:
                bytes.Write([1, (byte)(5 - (int)operation.Operator)]);
                Write(operation.Right, bytes);
                Write(operation.Left, bytes);
                if (operation.Operator == LexemeOperator.Phrase)
                {
                    Span<byte> distance = stackalloc byte[sizeof(ushort)];
                    BinaryPrimitives.WriteUInt16BigEndian(distance, (ushort)~operation.Distance);
                    bytes.Write(distance);
                }
                break;
        }
    }

    internal static int Checksum(ReadOnlySpan<byte> text)
    {
        uint sum = 0xffffffff;
        foreach (byte letter in text)
            sum = Table[((sum >> 24) ^ letter) & 0xff] ^ (sum << 8);
        return (int)~sum;
    }

    private static uint[] MakeTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint sum = i;
            for (int bit = 0; bit < 8; bit++)
                sum = (sum & 1) != 0 ? (sum >> 1) ^ 0xedb88320 : sum >> 1;
            table[i] = sum;
        }
        return table;
    }
}
