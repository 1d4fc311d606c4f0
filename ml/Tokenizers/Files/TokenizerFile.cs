using System.Collections.Immutable;
using System.Text.Json;
using VecSQL.Ml.Models;
using VecSQL.Ml.Tokenizers.Normalizers;
using VecSQL.Ml.Tokenizers.Splitters;
using VecSQL.Ml.Tokenizers.Vocabularies;

namespace VecSQL.Ml.Tokenizers.Files;

/// <summary>Reads a <c>tokenizer.json</c> of Hugging Face's library, version 1.0.</summary>
/// <remarks>
/// The file comes from outside: whatever is in it, reading ends with a tokenizer or a <see cref="ModelException"/>. A
/// part that is not supported is refused by its name, rather than left out.
/// Left out is what does not change the tokens of one text: the decoder, padding (batches are padded here, under a mask)
/// and dropout (which is for training).
/// </remarks>
internal static class TokenizerFile
{
    private const int TextTokensMax = 1 << 20; // of one text: what a statement may ask for, too
    private const int PassesMax = 100;

    /// <exception cref="ModelException">It is no tokenizer, or asks for what is not supported.</exception>
    internal static Tokenizer Read(ReadOnlyMemory<byte> json, string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(WithoutMark(json));
            return new Tokenizer(Read(document.RootElement));
        }
        catch (JsonException problem)
        {
            throw new ModelException(ModelFault.FileInvalid, $"\"{file}\" is no JSON: {problem.Message}", file, inner: problem);
        }
        catch (FormatException problem)
        {
            throw new ModelException(
                ModelFault.FileInvalid, $"\"{file}\" is no tokenizer: {problem.Message}", file, inner: problem);
        }
        catch (NotSupportedException problem)
        {
            throw new ModelException(ModelFault.Unsupported,
                $"the tokenizer \"{file}\" has what is not supported: {problem.Message}", file, inner: problem);
        }
    }

    private static TokenizerParts Read(JsonElement root)
    {
        JsonSection file = new(root, "the file");
        Vocabulary vocabulary = VocabularySection.Read(file.Section("model"));
        Normalizer? normalizer = file.OptionalSection("normalizer") is { } normalizing
            ? NormalizerSection.Read(normalizing) : null;
        ImmutableArray<AddedToken> added = ReadAddedTokens(file, vocabulary.Tokens);
        Splitter? splitter = file.OptionalSection("pre_tokenizer") is { } splitting ? SplitterSection.Read(splitting) : null;
        if (normalizer?.PassCount > PassesMax || splitter?.PassCount > PassesMax)
            throw new FormatException($"more than {PassesMax} parts one after another");
        (int tokensMax, bool cutsAtStart) = ReadTruncation(file);
        return new TokenizerParts(
            added,
            normalizer,
            splitter,
            vocabulary,
            file.OptionalSection("post_processor") is { } framing ? FrameSection.Read(framing) : TokenFrame.None,
            tokensMax,
            cutsAtStart,
            file.OptionalSection("padding")?.NonNegative("pad_id", 0) ?? PaddingOf(added, vocabulary.Tokens));
    }

    /// <summary>A token that the vocabulary has keeps its number there; others get the next ones that are free, in
    /// order, whatever the list says. So the library does.</summary>
    private static ImmutableArray<AddedToken> ReadAddedTokens(JsonSection file, TokenTable tokens)
    {
        Dictionary<string, AddedToken> added = [];
        int next = tokens.Count;
        foreach (JsonSection entry in file.OptionalList("added_tokens"))
        {
            string content = entry.Text("content");
            if (content.Length == 0)
                continue;
            int id = tokens.TryFind(content, out int known) ? known
                : added.TryGetValue(content, out AddedToken? before) ? before.Id : next;
            next = Math.Max(next, id + 1);
            added[content] = new AddedToken(content, id, entry.Flag("single_word", false), entry.Flag("lstrip", false),
                entry.Flag("rstrip", false), entry.Flag("normalized", !entry.Flag("special", false)));
        }
        return [.. added.Values];
    }

    private static (int TokensMax, bool CutsAtStart) ReadTruncation(JsonSection file)
    {
        if (file.OptionalSection("truncation") is not { } truncation)
            return (0, false);
        int most = truncation.Int("max_length", 0);
        if (most <= 0)
            throw new FormatException("truncation has no max_length");
        return (Math.Min(most, TextTokensMax), truncation.OptionalText("direction") switch
        {
            null or "Right" => false,
            "Left" => true,
            string other => throw new NotSupportedException($"the truncation direction {other}"),
        });
    }

    private static int PaddingOf(ImmutableArray<AddedToken> added, TokenTable tokens)
    {
        foreach (string name in (ReadOnlySpan<string>)["[PAD]", "<pad>", "<|endoftext|>"])
        {
            if (tokens.TryFind(name, out int id))
                return id;
            if (added.FirstOrDefault(token => token.Content == name) is { } token)
                return token.Id;
        }
        return 0;
    }

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> json) =>
        json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
}
