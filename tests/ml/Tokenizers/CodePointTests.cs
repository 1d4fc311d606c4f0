using System.Text;
using System.Text.Json.Nodes;

namespace VecSQL.Ml.Tests.Tokenizers;

/// <summary>Code points are to us what they are to Hugging Face's library, whatever version of Unicode that has for
/// each.</summary>
public sealed class CodePointTests
{
    private static readonly string[] Parts =
    [
        """{"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":true,"lowercase":true}}""",
        """{"normalizer":{"type":"NFC"}}""",
        """{"normalizer":{"type":"NFKC"}}""",
        """{"normalizer":{"type":"NFKD"}}""",
        """{"normalizer":{"type":"StripAccents"}}""",
        """{"pre_tokenizer":{"type":"BertPreTokenizer"}}""",
        """{"pre_tokenizer":{"type":"Whitespace"}}""",
        """{"pre_tokenizer":{"type":"Digits","individual_digits":true}}""",
        """{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"\\p{L}+|\\p{N}+|\\p{M}+|\\s+|\\p{S}+|\\p{P}+"},"behavior":"Isolated","invert":false}}""",
        """{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"\\w+"},"behavior":"Isolated","invert":false}}""",
    ];

    [NodeFact]
    public async Task Every_code_point_is_what_it_is_in_the_library()
    {
        List<string> differences = await ForeignTokens.DifferencesAsync(Texts(),
            [.. Parts.Select(part => Encoding.UTF8.GetBytes(SampleParts.With(JsonNode.Parse(part)!.AsObject()).ToJsonString()))]);
        Assert.True(differences.Count == 0, $"{differences.Count} differ:\n{string.Join('\n', differences.Take(10))}");
    }

    /// <summary>All that are assigned, but few of ideographs, syllables and private ones; alone and behind a
    /// letter.</summary>
    private static List<string> Texts()
    {
        List<string> texts = [];
        StringBuilder text = new();
        int count = 0;
        for (int point = 0; point < 0xE0200; point += StepAt(point))
        {
            if (point is >= 0xD800 and <= 0xDFFF)
                continue;
            text.Append('a').Append(char.ConvertFromUtf32(point)).Append('\u0301').Append(' ');
            if (++count % 40 == 0)
            {
                texts.Add(text.ToString());
                text.Clear();
            }
        }
        texts.Add(text.ToString());
        return texts;
    }

    private static int StepAt(int point) => point switch
    {
        >= 0x3400 and < 0x9FF0 or >= 0xAC00 and < 0xD7A0 or >= 0xE000 and < 0xF8F0 => 13,
        >= 0x17000 and < 0x18D00 or >= 0x20000 and < 0xE0000 => 997,
        _ => 1,
    };
}
