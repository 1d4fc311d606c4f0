using System.Buffers.Binary;
using System.Text.Unicode;
using VecSQL.Core.Errors;

namespace VecSQL.Text.Lexemes;

/// <summary>A tsvector: lexemes in the order of their bytes, each once.</summary>
/// <remarks>
/// Layout (PostgreSQL's binary form, big-endian): count (int32); for each lexeme its UTF-8, a zero, count of positions (uint16), and for
/// each position its weight in the upper two bits and its place in the others (uint16).
/// </remarks>
public sealed class LexemeVector(IReadOnlyList<Lexeme> lexemes)
{
    /// <summary>The longest lexeme, in bytes.</summary>
    internal const int LexemeBytesMax = 2047;

    private const int PlaceBits = 14;

    public IReadOnlyList<Lexeme> Lexemes => lexemes;

    /// <summary>How many words it stands for: positions, and one for a lexeme without any.</summary>
    public int WordCount => lexemes.Sum(static lexeme => Math.Max(1, lexeme.Positions.Length));

    /// <summary>Sorts lexemes, and joins those that are equal.</summary>
    public static LexemeVector Of(IEnumerable<Lexeme> found)
    {
        ArgumentNullException.ThrowIfNull(found);
        List<Lexeme> sorted = [.. found];
        sorted.Sort(static (x, y) => x.Text.AsSpan().SequenceCompareTo(y.Text));
        List<Lexeme> made = [];
        for (int i = 0; i < sorted.Count;)
        {
            List<LexemePosition> positions = [];
            int first = i;
            for (; i < sorted.Count && sorted[i].Text.AsSpan().SequenceEqual(sorted[first].Text); i++)
                positions.AddRange(sorted[i].Positions);
            made.Add(new Lexeme(sorted[first].Text, Distinct(positions)));
        }
        return new LexemeVector(made);
    }

    /// <summary>Reads the layout; the lexemes are those that were written.</summary>
    public static LexemeVector Read(ReadOnlySpan<byte> bytes)
    {
        int count = BinaryPrimitives.ReadInt32BigEndian(bytes), at = sizeof(int);
        Lexeme[] lexemes = new Lexeme[count];
        for (int i = 0; i < count; i++)
        {
            int length = bytes[at..].IndexOf((byte)0);
            byte[] text = bytes.Slice(at, length).ToArray();
            at += length + 1;
            LexemePosition[] positions = new LexemePosition[BinaryPrimitives.ReadUInt16BigEndian(bytes[at..])];
            at += sizeof(ushort);
            for (int j = 0; j < positions.Length; j++, at += sizeof(ushort))
            {
                positions[j] = ReadPosition(bytes[at..]);
            }
            lexemes[i] = new Lexeme(text, positions);
        }
        return new LexemeVector(lexemes);
    }

    internal static LexemePosition ReadPosition(ReadOnlySpan<byte> bytes)
    {
        int packed = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return new LexemePosition(packed & LexemePosition.PlaceMax, packed >> PlaceBits);
    }

