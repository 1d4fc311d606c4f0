using System.Text.Json.Nodes;

namespace VecSQL.Ml.Tests.Tokenizers;

/// <summary>A tokenizer that shows what single parts do.</summary>
internal static class SampleParts
{
    /// <summary>A vocabulary of bytes under which every sign but a piece's first has a mark, so that the tokens show
    /// where pieces begin; and the parts.</summary>
    internal static JsonObject With(JsonObject parts)
    {
        JsonObject vocabulary = [];
        for (int value = 0; value < 256; value++)
            vocabulary[$"<0x{value:X2}>"] = value;
        JsonObject file = new()
        {
            ["version"] = "1.0", ["truncation"] = null, ["padding"] = null, ["added_tokens"] = new JsonArray(),
            ["normalizer"] = null, ["pre_tokenizer"] = null, ["post_processor"] = null, ["decoder"] = null,
            ["model"] = new JsonObject
            {
                ["type"] = "BPE", ["unk_token"] = null, ["continuing_subword_prefix"] = "~~", ["byte_fallback"] = true,
                ["vocab"] = vocabulary, ["merges"] = new JsonArray(),
            },
        };
        foreach ((string name, JsonNode? part) in parts)
            file[name] = part?.DeepClone();
        return file;
    }
}
