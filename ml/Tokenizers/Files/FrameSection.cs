using System.Text.Json;

namespace VecSQL.Ml.Tokenizers.Files;

/// <summary>Reads what is set around a text's tokens ("post-processor").</summary>
internal static class FrameSection
{
    private const int TokensMax = 1000;

    internal static TokenFrame Read(JsonSection section) => section.Type switch
    {
        "TemplateProcessing" => ReadTemplate(section),
        "BertProcessing" or "RobertaProcessing" =>
            new TokenFrame([(ReadPair(section, "cls"), 0)], 0, [(ReadPair(section, "sep"), 0)]),
        "ByteLevel" => TokenFrame.None, // moves offsets only
        "Sequence" => section.OptionalList("processors").Select(Read)
            .Aggregate(TokenFrame.None, (inner, outer) => Limited(inner.Within(outer))),
        string other => throw new NotSupportedException($"the post-processor {other}"),
    };

    private static TokenFrame ReadTemplate(JsonSection section)
    {
        JsonSection specials = section.Section("special_tokens");
        List<(int, int)> before = [], after = [];
        int typeId = -1;
        foreach (JsonSection item in section.OptionalList("single"))
        {
            if (item.OptionalSection("Sequence") is { } sequence)
            {
                if (typeId >= 0 || sequence.Text("id") != "A")
                    throw new NotSupportedException("a template that has not the text once");
                typeId = sequence.NonNegative("type_id", 0);
                continue;
            }
            JsonSection special = item.Section("SpecialToken");
            foreach (JsonElement id in specials.Section(special.Text("id")).Value("ids", JsonValueKind.Array).EnumerateArray())
                (typeId < 0 ? before : after).Add((IdOf(id), special.NonNegative("type_id", 0)));
        }
        return typeId >= 0 ? Limited(new TokenFrame([.. before], typeId, [.. after]))
            : throw new NotSupportedException("a template that has not the text once");
    }

    private static TokenFrame Limited(TokenFrame frame) => frame.Count <= TokensMax ? frame
        : throw new FormatException($"more than {TokensMax} tokens around a text");

    /// <summary>A list of a token's text and its number.</summary>
    private static int ReadPair(JsonSection section, string name)
    {
        JsonElement pair = section.Value(name, JsonValueKind.Array);
        return pair.GetArrayLength() == 2 ? IdOf(pair[1]) : throw new FormatException($"{name} is no pair");
    }

    private static int IdOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int id) && id >= 0 ? id
            : throw new FormatException("a special token whose id is none");
}
