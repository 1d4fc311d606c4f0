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

    /// <summary>RoBERTa's: byte pairs under GPT-2's cutting, &lt;s&gt; before and &lt;/s&gt; behind.</summary>
    public static byte[] Roberta() => Bpe("""{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}""",
        """{"type":"RobertaProcessing","sep":["</s>",2],"cls":["<s>",0],"trim_offsets":true,"add_prefix_space":false}""",
        normalizer: null, ignoresMerges: false);

    /// <summary>Llama 3's: byte pairs under GPT-4's cutting; whole words are tokens, whatever the merges say.</summary>
    public static byte[] Llama() => Bpe("""
        {"type":"Sequence","pretokenizers":[
         {"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},
          "behavior":"Isolated","invert":false},
         {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}
        """, """
        {"type":"Sequence","processors":[{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false,"use_regex":true},
         {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
          "pair":[],"special_tokens":{"<s>":{"id":"<s>","ids":[0],"tokens":["<s>"]}}}]}
        """, normalizer: null, ignoresMerges: true);

    /// <summary>Qwen's: as Llama's, but digits one by one, after NFC.</summary>
    public static byte[] Qwen() => Bpe("""
        {"type":"Sequence","pretokenizers":[
         {"type":"Split","pattern":{"Regex":"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},
          "behavior":"Isolated","invert":false},
         {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":false}]}
        """, """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":false}""",
        """{"type":"NFC"}""", ignoresMerges: false);

    /// <summary>XLM-R's and T5's: a unigram model under SentencePiece's marks, after a table of replacements.</summary>
    public static byte[] Unigram(bool fallsBackToBytes = false)
    {
        JsonArray pieces = [];
        HashSet<string> known = [];
        void Add(string piece, double score)
        {
            if (known.Add(piece))
                pieces.Add(new JsonArray(piece, score));
        }

        foreach (string special in (ReadOnlySpan<string>)["<s>", "<pad>", "</s>", "<unk>"])
            Add(special, 0);
        for (int value = 0; value < 256 && fallsBackToBytes; value++)
            Add($"<0x{value:X2}>", 0);
        Dictionary<string, int> counts = [];
        foreach ((string word, int count) in SampleText.Words)
        {
            string marked = "\u2581" + word;
            for (int start = 0; start < marked.Length && marked.Length < 24; start++)
            {
                for (int length = 1; length <= Math.Min(8, marked.Length - start); length++)
                {
                    string part = marked.Substring(start, length);
                    counts[part] = counts.GetValueOrDefault(part) + count;
                }
            }
            counts[marked] = counts.GetValueOrDefault(marked) + (4 * count);
        }
        double total = counts.Values.Sum(count => (double)count);
        foreach ((string part, int count) in counts.OrderByDescending(count => count.Value * count.Key.Length)
            .ThenBy(count => count.Key, StringComparer.Ordinal).Take(4000))
            Add(part, Math.Round(Math.Log(count / total), 5));
        foreach (char letter in "\u2581ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,;:!?'\"()-éèüößñ")
            Add(letter.ToString(), -11.5);
        return Write(
            new JsonObject
            {
                ["type"] = "Unigram", ["unk_id"] = 3, ["vocab"] = pieces, ["byte_fallback"] = fallsBackToBytes,
            },
            ["<s>", "<pad>", "</s>", "<unk>"],
            new JsonObject
            {
                ["type"] = "Sequence",
                ["normalizers"] = new JsonArray(
                    new JsonObject
                    {
                        ["type"] = "Precompiled",
                        ["precompiled_charsmap"] = Convert.ToBase64String(CharsmapBuilder.Build(Replacements())),
                    },
                    Part("""{"type":"Strip","strip_left":false,"strip_right":true}"""),
                    Part("""{"type":"Replace","pattern":{"Regex":" {2,}"},"content":"\u2581"}""")),
            },
            Part("""{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true}"""),
            Part("""
                {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},
                 {"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}}],"pair":[],
                 "special_tokens":{"<s>":{"id":"<s>","ids":[0],"tokens":["<s>"]},"</s>":{"id":"</s>","ids":[2],"tokens":["</s>"]}}}
                """));
    }

    /// <summary>What NFKC does to some signs, and what SentencePiece does to controls.</summary>
    private static Dictionary<string, string> Replacements()
    {
        Dictionary<string, string> all = [];
        for (char letter = '\uFF01'; letter <= '\uFF5E'; letter++)
            all[letter.ToString()] = ((char)(letter - 0xFEE0)).ToString();
        for (int control = 1; control < 0x20; control++)
            all[((char)control).ToString()] = control is 9 or 10 or 13 ? " " : "";
        foreach ((string from, string to) in new[]
        {
            ("\u00A0", " "), ("\u3000", " "), ("\u2003", " "), ("\u200B", " "), ("\uFEFF", ""), ("\u00AD", ""),
            ("ﬁ", "fi"), ("ﬂ", "fl"), ("½", "1\u20442"), ("²", "2"), ("①", "1"), ("Ⅳ", "IV"), ("…", "..."), ("™", "TM"),
            ("ｶﾞ", "ガ"), ("ｶ", "カ"), ("ﾞ", "\u3099"), ("e\u0301", "é"), ("E\u0301", "É"), ("a\u0308", "ä"),
            ("u\u0308", "ü"), ("o\u0308", "ö"), ("n\u0303", "ñ"), ("が", "が"), ("か\u3099", "が"), ("\u0340", "\u0300"),
            ("𝐀", "A"), ("𝟙", "1"), ("\r\n", "  "),
        })
            all[from] = to;
        return all;
    }

    private static readonly Lazy<List<(string Left, string Right)>> Merges = new(() =>
    {
        string[] letters = ByteLetters();
        return BpeTrainer.Learn(SampleText.Words.SelectMany(word => (IEnumerable<(string[], int)>)
            [(Signs(word.Word, letters), word.Count), (Signs(" " + word.Word, letters), word.Count)]), 2500);
    });

    private static byte[] Bpe(string splitter, string frame, string? normalizer, bool ignoresMerges)
    {
        List<string> tokens = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"];
        string[] letters = ByteLetters();
        tokens.AddRange(letters);
        List<(string Left, string Right)> merges = Merges.Value;
        HashSet<string> known = [.. tokens];
        foreach ((string left, string right) in merges)
        {
            if (known.Add(left + right))
                tokens.Add(left + right);
        }
        if (ignoresMerges) // tokens that no merges lead to
            tokens.AddRange(((string[])["Ġquerytime", "vectorish"]).Where(known.Add));
        JsonObject vocabulary = [];
        for (int id = 0; id < tokens.Count; id++)
            vocabulary[tokens[id]] = id;
        return Write(
            new JsonObject
            {
                ["type"] = "BPE", ["dropout"] = null, ["unk_token"] = null, ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null, ["fuse_unk"] = false, ["byte_fallback"] = false,
                ["ignore_merges"] = ignoresMerges, ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. merges.Select(merge => JsonValue.Create($"{merge.Left} {merge.Right}"))]),
            },
            ["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
            normalizer is null ? null : Part(normalizer), Part(splitter), Part(frame));
    }

    private static byte[] Write(JsonObject model, string[] specials, JsonNode? normalizer, JsonNode? splitter, JsonNode? frame)
    {
        JsonArray added = [];
        for (int id = 0; id < specials.Length; id++)
        {
            JsonObject token = Added(id, specials[id]);
            token["lstrip"] = specials[id] == "<mask>";
            added.Add(token);
        }
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["version"] = "1.0", ["truncation"] = null, ["padding"] = null, ["added_tokens"] = added,
            ["normalizer"] = normalizer, ["pre_tokenizer"] = splitter, ["post_processor"] = frame, ["decoder"] = null,
            ["model"] = model,
        });
    }

    private static string[] ByteLetters()
    {
        string[] letters = new string[256];
        int next = 0x100;
        for (int value = 0; value < 256; value++)
        {
            bool isPrintable = value is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            letters[value] = ((char)(isPrintable ? value : next++)).ToString();
        }
        return letters;
    }

    private static string[] Signs(string word, string[] letters) =>
        [.. System.Text.Encoding.UTF8.GetBytes(word).Select(value => letters[value])];

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
