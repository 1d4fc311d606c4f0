using System.Buffers.Binary;
using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Text.Lexemes;

/// <summary>tsvector as text: <c>'a':1,5B 'b':2</c>.</summary>
public static class LexemeVectorText
{
    /// <exception cref="SqlException">42601, 54000: it is none.</exception>
    public static LexemeVector Parse(ReadOnlySpan<byte> text)
    {
        List<Lexeme> found = [];
        LexemeReader reader = new(text, "tsvector");
        for (reader.SkipSpaces(); !reader.IsAtEnd; reader.SkipSpaces())
        {
            byte[] word = reader.ReadWord();
            found.Add(new Lexeme(word, reader.Current == ':' ? ReadPositions(ref reader) : []));
        }
        return LexemeVector.Of(found);
    }

    public static string Print(LexemeVector vector)
    {
        ArgumentNullException.ThrowIfNull(vector);
        StringBuilder text = new();
        foreach (Lexeme lexeme in vector.Lexemes)
        {
            if (text.Length > 0)
                text.Append(' ');
            AppendQuoted(lexeme.Text, text);
            for (int i = 0; i < lexeme.Positions.Length; i++)
            {
                text.Append(i == 0 ? ':' : ',').Append(lexeme.Positions[i].Place);
                if (lexeme.Positions[i].Weight > 0)
                    text.Append((char)('D' - lexeme.Positions[i].Weight));
            }
        }
        return text.ToString();
    }

    /// <summary>How many bytes <see cref="Print"/> makes at most of a vector in the layout of <see cref="LexemeVector"/>: of each position three more
    /// than it does, or fewer.</summary>
    public static int BytesMax(ReadOnlySpan<byte> vector)
    {
        const int PositionBytes = 7, QuoteBytes = 3; // a colon or comma, five digits and a weight; and quotes and a space
        long bytes = 0;
        for (int at = sizeof(int); at < vector.Length;)
        {
            ReadOnlySpan<byte> rest = vector[at..], word = rest[..rest.IndexOf((byte)0)];
            int positions = BinaryPrimitives.ReadUInt16BigEndian(rest[(word.Length + 1)..]);
            bytes += QuoteBytes + word.Length + word.Count((byte)'\'') + word.Count((byte)'\\') + (PositionBytes * positions);
            at += word.Length + 1 + sizeof(ushort) + (sizeof(ushort) * positions);
        }
        return (int)Math.Min(bytes, int.MaxValue);
    }

    internal static void AppendQuoted(byte[] word, StringBuilder text) => text.Append('\'')
        .Append(Encoding.UTF8.GetString(word).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal))
        .Append('\'');

    /// <summary>The weight of a letter; −1 for another letter.</summary>
    public static int WeightOf(byte letter) => (letter | 0x20) switch { 'a' => 3, 'b' => 2, 'c' => 1, 'd' => 0, _ => -1 };

    private static LexemePosition[] ReadPositions(ref LexemeReader reader)
    {
        List<LexemePosition> positions = [];
        do
        {
            reader.Move();
            if (!char.IsAsciiDigit((char)reader.Current))
                throw reader.Error();
            long place = 0;
            for (; char.IsAsciiDigit((char)reader.Current); reader.Move())
                place = Math.Min(LexemePosition.PlaceMax, (place * 10) + reader.Current - '0');
            if (place == 0)
                throw reader.Error("wrong position info in tsvector");
            int weight = reader.Current == '*' ? 3 : WeightOf(reader.Current);
            if (weight >= 0)
                reader.Move();
            positions.Add(new LexemePosition((int)place, Math.Max(weight, 0)));
        }
        while (reader.Current == ',');
        reader.RequireEndOfPositions();
        return [.. positions];
    }
}
