using System.Text;
using System.Text.Json.Nodes;
using VecSQL.Kit.Models;
using VecSQL.Ml.Models;
using VecSQL.Ml.Tokenizers;
using VecSQL.Ml.Tokenizers.Files;

namespace VecSQL.Ml.Tests.Tokenizers;

/// <summary>A tokenizer's file comes from outside.</summary>
public sealed class TokenizerFileTests
{
    private static readonly string[] Probes = ["", "a", "The data base's größte 中文 <mask> 🥰 1234\n\n  x", new('a', 3000), new(' ', 500)];

    public static TheoryData<string, string> Refusals => new()
    {
        { "normalizer", """{"type":"Sorting"}""" },
        { "pre_tokenizer", """{"type":"UnicodeScripts"}""" },
        { "pre_tokenizer", """{"type":"Split","pattern":{"Regex":"(?<name>a)\\k<name>"},"behavior":"Isolated"}""" },
        { "pre_tokenizer", """{"type":"Split","pattern":{"Regex":"\\p{Thai}+"},"behavior":"Isolated"}""" },
        { "pre_tokenizer", """{"type":"Split","pattern":{"Regex":"(a"},"behavior":"Isolated"}""" },
        { "pre_tokenizer", """{"type":"Split","pattern":{"Regex":"[z-a]"},"behavior":"Isolated"}""" },
        { "pre_tokenizer", """{"type":"Split","pattern":{"Regex":"(a*)*"},"behavior":"Isolated"}""" },
        { "pre_tokenizer", """{"type":"Split","pattern":{"Regex":"((a{1000}){1000}){1000}"},"behavior":"Isolated"}""" },
        { "pre_tokenizer", """{"type":"Split","pattern":{"Regex":"[[:]]"},"behavior":"Isolated"}""" },
        { "pre_tokenizer", """{"type":"Split","pattern":{"Regex":"[[:"},"behavior":"Isolated"}""" },
        { "pre_tokenizer", """{"type":"Split","pattern":{"Regex":"a"},"behavior":"Sorted"}""" },
        { "pre_tokenizer", """{"type":"Metaspace","replacement":"ab"}""" },
        { "post_processor", """{"type":"TemplateProcessing","single":[],"special_tokens":{}}""" },
        { "normalizer", """{"type":"Precompiled","precompiled_charsmap":"AAAA"}""" },
        { "normalizer", """{"type":"Precompiled","precompiled_charsmap":"not base64"}""" },
        { "truncation", """{"max_length":0}""" },
        { "padding", """{"pad_id":-1}""" },
        { "model", """{"type":"Neural"}""" },
        { "model", """{"type":"WordPiece","vocab":{"a":1}}""" },
        { "model", """{"type":"BPE","vocab":{"a":1},"merges":["a b"]}""" },
        { "model", """{"type":"BPE","vocab":{"a":-1},"merges":[]}""" },
        { "model", """{"type":"Unigram","vocab":[["a",0]]}""" },
        { "model", """{"type":"Unigram","vocab":[["a","b"]],"unk_id":0}""" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public void Parts_that_are_wrong_or_unknown_are_refused(string name, string part)
    {
        JsonObject file = SampleParts.With(new JsonObject { [name] = JsonNode.Parse(part) });
        Assert.Throws<ModelException>(() => Read(file));
    }

    [Fact]
    public void Tokens_beyond_the_most_are_cut_but_not_the_special_ones()
    {
        Tokenizer tokenizer = TokenizerFile.Read(SampleTokenizer.Bert(tokensMax: 8), "tokenizer.json");
        Assert.Equal(8, tokenizer.TokensMax);
        string all = ForeignTokens.Encode(tokenizer, "a b c d e f g h i j");
        string[] cut = ForeignTokens.Encode(tokenizer, "a b c d e f g h i j", 8).Split(' ');
        Assert.Equal([.. all.Split(' ')[..7], "3"], cut);
        Assert.Equal("2 3", ForeignTokens.Encode(tokenizer, "a b c", 2));
    }

    [Fact]
    public void Truncation_may_drop_the_first_tokens()
    {
        JsonObject file = SampleParts.With(new JsonObject
        {
            ["truncation"] = JsonNode.Parse("""{"max_length":2,"direction":"Left","strategy":"LongestFirst","stride":0}"""),
        });
        Assert.Equal("126 99", ForeignTokens.Encode(Read(file), "abc", 2));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_unknown_signs()
    {
        TokenList tokens = new();
        Read(SampleParts.With([])).Encode([0x61, 0xFF], 100, tokens);
        Assert.Equal([0x61, 0x7E, 0x7E, 0xEF, 0xBF, 0xBD], tokens.Span.ToArray());
    }

    [Fact]
    public void A_pattern_that_would_take_for_ever_is_given_up()
    {
        JsonObject file = SampleParts.With(new JsonObject
        {
            ["pre_tokenizer"] = JsonNode.Parse("""{"type":"Split","pattern":{"Regex":"(a|a)+(a|a)+b"},"behavior":"Isolated"}"""),
        });
        ModelException problem = Assert.Throws<ModelException>(() => ForeignTokens.Encode(Read(file), new string('a', 100)));
        Assert.Equal(ModelFault.RunFailed, problem.Fault);
    }

    [Fact]
    public void A_pattern_that_takes_long_at_every_sign_is_given_up()
    {
        Tokenizer tokenizer = Read(WithPattern("a*a*a*a*b|a"));
        ModelException problem = Assert.Throws<ModelException>(() => ForeignTokens.Encode(tokenizer, new string('a', 240)));
        Assert.Equal(ModelFault.RunFailed, problem.Fault);
    }

    [Fact]
    public void Patterns_are_read_and_run_in_little_stack_and_memory()
    {
        string members = string.Concat(Enumerable.Range(0x3400, 9_000).Select(static point => (char)point));
        Assert.Equal("227 130 128", ForeignTokens.Encode(Read(WithPattern($"[{members}]+")), "\u3080").Replace("~~", "", StringComparison.Ordinal));
        foreach (string pattern in (string[])
            ["a" + string.Concat(Enumerable.Repeat("{1}", 1_000_000)), "a" + new string('+', 1_000_000), new string('a', 1_000_000),
                $"[{string.Concat(Enumerable.Repeat("\u4E00", 1_000_000))}]", string.Concat(Enumerable.Repeat("(?>", 1_000_000))])
            Assert.Equal(ModelFault.FileInvalid, Assert.Throws<ModelException>(() => Read(WithPattern(pattern))).Fault);
    }

    [Theory]
    [InlineData("normalizer", "normalizers", """{"type":"Prepend","prepend":"a"}""")]
    [InlineData("normalizer", "normalizers", """{"type":"Sequence","normalizers":[]}""")]
    [InlineData("pre_tokenizer", "pretokenizers", """{"type":"Digits"}""")]
    [InlineData("post_processor", "processors", """{"type":"RobertaProcessing","cls":["a",1],"sep":["b",2]}""")]
    public void Parts_beyond_number_are_refused(string name, string parts, string part)
    {
        JsonObject With(int count) => SampleParts.With(new JsonObject
        {
            [name] = JsonNode.Parse($"{{\"type\":\"Sequence\",\"{parts}\":[{string.Join(',', Enumerable.Repeat(part, count))}]}}"),
        });
        Read(With(100));
        Assert.Equal(ModelFault.FileInvalid, Assert.Throws<ModelException>(() => Read(With(100_000))).Fault);
    }

    [Fact]
    public void Tokens_without_end_are_refused()
    {
        string token = new('a', 5_000);
        foreach (string part in (string[])
            ["\"model\":{\"type\":\"WordLevel\",\"unk_token\":\"x\",\"vocab\":{\"x\":0,\"" + token + "\":1}}",
                "\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"x\",0],[\"" + token + "\",1]]}",
                "\"added_tokens\":[{\"content\":\"" + token + "\"}]"])
        {
            JsonObject file = SampleParts.With(JsonNode.Parse("{" + part + "}")!.AsObject());
            Assert.Equal(ModelFault.FileInvalid, Assert.Throws<ModelException>(() => Read(file)).Fault);
        }
    }

    [Fact]
    public void A_table_of_replacements_that_swells_texts_is_refused()
    {
        byte[] table = new byte[4 + 1024 + 100_000];
        BitConverter.TryWriteBytes(table, 1024);
        table.AsSpan(1028).Fill((byte)'a');
        JsonObject file = SampleParts.With(new JsonObject
        {
            ["normalizer"] = new JsonObject { ["type"] = "Precompiled", ["precompiled_charsmap"] = Convert.ToBase64String(table) },
        });
        Assert.Equal(ModelFault.FileInvalid, Assert.Throws<ModelException>(() => Read(file)).Fault);
    }

    [Fact]
    public void A_damaged_file_is_refused_or_read_but_never_worse()
    {
        byte[][] files = [Small(SampleTokenizer.Bert()), Small(SampleTokenizer.Llama()), Small(SampleTokenizer.Unigram(true))];
        Random random = new(7);
        int read = 0;
        for (int round = 0; round < 1_500; round++)
        {
            byte[] file = [.. files[round % files.Length]];
            for (int changes = 1 + random.Next(3); changes > 0; changes--)
                Damage(file, random);
            try
            {
                Tokenizer tokenizer = TokenizerFile.Read(file, "tokenizer.json");
                foreach (string probe in Probes)
                    ForeignTokens.Encode(tokenizer, probe, 64);
                read++;
            }
            catch (ModelException)
            {
                // As it should be.
            }
        }
        Assert.InRange(read, 100, 1_400);
    }

    private static void Damage(byte[] file, Random random)
    {
        int at = random.Next(file.Length);
        switch (random.Next(4))
        {
            case 0:
                file[at] = (byte)random.Next(256);
                break;
            case 1:
                file[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2:
                file[at] = (byte)"0129-\"{}[],:e.\\tn"[random.Next(17)];
                break;
            default:
                int length = Math.Min(random.Next(40), file.Length - at), from = random.Next(file.Length - length);
                file.AsSpan(from, length).ToArray().CopyTo(file, at);
                break;
        }
    }

    /// <summary>With a vocabulary so small that changes hit all parts of the file.</summary>
    private static byte[] Small(byte[] tokenizer)
    {
        JsonObject file = JsonNode.Parse(tokenizer)!.AsObject();
        JsonObject model = file["model"]!.AsObject();
        if (model["vocab"] is JsonArray pieces)
        {
            while (pieces.Count > 300)
                pieces.RemoveAt(pieces.Count - 1);
        }
        else if (model["vocab"] is JsonObject tokens)
        {
            foreach (string token in tokens.Where(token => (int)token.Value! > 300).Select(token => token.Key).ToArray())
                tokens.Remove(token);
            if (model["merges"] is JsonArray merges)
            {
                while (merges.Count > 30)
                    merges.RemoveAt(merges.Count - 1);
            }
        }
        return Encoding.UTF8.GetBytes(file.ToJsonString());
    }

    private static JsonObject WithPattern(string pattern) => SampleParts.With(new JsonObject
    {
        ["pre_tokenizer"] = new JsonObject
        {
            ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated",
        },
    });

    private static Tokenizer Read(JsonObject file) =>
        TokenizerFile.Read(Encoding.UTF8.GetBytes(file.ToJsonString()), "tokenizer.json");
}
