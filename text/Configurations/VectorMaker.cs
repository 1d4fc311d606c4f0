using System.Buffers.Binary;
using VecSQL.Core.Errors;
using VecSQL.Text.Lexemes;
using VecSQL.Text.Tokens;

namespace VecSQL.Text.Configurations;

/// <summary>Makes tsvectors of texts, one after another.</summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class VectorMaker
{
    private const int VectorBytesMax = (1 << 20) - 1;

    private Word[] _words = new Word[256];
    private int _count, _place;

    /// <param name="Head">The first eight bytes as a number, so that most pairs are told apart at once.</param>
    private readonly record struct Word(ulong Head, byte[] Lexeme, int Place);

    /// <summary>The tsvector of a text, as its bytes.</summary>
    public byte[] Make(TextConfiguration configuration, ReadOnlySpan<byte> text)
    {
        Begin();
        Add(configuration, text);
        return Finish();
    }

    public void Begin() => (_count, _place) = (0, 0);

    /// <summary>Adds a text behind those before it.</summary>
    /// <returns>False where it had no words that count.</returns>
    public bool Add(TextConfiguration configuration, ReadOnlySpan<byte> text)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        int before = _count;
        TokenReader tokens = new(text);
        while (tokens.MoveNext())
        {
            if (configuration.DictionaryOf(tokens.Kind) is not { } dictionary || tokens.End - tokens.Start > TextConfiguration.WordBytesMax)
                continue;
            byte[] lexeme = dictionary.Lexize(tokens.Token);
            _place = Math.Min(_place + 1, int.MaxValue - 1);
            if (lexeme.Length == 0)
                continue;
            if (_count == _words.Length)
                Array.Resize(ref _words, 2 * _count);
            _words[_count++] = new Word(HeadOf(lexeme), lexeme, Math.Min(_place, LexemePosition.PlaceMax));
        }
        return _count > before;
    }

    /// <summary>Leaves a place free, so that no phrase goes from one text to the next.</summary>
    public void Skip() => _place++;

    /// <exception cref="SqlException">54000: there are too many words.</exception>
    public byte[] Finish()
    {
        Span<Word> words = _words.AsSpan(0, _count);
        words.Sort(static (x, y) =>
        {
            int order = x.Head.CompareTo(y.Head);
            if (order == 0 && !ReferenceEquals(x.Lexeme, y.Lexeme))
                order = x.Lexeme.AsSpan().SequenceCompareTo(y.Lexeme);
            return order != 0 ? order : x.Place.CompareTo(y.Place);
        });
        int size = sizeof(int);
        foreach (Word word in words)
            size += word.Lexeme.Length + 3 + sizeof(ushort);
        byte[] bytes = new byte[size];
        int at = sizeof(int), count = 0;
        long referenceBytes = 0;
        for (int i = 0; i < words.Length; count++)
        {
            byte[] lexeme = words[i].Lexeme;
            lexeme.CopyTo(bytes, at);
            at += lexeme.Length + 1;
            int countAt = at, places = 0, last = 0;
            at += sizeof(ushort);
            for (int first = i; i < words.Length && IsSame(words[first], words[i]); i++)
            {
                if (words[i].Place == last || places == LexemePosition.CountMax - 1)
                    continue;
                last = words[i].Place;
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), (ushort)last);
                at += sizeof(ushort);
                places++;
            }
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(countAt), (ushort)places);
            referenceBytes += lexeme.Length;
            referenceBytes += (referenceBytes & 1) + sizeof(ushort) + (places * sizeof(ushort));
            if (referenceBytes > VectorBytesMax)
            {
                throw new SqlException(SqlState.ProgramLimitExceeded,
                    $"string is too long for tsvector ({ReferenceBytes(words)} bytes, max {VectorBytesMax} bytes)");
            }
        }
        BinaryPrimitives.WriteInt32BigEndian(bytes, count);
        return bytes.AsSpan(0, at).ToArray();
    }

    private static long ReferenceBytes(ReadOnlySpan<Word> words)
    {
        long bytes = 0;
        for (int i = 0; i < words.Length;)
        {
            bytes += words[i].Lexeme.Length;
            int first = i, places = 0, last = 0;
            for (; i < words.Length && IsSame(words[first], words[i]); i++)
            {
                places += words[i].Place != last && places < LexemePosition.CountMax - 1 ? 1 : 0;
                last = words[i].Place;
            }
            bytes += (bytes & 1) + sizeof(ushort) + (places * sizeof(ushort));
        }
        return bytes;
    }

    private static bool IsSame(in Word x, in Word y) =>
        ReferenceEquals(x.Lexeme, y.Lexeme) || (x.Head == y.Head && x.Lexeme.AsSpan().SequenceEqual(y.Lexeme));

    private static ulong HeadOf(ReadOnlySpan<byte> lexeme)
    {
        if (lexeme.Length >= sizeof(ulong))
            return BinaryPrimitives.ReadUInt64BigEndian(lexeme);
        ulong head = 0;
        for (int i = 0; i < sizeof(ulong); i++)
            head = (head << 8) | (i < lexeme.Length ? lexeme[i] : 0u);
        return head;
    }
}
