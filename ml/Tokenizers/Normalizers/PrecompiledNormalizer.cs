using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace VecSQL.Ml.Tokenizers.Normalizers;

/// <summary>SentencePiece's table of replacements.</summary>
/// <remarks>
/// Layout: length of the trie in bytes, uint32; the trie, a double array of uint32 units, over UTF-8; then the
/// replacements, each ended by a zero. A unit: bit 31, whether it is a leaf's value (then the rest is the value); bits
/// 0..7, the label; bit 8, whether a leaf hangs on it; bit 9, whether the offset is in 256ths; bits 10..30, the offset.
/// As the library does it: of what is found at the start of a cluster of fewer than six bytes, the shortest counts, and
/// stands for the whole cluster; else each code point is looked up.
/// Source: darts-clone's double-array trie, as SentencePiece writes it.
/// </remarks>
internal sealed class PrecompiledNormalizer : Normalizer
{
    private const int ClusterBytesMax = 5;
    private const int ReplacementBytesMax = 1000; // the longest in use has 33

    private readonly uint[] _units;
    private readonly string?[] _ascii = new string?[128]; // null: stays as it is
    private readonly byte[] _replacements;

    /// <exception cref="FormatException">The bytes are no such table.</exception>
    internal PrecompiledNormalizer(ReadOnlySpan<byte> table)
    {
        if (table.Length < 4)
            throw new FormatException("the table of replacements is too short");
        uint trieBytes = BinaryPrimitives.ReadUInt32LittleEndian(table);
        if (trieBytes % 4 != 0 || trieBytes == 0 || trieBytes > table.Length - 4)
            throw new FormatException("the table of replacements has a trie that does not fit it");
        _units = new uint[trieBytes / 4];
        for (int i = 0; i < _units.Length; i++)
            _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(table[(4 + (i * 4))..]);
        _replacements = table[(4 + (int)trieBytes)..].ToArray();
        if (LongestOf(_replacements) > ReplacementBytesMax)
            throw new FormatException($"the table of replacements has one of more than {ReplacementBytesMax} bytes");
        Span<byte> one = stackalloc byte[1];
        for (int letter = 0; letter < _ascii.Length; letter++)
        {
            one[0] = (byte)letter;
            _ascii[letter] = Find(one);
        }
    }

    internal override void Run(ReadOnlySpan<char> source, TextBuffer target)
    {
        for (int i = 0; i < source.Length;)
        {
            char letter = source[i];
            bool isAlone = letter < 0x80 && (i + 1 == source.Length || (source[i + 1] < 0x80 && source[i + 1] != '\n'));
            if (isAlone)
            {
                if (_ascii[letter] is { } replacement)
                    target.Append(replacement);
                else
                    target.Append(letter);
                i++;
                continue;
            }
            int length = StringInfo.GetNextTextElementLength(source[i..]);
            AppendCluster(source.Slice(i, length), target);
            i += length;
        }
    }

    private void AppendCluster(ReadOnlySpan<char> cluster, TextBuffer target)
    {
        Span<byte> bytes = stackalloc byte[ClusterBytesMax * 3];
        if (cluster.Length <= ClusterBytesMax)
        {
            int count = Encoding.UTF8.GetBytes(cluster, bytes);
            if (count <= ClusterBytesMax && Find(bytes[..count]) is { } whole)
            {
                target.Append(whole);
                return;
            }
        }
        foreach (Rune rune in cluster.EnumerateRunes())
        {
            int count = rune.EncodeToUtf8(bytes);
            if (Find(bytes[..count]) is { } one)
                target.Append(one);
            else
                target.Append(rune.Value);
        }
    }

    /// <summary>The replacement of the shortest key that the text starts with.</summary>
    private string? Find(ReadOnlySpan<byte> text)
    {
        uint node = OffsetOf(_units[0]);
        foreach (byte letter in text)
        {
            node ^= letter;
            if (letter == 0 || node >= _units.Length)
                return null;
            uint unit = _units[node];
            if ((unit & 0x800000FF) != letter)
                return null;
            node ^= OffsetOf(unit);
            if ((unit & 0x100) != 0)
                return node < _units.Length ? Replacement((int)(_units[node] & 0x7FFFFFFF)) : null;
        }
        return null;
    }

    private static int LongestOf(ReadOnlySpan<byte> replacements)
    {
        int longest = 0;
        foreach (Range one in replacements.Split((byte)0))
            longest = Math.Max(longest, replacements[one].Length);
        return longest;
    }

    private string? Replacement(int start)
    {
        if (start >= _replacements.Length)
            return null;
        ReadOnlySpan<byte> rest = _replacements.AsSpan(start);
        int end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }

    private static uint OffsetOf(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
