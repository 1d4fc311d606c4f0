using System.Text.Json;
using VecSQL.Ml.Tokenizers.Vocabularies;

namespace VecSQL.Ml.Tokenizers.Files;

/// <summary>Reads a vocabulary ("model").</summary>
internal static class VocabularySection
{
    internal static Vocabulary Read(JsonSection section) => TypeOf(section) switch
    {
        "WordPiece" => ReadWordPiece(section),
        "WordLevel" => ReadWordLevel(section),
        "BPE" => ReadBpe(section),
        "Unigram" => ReadUnigram(section),
        string other => throw new NotSupportedException($"the model {other}"),
    };

    /// <summary>Old files leave the type out; then it shows by what else is there.</summary>
    private static string TypeOf(JsonSection section)
    {
        if (section.OptionalText("type") is { } type)
            return type;
        JsonElement element = section.Element;
        return element.TryGetProperty("merges", out _) ? "BPE"
            : element.TryGetProperty("continuing_subword_prefix", out _) ? "WordPiece"
            : element.TryGetProperty("unk_id", out _) ? "Unigram"
            : "WordLevel";
    }

    private static WordPieceVocabulary ReadWordPiece(JsonSection section)
    {
        TokenTable tokens = ReadTokens(section);
        return new WordPieceVocabulary(tokens, UnknownOf(tokens, section.OptionalText("unk_token") ?? "[UNK]"),
            section.OptionalText("continuing_subword_prefix") ?? "##", section.Int("max_input_chars_per_word", 100));
    }

    private static WordLevelVocabulary ReadWordLevel(JsonSection section)
    {
        TokenTable tokens = ReadTokens(section);
        return new WordLevelVocabulary(tokens, UnknownOf(tokens, section.OptionalText("unk_token") ?? "<unk>"));
    }

    private static BpeVocabulary ReadBpe(JsonSection section)
    {
        TokenTable tokens = ReadTokens(section);
        string prefix = section.OptionalText("continuing_subword_prefix") ?? "";
        JsonElement list = section.Value("merges", JsonValueKind.Array);
        MergeTable merges = new(list.GetArrayLength());
        int rank = 0;
        foreach (JsonElement merge in list.EnumerateArray())
        {
            (string left, string right) = ReadMerge(merge);
            if (right.Length < prefix.Length)
                throw new FormatException($"the merge of \"{left}\" and \"{right}\", which has no \"{prefix}\"");
            merges.Add(IdOf(tokens, left), IdOf(tokens, right), rank++, IdOf(tokens, left + right[prefix.Length..]));
        }
        BpeOptions options = new(
            section.OptionalText("unk_token") is { } unknown ? UnknownOf(tokens, unknown) : -1,
            prefix,
            section.OptionalText("end_of_word_suffix") ?? "",
            section.Flag("fuse_unk", false),
            section.Flag("byte_fallback", false),
            section.Flag("ignore_merges", false));
        return new BpeVocabulary(tokens, merges, options);
    }

    private static (string Left, string Right) ReadMerge(JsonElement merge)
    {
        string[] parts = merge.ValueKind switch
        {
            JsonValueKind.String => JsonSection.TextOf(merge).Split(' '),
            JsonValueKind.Array => [.. merge.EnumerateArray().Select(part => part.ValueKind == JsonValueKind.String
                ? JsonSection.TextOf(part) : throw new FormatException("a merge of what are no texts"))],
            _ => [],
        };
        return parts is [string left, string right] ? (left, right) : throw new FormatException("a merge that is no pair");
    }

    private static UnigramVocabulary ReadUnigram(JsonSection section)
    {
        JsonElement list = section.Value("vocab", JsonValueKind.Array);
        List<(string Token, double Score)> pieces = new(list.GetArrayLength());
        Dictionary<string, int> ids = new(list.GetArrayLength());
        foreach (JsonElement piece in list.EnumerateArray())
        {
            if (piece.ValueKind != JsonValueKind.Array || piece.GetArrayLength() != 2
                || piece[0].ValueKind != JsonValueKind.String || piece[1].ValueKind != JsonValueKind.Number)
                throw new FormatException("an entry of the vocabulary that is no pair of a text and a score");
            string token = JsonSection.TextOf(piece[0]);
            double score = piece[1].GetDouble();
            ids[token] = pieces.Count;
            pieces.Add((token, double.IsFinite(score) ? score : throw new FormatException("a score that is no number")));
        }
        int unknown = section.Int("unk_id", -1);
        if (unknown < 0 || unknown >= pieces.Count)
            throw new FormatException("the vocabulary has no unknown token");
        return new UnigramVocabulary(new TokenTable(ids), pieces, unknown, section.Flag("byte_fallback", false));
    }

    private static TokenTable ReadTokens(JsonSection section)
    {
        Dictionary<string, int> ids = [];
        foreach (JsonProperty entry in section.Value("vocab", JsonValueKind.Object).EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out int id) || id < 0)
                throw new FormatException("a token whose id is none");
            ids[NameOf(entry)] = id;
        }
        return new TokenTable(ids);
    }

    private static string NameOf(JsonProperty entry)
    {
        try
        {
            return entry.Name;
        }
        catch (InvalidOperationException problem)
        {
            throw new FormatException("a token with half of a code point", problem);
        }
    }

    private static int UnknownOf(TokenTable tokens, string unknown) => tokens.TryFind(unknown, out int id) ? id
        : throw new FormatException($"the unknown token \"{unknown}\" is not in the vocabulary");

    private static int IdOf(TokenTable tokens, string token) => tokens.TryFind(token, out int id) ? id
        : throw new FormatException($"a merge names \"{token}\", which is not in the vocabulary");
}
