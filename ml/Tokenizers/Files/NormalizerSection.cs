using VecSQL.Ml.Tokenizers.Normalizers;
using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers.Files;

/// <summary>Reads a normaliser.</summary>
internal static class NormalizerSection
{
    internal static Normalizer Read(JsonSection section) => section.Type switch
    {
        "BertNormalizer" => ReadBert(section),
        "NFC" => new UnicodeNormalizer(isCompatible: false, composes: true),
        "NFD" => new UnicodeNormalizer(isCompatible: false, composes: false),
        "NFKC" => new UnicodeNormalizer(isCompatible: true, composes: true),
        "NFKD" => new UnicodeNormalizer(isCompatible: true, composes: false),
        "Lowercase" => new LowercaseNormalizer(),
        "Strip" => new StripNormalizer(section.Flag("strip_left", true), section.Flag("strip_right", true)),
        "StripAccents" => new DropNormalizer(CodePointKinds.Mark),
        "Replace" => new ReplaceNormalizer(PatternSection.Read(section.Section("pattern")), section.Text("content")),
        "Prepend" => new PrependNormalizer(section.Text("prepend")),
        "Nmt" => new NmtNormalizer(),
        "ByteLevel" => new ByteLevelNormalizer(),
        "Precompiled" => ReadPrecompiled(section),
        "Sequence" => new NormalizerChain([.. section.OptionalList("normalizers").Select(Read)]),
        string other => throw new NotSupportedException($"the normalizer {other}"),
    };

    private static BertNormalizer ReadBert(JsonSection section)
    {
        bool lowers = section.Flag("lowercase", true);
        return new BertNormalizer(section.Flag("clean_text", true), section.Flag("handle_chinese_chars", true),
            section.Flag("strip_accents", lowers), lowers);
    }

    /// <summary>The library takes an empty table for none.</summary>
    private static Normalizer ReadPrecompiled(JsonSection section) =>
        section.OptionalText("precompiled_charsmap") is { Length: > 0 } text
            ? new PrecompiledNormalizer(Convert.FromBase64String(text))
            : new NormalizerChain([]);
}