    /// <summary>Reads the layout as it comes from outside.</summary>
    /// <exception cref="SqlException">22P03: it is none.</exception>
    public static LexemeVector ReadChecked(ReadOnlySpan<byte> bytes)
    {
        int at = sizeof(int);
        if (bytes.Length < at || BinaryPrimitives.ReadInt32BigEndian(bytes) is var count && (count < 0 || count > bytes.Length / 3))
            throw Malformed();
        for (int i = 0; i < BinaryPrimitives.ReadInt32BigEndian(bytes); i++)
        {
            int length = bytes[at..].IndexOf((byte)0);
            if (length < 0 || length > LexemeBytesMax || at + length + 3 > bytes.Length
                || !Utf8.IsValid(bytes.Slice(at, length)))
                throw Malformed();
            at += length + 1;
            int positions = BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
            at += sizeof(ushort) + (positions * sizeof(ushort));
            if (positions > LexemePosition.CountMax || at > bytes.Length)
                throw Malformed();
        }
        return at == bytes.Length ? Of(Read(bytes).Lexemes) : throw Malformed();
    }

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[sizeof(int) + lexemes.Sum(static lexeme => lexeme.Text.Length + 3 + (sizeof(ushort) * lexeme.Positions.Length))];
        BinaryPrimitives.WriteInt32BigEndian(bytes, lexemes.Count);
        int at = sizeof(int);
        foreach (Lexeme lexeme in lexemes)
        {
            lexeme.Text.CopyTo(bytes, at);
            at += lexeme.Text.Length + 1;
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), (ushort)lexeme.Positions.Length);
            at += sizeof(ushort);
            foreach (LexemePosition position in lexeme.Positions)
            {
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), (ushort)((position.Weight << PlaceBits) | position.Place));
                at += sizeof(ushort);
            }
        }
        return bytes;
    }

    public LexemeVector Map(Func<Lexeme, Lexeme?> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return new LexemeVector([.. lexemes.Select(map).OfType<Lexeme>()]);
    }

    /// <summary>The other's words behind these.</summary>
    public LexemeVector Then(LexemeVector other)
    {
        ArgumentNullException.ThrowIfNull(other);
        int last = 0;
        foreach (Lexeme lexeme in lexemes)
            last = Math.Max(last, lexeme.Positions.Length == 0 ? 0 : lexeme.Positions[^1].Place);
        return Of([.. lexemes, .. other.Lexemes.Select(lexeme => lexeme with
        {
            Positions = [.. lexeme.Positions.Select(position => position with { Place = Math.Min(LexemePosition.PlaceMax, position.Place + last) })],
        })]);
    }

    /// <summary>Where a lexeme is, or would be: then the complement.</summary>
    public int IndexOf(ReadOnlySpan<byte> text)
    {
        int low = 0, high = lexemes.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1, order = lexemes[middle].Text.AsSpan().SequenceCompareTo(text);
            if (order == 0)
                return middle;
            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }
        return ~low;
    }

    /// <summary>Bytes in PostgreSQL's order of tsvectors: by size, then by count, then by the lexemes, those with positions first.</summary>
    public byte[] ToOrderedBytes()
    {
        MemoryStream bytes = new();
        Span<byte> number = stackalloc byte[2 * sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(number, ReferenceBytes());
        BinaryPrimitives.WriteInt32BigEndian(number[sizeof(int)..], lexemes.Count);
        bytes.Write(number);
        foreach (Lexeme lexeme in lexemes)
        {
            bytes.WriteByte((byte)(lexeme.Positions.Length > 0 ? 0 : 1));
            bytes.Write(lexeme.Text);
            bytes.WriteByte(0);
            BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)~lexeme.Positions.Length); // more positions come first, and later ones
            bytes.Write(number[..sizeof(ushort)]);
            foreach (LexemePosition position in lexeme.Positions)
            {
                BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)~position.Place);
                number[sizeof(ushort)] = (byte)~position.Weight;
                bytes.Write(number[..(sizeof(ushort) + 1)]);
            }
        }
        return bytes.ToArray();
    }

    // The size of the value in PostgreSQL's memory: a word a lexeme, texts, and positions at even places.
    private int ReferenceBytes()
    {
        int size = 0;
        foreach (Lexeme lexeme in lexemes)
        {
            size += lexeme.Text.Length;
            if (lexeme.Positions.Length > 0)
                size += (size & 1) + sizeof(ushort) + (sizeof(ushort) * lexeme.Positions.Length);
        }
        return size + (sizeof(int) * lexemes.Count);
    }

    // At one place the greatest weight counts; at the last, where places end, the first, unless there is no other place.
    private static LexemePosition[] Distinct(List<LexemePosition> positions)
    {
        bool isLastOnly = positions.TrueForAll(static position => position.Place == LexemePosition.PlaceMax);
        positions = [.. positions.OrderBy(static position => position.Place)
            .ThenByDescending(position => position.Place == LexemePosition.PlaceMax && !isLastOnly ? 0 : position.Weight)];
        List<LexemePosition> kept = [];
        foreach (LexemePosition position in positions)
        {
            if (kept.Count == LexemePosition.CountMax || (kept.Count > 0 && kept[^1].Place == LexemePosition.PlaceMax))
                break;
            if (kept.Count == 0 || kept[^1].Place != position.Place)
                kept.Add(position);
        }
        return [.. kept];
    }

    private static SqlException Malformed() => new(SqlState.InvalidBinaryRepresentation, "invalid tsvector");
}
