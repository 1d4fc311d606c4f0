using System.Text.Json.Nodes;

namespace VecSQL.Ml.Tests.Tokenizers;

/// <summary>Every part that a tokenizer's file may have does what it does in Hugging Face's library.</summary>
public sealed class PartAgreementTests
{
    private static readonly string[] Normalizers =
    [
        """{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":true,"lowercase":false}""",
        """{"type":"BertNormalizer","clean_text":false,"handle_chinese_chars":false,"strip_accents":false,"lowercase":true}""",
        """{"type":"NFC"}""",
        """{"type":"NFD"}""",
        """{"type":"NFKC"}""",
        """{"type":"NFKD"}""",
        """{"type":"Lowercase"}""",
        """{"type":"Nmt"}""",
        """{"type":"StripAccents"}""",
        """{"type":"ByteLevel"}""",
        """{"type":"Strip","strip_left":true,"strip_right":true}""",
        """{"type":"Prepend","prepend":"▁"}""",
        """{"type":"Replace","pattern":{"String":" "},"content":"▁"}""",
        """{"type":"Replace","pattern":{"Regex":"\\s+"},"content":" "}""",
        """{"type":"Replace","pattern":{"Regex":"[aeiou]|(?<=\\p{N})x?"},"content":"<>"}""",
        """{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"Lowercase"},{"type":"StripAccents"}]}""",
        """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}""",
    ];

    private static readonly string[] Splitters =
    [
        """{"type":"BertPreTokenizer"}""",
        """{"type":"Whitespace"}""",
        """{"type":"WhitespaceSplit"}""",
        """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""",
        """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":false}""",
        """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}""",
        """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}""",
        """{"type":"Metaspace","replacement":"▁","prepend_scheme":"never","split":false}""",
        """{"type":"Punctuation"}""",
        """{"type":"Punctuation","behavior":"Removed"}""",
        """{"type":"Punctuation","behavior":"MergedWithPrevious"}""",
        """{"type":"Punctuation","behavior":"MergedWithNext"}""",
        """{"type":"Punctuation","behavior":"Contiguous"}""",
        """{"type":"Digits","individual_digits":true}""",
        """{"type":"Digits","individual_digits":false}""",
        """{"type":"CharDelimiterSplit","delimiter":"e"}""",
        """{"type":"FixedLength","length":3}""",
        """{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false}""",
        """{"type":"Split","pattern":{"String":"a"},"behavior":"MergedWithNext","invert":true}""",
        """{"type":"Split","pattern":{"Regex":"\\d{1,2}(?=\\D|$)"},"behavior":"Isolated","invert":false}""",
        """{"type":"Split","pattern":{"Regex":"\\w+|[^\\w\\s]+"},"behavior":"Removed","invert":true}""",
        """{"type":"Split","pattern":{"Regex":"[[:punct:]]+?|\\bin\\b|^.|\\h{2}"},"behavior":"Contiguous","invert":false}""",
        """{"type":"Split","pattern":{"Regex":" ?[^(\\s|[.,!?…。，、।۔،])]+"},"behavior":"Isolated","invert":false}""",
        """{"type":"Split","pattern":{"Regex":"[\\p{L}&&[^\\p{Lu}]]+|(?>a|ab)c|(?:ab){2,3}?"},"behavior":"Isolated","invert":false}""",
        """{"type":"Split","pattern":{"Regex":"[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}"""
            + """\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{L"""
            + """l}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]"""
            + """+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false}""",
        """{"type":"Split","pattern":{"Regex":"\\p{Han}+|\\p{S}\\P{L}|[\\x41-\\x{4A}]++|\\p{^Z}{2}"},"behavior":"Isolated","invert":false}""",
        """{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}]}""",
        """{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"ByteLevel","add_prefix"""
            + """_space":false,"trim_offsets":false,"use_regex":true}]}""",
    ];

    private static readonly string[] Pipelines =
    [
        // Where the first piece begins, when a normaliser has dropped what stood before it.
        """{"normalizer":{"type":"Strip","strip_left":true,"strip_right":false},"pre_tokenizer":{"type":"Metaspace","repl"""
            + """acement":"▁","prepend_scheme":"first","split":true}}""",
        """{"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":true,"low"""
            + """ercase":true},"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}}""",
        """{"normalizer":{"type":"Replace","pattern":{"Regex":"^[ \n]+|x"},"content":""},"pre_tokenizer":{"type":"Metaspa"""
            + """ce","replacement":"▁","prepend_scheme":"first","split":false}}""",
        // T5's of old, CLIP's, DeepSeek's, and mixtures.
        """{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replaceme"""
            + """nt":"▁","add_prefix_space":true}]}}""",
        """{"normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Replace","pattern":{"Regex":"\\s+"},"c"""
            + """ontent":" "},{"type":"Lowercase"}]},"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","patte"""
            + """rn":{"Regex":"<\\|startoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"},"behavio"""
            + """r":"Removed","invert":true},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}"""
            + """]}}""",
        """{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"[\r\n]"},"behavio"""
            + """r":"Isolated","invert":false},{"type":"Split","pattern":{"Regex":"\\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-Ίа"""
            + """-я]+"},"behavior":"Isolated","invert":false},{"type":"Split","pattern":{"Regex":"\\s?[!-/:-~！-／：-～‘-‟　-。]+"}"""
            + ""","behavior":"Isolated","invert":false},{"type":"Split","pattern":{"Regex":"\\s+$"},"behavior":"Isolated","inve"""
            + """rt":false},{"type":"Split","pattern":{"Regex":"[一-龥ࠀ-一가-퟿]+"},"behavior":"Isolated","invert":false},{"type":"D"""
            + """igits","individual_digits":true},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":"""
            + """false}]}}""",
        """{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Whitespace"},{"type":"Punctuation","behavior":"I"""
            + """solated"},{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}]}}""",
        """{"normalizer":{"type":"Sequence","normalizers":[{"type":"Nmt"},{"type":"NFKC"},{"type":"Replace","pattern":{"R"""
            + """egex":" {2,}"},"content":" "},{"type":"Strip","strip_left":true,"strip_right":true}]},"pre_tokenizer":{"typ"""
            + """e":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}}""",
    ];

