using System.Text;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Bench.Tpch.Data;

/// <summary>Sentences by the specification's grammar (clause 4.2.2.14), of which comments are cut.</summary>
internal sealed class TextPool
{
    private const int PoolBytes = 8 << 20, SentenceBytesMax = 1 << 10;

    private readonly byte[] _text;
    private SplitMix _random;

    internal TextPool(ulong seed)
    {
        _random = new SplitMix(seed);
        StringBuilder text = new(PoolBytes + SentenceBytesMax);
        while (text.Length < PoolBytes)
            Sentence(text);
        _text = Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>A piece of so many bytes from anywhere.</summary>
    internal ReadOnlySpan<byte> Cut(ref SplitMix random, int lengthMin, int lengthMax)
    {
        int length = lengthMin + random.Next(lengthMax - lengthMin + 1);
        return _text.AsSpan(random.Next(PoolBytes - length), length);
    }

    private void Sentence(StringBuilder text)
    {
        int form = _random.Next(5);
        NounPhrase(text);
        text.Append(' ');
        if (form == 2)
        {
            Preposition(text);
            text.Append(' ');
        }
        VerbPhrase(text);
        if (form is 1 or 3)
        {
            text.Append(' ');
            Preposition(text);
        }
        if (form is 3 or 4)
        {
            text.Append(' ');
            NounPhrase(text);
        }
        text.Append(Pick(Words.Terminators)).Append(' ');
    }

    private void NounPhrase(StringBuilder text)
    {
        int form = _random.Next(4);
        if (form == 3)
            text.Append(Pick(Words.Adverbs)).Append(' ');
        if (form is 1 or 2 or 3)
            text.Append(Pick(Words.Adjectives));
        if (form == 2)
            text.Append(", ").Append(Pick(Words.Adjectives));
        if (form is 1 or 2 or 3)
            text.Append(' ');
        text.Append(Noun());
    }

    private void VerbPhrase(StringBuilder text)
    {
        int form = _random.Next(4);
        if (form is 1 or 3)
            text.Append(Pick(Words.Auxiliaries)).Append(' ');
        text.Append(Pick(Words.Verbs));
        if (form is 2 or 3)
            text.Append(' ').Append(Pick(Words.Adverbs));
    }

    private void Preposition(StringBuilder text)
    {
        text.Append(Pick(Words.Prepositions)).Append(" the ");
        NounPhrase(text);
    }

    private string Noun() => _random.Next(3) == 0 ? Pick(Words.FrequentNouns) : Pick(Words.Nouns);

    private string Pick(string[] words) => words[_random.Next(words.Length)];
}
