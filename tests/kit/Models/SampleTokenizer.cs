using System.Text.Json;
using System.Text.Json.Nodes;

namespace VecSQL.Kit.Models;

/// <summary>Tokenizers made from <see cref="SampleText"/>, as files of Hugging Face's library.</summary>
public static class SampleTokenizer
{
    /// <summary>BERT's: WordPiece over words in lower case, [CLS] before and [SEP] behind.</summary>
    /// <param name="tokensMax">0: without truncation.</param>
    public static byte[] Bert(int tokenCount = 4000, int tokensMax = 0)
    {
        List<string> tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
        JsonArray added = [];
        for (int id = 0; id < tokens.Count; id++)
            added.Add(Added(id, tokens[id]));
        AddPieces(tokens, tokenCount);
        JsonObject vocabulary = [];
        for (int id = 0; id < tokens.Count; id++)
            vocabulary[tokens[id]] = id;
        JsonObject file = new()
        {
            ["version"] = "1.0",
            ["truncation"] = tokensMax == 0 ? null : new JsonObject
            {
                ["direction"] = "Right", ["max_length"] = tokensMax, ["strategy"] = "LongestFirst", ["stride"] = 0,
            },
            ["padding"] = null,
            ["added_tokens"] = added,
            ["normalizer"] = Part("""
                {"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}
                """),
            ["pre_tokenizer"] = Part("""{"type":"BertPreTokenizer"}"""),
            ["post_processor"] = Part("""
                {"type":"TemplateProcessing",
                 "single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
                           {"SpecialToken":{"id":"[SEP]","type_id":0}}],
                 "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
                 "special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2],"tokens":["[CLS]"]},
                                   "[SEP]":{"id":"[SEP]","ids":[3],"tokens":["[SEP]"]}}}
                """),
            ["decoder"] = Part("""{"type":"WordPiece","prefix":"##","cleanup":true}"""),
            ["model"] = new JsonObject
            {
                ["type"] = "WordPiece", ["unk_token"] = "[UNK]", ["continuing_subword_prefix"] = "##",
                ["max_input_chars_per_word"] = 100, ["vocab"] = vocabulary,
            },
        };
        return JsonSerializer.SerializeToUtf8Bytes(file);
    }

    /// <summary>Signs, signs that go on, then words and ends of words by how often they occur.</summary>
    private static void AddPieces(List<string> tokens, int tokenCount)
    {
        HashSet<string> known = [.. tokens];
        foreach (char letter in "abcdefghijklmnopqrstuvwxyz0123456789!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~äéπ中文字の")
        {
            foreach (string token in (ReadOnlySpan<string>)[letter.ToString(), $"##{letter}"])
            {
                if (known.Add(token))
                    tokens.Add(token);
            }
        }
        Dictionary<string, int> counts = [];
        foreach ((string word, int count) in SampleText.Words)
        {
            counts[word] = counts.GetValueOrDefault(word) + (2 * count);
            for (int start = 1; start < word.Length && word.Length < 20; start++)
            {
                string end = $"##{word[start..]}";
                counts[end] = counts.GetValueOrDefault(end) + count;
                counts[word[..start]] = counts.GetValueOrDefault(word[..start]) + count;
            }
        }
        foreach ((string token, _) in counts.OrderByDescending(count => count.Value).ThenBy(count => count.Key, StringComparer.Ordinal))
        {
            if (tokens.Count < tokenCount && known.Add(token))
                tokens.Add(token);
        }
    }

    private static JsonObject Added(int id, string content) => new()
    {
        ["id"] = id, ["content"] = content, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false,
        ["normalized"] = false, ["special"] = true,
    };

    private static JsonNode? Part(string json) => JsonNode.Parse(json);
}
