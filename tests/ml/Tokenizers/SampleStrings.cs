using System.Text;
using VecSQL.Kit.Models;

namespace VecSQL.Ml.Tests.Tokenizers;

/// <summary>Strings that tokenizers may get wrong: many scripts, emoji, controls, blanks, very long ones.</summary>
internal sealed class SampleStrings
{
    private static readonly string[] Pieces =
    [
        " ", "  ", "\n", "\r\n", "\t", "\u00A0", "\u3000", "\u2028", "\u200B", "\u200D", "\uFEFF", "\0", "\x01", "\x1B", "\x7F",
        "\u0085", "\u00AD", "\uFFFD", "\u2581", "'s", "'ll", "'RE", "'ſ", "don't", "I'VE", "it's", "...", "!?", "--", "—", "_",
        "[CLS]", "[SEP]", "[MASK]", "[UNK]", "<s>", "</s>", "<mask>", "<unk>", "<pad>", "<0x41>", "##ing", "1234567", "3.14", "½",
        "²", "①", "Ⅳ", "٣٤", "e\u0301", "a\u0308\u0301", "ﬁ", "ǅ", "İ", "ı", "ß", "ẞ", "Σ", "ΟΔΟΣ", "ς", "Å", "\u212A", "가각",
        "\u1100\u1161\u11A8", "か\u3099", "ｶﾞ", "Ａｂｃ", "中文", "㐀", "𠀀", "豈", "👩‍👩‍👧‍👦", "🇩🇪🇫🇷", "👍🏽", "❤️", "🥰", "😀", "𝐀𝟙",
        "نصوصًا", "שָׁלוֹם", "क्षेत्र", "ข้อความ", "\u0E33", "Ǖ", "ệ", "\u0344", "\u0958", "\u0F73", "\u302A", "querytime", "vectorish",
        "\uE000", "\u0378", "\u1E9B\u0323", "𑄮", "\U000110BD", "\U0010FFFF", "\u061C", "\u2066", "`", "~", "$", "€", "+", "=", "^",
    ];

    private ulong _state;

    private SampleStrings(ulong seed) => _state = seed;

    /// <summary>So many strings; equal seeds give equal ones.</summary>
    internal static List<string> Make(int count, ulong seed)
    {
        SampleStrings strings = new(seed);
        List<string> made = [.. Pieces, ""];
        while (made.Count < count)
            made.Add(strings.Next(made.Count));
        return made;
    }

    private string Next(int index)
    {
        if (index % 4000 == 0)
            return VeryLong(index);
        StringBuilder text = new();
        int parts = 1 + Below(12), kind = Below(10);
        for (int i = 0; i < parts; i++)
            Append(text, kind);
        return text.ToString();
    }

    private void Append(StringBuilder text, int kind)
    {
        switch (kind)
        {
            case < 3: // lines as they are
                string line = SampleText.Lines[Below(SampleText.Lines.Count)];
                int start = Below(line.Length);
                text.Append(line.AsSpan(start, Math.Min(line.Length - start, Below(80))));
                break;
            case < 5: // words, some changed
                string word = SampleText.Words[Below(Math.Min(3000, SampleText.Words.Count))].Word;
                text.Append(Below(4) == 0 ? word.ToUpperInvariant() : word).Append(Below(3) == 0 ? "" : " ");
                break;
            case < 8:
                text.Append(Pieces[Below(Pieces.Length)]);
                break;
            case 8:
                AppendPoint(text, Below(3) == 0 ? Below(0x110000) : Below(0x3000));
                break;
            default:
                switch (Below(4))
                {
                    case 0:
                        AppendPoint(text, Below(0x20000));
                        break;
                    case 1:
                        text.Append(Pieces[Below(Pieces.Length)]);
                        break;
                    case 2:
                        text.Append(' ', Below(5));
                        break;
                    default:
                        text.Append(Below(100_000));
                        break;
                }
                break;
        }
    }

    private string VeryLong(int index)
    {
        StringBuilder text = new();
        string one = (index / 4000 % 4) switch
        {
            0 => "a",
            1 => "word ",
            2 => "中",
            _ => "",
        };
        while (text.Length < 30_000)
            text.Append(one.Length > 0 ? one : Pieces[Below(Pieces.Length)]);
        return text.ToString();
    }

    private static void AppendPoint(StringBuilder text, int point)
    {
        if (point is < 0xD800 or > 0xDFFF)
            text.Append(char.ConvertFromUtf32(point));
    }

    private int Below(int limit)
    {
        _state = (_state * 6_364_136_223_846_793_005) + 1_442_695_040_888_963_407;
        return (int)((_state >> 33) % (ulong)limit);
    }
}
