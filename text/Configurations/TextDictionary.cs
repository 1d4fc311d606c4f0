using System.Text;
using VecSQL.Core.Errors;
using VecSQL.Text.Analysis;
using VecSQL.Text.Tokens;

namespace VecSQL.Text.Configurations;

/// <summary>Makes lexemes of words: PostgreSQL's dictionaries simple and english_stem.</summary>
/// <remarks>
/// Threads: any. Memory: each thread keeps the lexemes of up to <see cref="KnownMax"/> short words a dictionary.
/// </remarks>
public sealed class TextDictionary
{
    private const int KnownMax = 1 << 14, KnownBytesMax = 64;

    // Longer words are hardly words of a language, and are not stemmed.
    private const int StemmedBytesMax = 1000;

    [ThreadStatic]
    private static Dictionary<byte[], byte[]>[]? s_known;

    private readonly int _number;

    private TextDictionary(string name, uint oid, int number) => (Name, Oid, _number) = (name, oid, number);

    /// <summary>Lower case.</summary>
    public static TextDictionary Simple { get; } = new("simple", 3765, 0);

    /// <summary>Lower case, without English stop words, cut to stems.</summary>
    public static TextDictionary EnglishStem { get; } = new("english_stem", 13163, 1);

    public static IReadOnlyList<TextDictionary> All { get; } = [Simple, EnglishStem];

    public string Name { get; }

    /// <summary>As in a new database of PostgreSQL 15.</summary>
    public uint Oid { get; }

    /// <exception cref="SqlException">XX000: there is none, as PostgreSQL says it.</exception>
    public static TextDictionary Find(uint oid)
    {
        foreach (TextDictionary dictionary in All)
        {
            if (dictionary.Oid == oid)
                return dictionary;
        }
        throw new SqlException(SqlState.InternalError, $"cache lookup failed for text search dictionary {oid}");
    }

    /// <returns>The lexeme; empty for a stop word.</returns>
    public byte[] Lexize(ReadOnlySpan<byte> word)
    {
        if (word.Length > KnownBytesMax)
            return Make(word);
        Dictionary<byte[], byte[]> known = (s_known ??= [new(WordComparer.Instance), new(WordComparer.Instance)])[_number];
        var bySpan = known.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (bySpan.TryGetValue(word, out byte[]? lexeme))
            return lexeme;
        if (known.Count >= KnownMax)
            known.Clear();
        return bySpan[word] = Make(word);
    }

    private byte[] Make(ReadOnlySpan<byte> word)
    {
        byte[] lower = ToLower(word);
        if (this == Simple)
            return lower;
        char[] letters = new char[lower.Length + 1];
        int length = Encoding.UTF8.GetChars(lower, letters);
        if (EnglishStopWords.Contains(letters.AsSpan(0, length)))
            return [];
        // The stemmer leaves words of one or two characters; those beyond 16 bits it would count twice.
        if (lower.Length > StemmedBytesMax || IsOfTwo(letters.AsSpan(0, length)))
            return lower;
        return Encoding.UTF8.GetBytes(letters, 0, EnglishStemmer.Stem(letters, length));
    }

    private static bool IsOfTwo(ReadOnlySpan<char> letters)
    {
        int count = 0;
        foreach (char letter in letters)
            count += char.IsLowSurrogate(letter) ? 0 : 1;
        return count <= 2;
    }

    private static byte[] ToLower(ReadOnlySpan<byte> word)
    {
        byte[] lower = new byte[word.Length];
        if (Ascii.ToLower(word, lower, out _) == System.Buffers.OperationStatus.Done)
            return lower;
        byte[] room = new byte[word.Length * 2]; // no character's bytes more than double
        int length = 0;
        while (!word.IsEmpty)
        {
            Rune.DecodeFromUtf8(word, out Rune letter, out int consumed);
            length += ToLower(letter).EncodeToUtf8(room.AsSpan(length));
            word = word[consumed..];
        }
        return room[..length];
    }

    // The Turkish dotted I has no lower case of one character in .NET; PostgreSQL makes it i. Letters that its Unicode lacks it leaves.
    private static Rune ToLower(Rune letter) => letter.Value == 0x130 ? new Rune('i')
        : CharacterKinds.Of(letter) >= CharacterKind.Letter ? Rune.ToLowerInvariant(letter) : letter;

    private sealed class WordComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly WordComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] word) => GetHashCode(word.AsSpan());

        public byte[] Create(ReadOnlySpan<byte> word) => word.ToArray();

        public bool Equals(ReadOnlySpan<byte> word, byte[] other) => word.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> word)
        {
            uint hash = 2166136261;
            foreach (byte letter in word)
                hash = (hash ^ letter) * 16777619;
            return (int)(hash ^ (hash >> 15));
        }
    }
}