    [NodeFact]
    public Task Parts_in_a_row_act_as_in_the_library() =>
        AgreeAsync([.. Pipelines.Select(parts => SampleParts.With(JsonNode.Parse(parts)!.AsObject()))]);

    [NodeFact]
    public Task Byte_pairs_over_whole_texts_merge_as_in_the_library()
    {
        JsonObject file = SampleParts.With([]);
        file["normalizer"] = JsonNode.Parse("""
            {"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}
            """);
        JsonObject model = file["model"]!.AsObject(), vocabulary = model["vocab"]!.AsObject();
        model["continuing_subword_prefix"] = null;
        model["unk_token"] = "<unk>";
        model["fuse_unk"] = true;
        JsonArray merges = [];
        foreach (string token in (string[])["<unk>", "▁", .. "abcdefghiklmnoprstuvw.,中é".Select(letter => letter.ToString())])
            vocabulary[token] = vocabulary.Count;
        foreach (string merge in (string[])["t h", "th e", "▁ the", "▁ a", "i n", "e r", "▁a n", "o n", "▁ in", "s t", "▁ ▁", "▁▁ ▁▁", "a a", "aa aa"])
        {
            merges.Add(merge);
            vocabulary[merge.Replace(" ", "", StringComparison.Ordinal)] = vocabulary.Count;
        }
        model["merges"] = merges;
        return AgreeAsync(file);
    }

    [NodeFact]
    public Task Normalisers_rewrite_as_in_the_library() => AgreeAsync([.. Normalizers.Select(part =>
    {
        JsonObject file = SampleParts.With([]);
        file["normalizer"] = JsonNode.Parse(part);
        return file;
    })]);

    [NodeFact]
    public Task Pre_tokenizers_cut_as_in_the_library() => AgreeAsync([.. Splitters.Select(part =>
    {
        JsonObject file = SampleParts.With([]);
        file["pre_tokenizer"] = JsonNode.Parse(part);
        return file;
    })]);

    [NodeFact]
    public Task Added_tokens_are_found_as_in_the_library()
    {
        JsonObject file = SampleParts.With([]);
        file["normalizer"] = JsonNode.Parse("""{"type":"Lowercase"}""");
        file["pre_tokenizer"] = JsonNode.Parse("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}""");
        file["added_tokens"] = JsonNode.Parse("""
            [{"id":300,"content":"in","single_word":true,"lstrip":false,"rstrip":false,"normalized":false,"special":false},
             {"id":301,"content":"<mask>","single_word":false,"lstrip":true,"rstrip":true,"normalized":false,"special":true},
             {"id":302,"content":"THE","single_word":false,"lstrip":false,"rstrip":true,"normalized":true,"special":false},
             {"id":303,"content":"the d","single_word":false,"lstrip":false,"rstrip":false,"normalized":true,"special":false},
             {"id":304,"content":"  ","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":false},
             {"id":305,"content":"\n","single_word":false,"lstrip":true,"rstrip":false,"normalized":false,"special":false},
             {"id":306,"content":"é","single_word":true,"lstrip":true,"rstrip":false,"normalized":true,"special":false}]
            """);
        return AgreeAsync(file);
    }

    [NodeFact]
    public Task Byte_pairs_with_prefixes_and_unknown_signs_merge_as_in_the_library()
    {
        JsonObject fusing = SampleParts.With([]), parting = SampleParts.With([]);
        foreach (JsonObject file in (JsonObject[])[fusing, parting])
        {
            file["pre_tokenizer"] = JsonNode.Parse("""{"type":"WhitespaceSplit"}""");
            file["model"] = JsonNode.Parse("""
                {"type":"BPE","unk_token":"<unk>","byte_fallback":false,"continuing_subword_prefix":"_",
                 "end_of_word_suffix":"|","vocab":{"<unk>":0,"a":1,"_a":2,"_a|":3,"t":4,"_t":5,"_t|":6,"_e":7,"_e|":8,"e|":9,
                 "te|":10,"at":11,"_at":12,"_ate|":13,"a|":14,"_te|":15},
                 "merges":["a _t","_a _t","t _e|","_at _e|","_t _e|"]}
                """);
            file["model"]!["fuse_unk"] = file == fusing;
        }
        return AgreeAsync(fusing, parting);
    }

    [NodeFact]
    public Task Words_as_a_whole_are_found_as_in_the_library()
    {
        JsonObject file = SampleParts.With([]);
        file["pre_tokenizer"] = JsonNode.Parse("""{"type":"Whitespace"}""");
        file["model"] = JsonNode.Parse("""{"type":"WordLevel","unk_token":"?","vocab":{"?":0,"the":1,"of":2,"is":3,"a":4}}""");
        return AgreeAsync(file);
    }

    private static async Task AgreeAsync(params JsonObject[] files)
    {
        List<string> differences = await ForeignTokens.DifferencesAsync(SampleStrings.Make(2_000, seed: 11),
            [.. files.Select(file => System.Text.Encoding.UTF8.GetBytes(file.ToJsonString()))]);
        Assert.True(differences.Count == 0, $"{differences.Count} differ:\n{string.Join('\n', differences.Take(10))}");
    }
}
