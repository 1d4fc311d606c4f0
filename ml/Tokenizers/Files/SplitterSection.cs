using VecSQL.Ml.Tokenizers.Patterns;
using VecSQL.Ml.Tokenizers.Splitters;
using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers.Files;

/// <summary>Reads what cuts a text ("pre-tokenizer").</summary>
internal static class SplitterSection
{
    internal static Splitter Read(JsonSection section) => section.Type switch
    {
        "BertPreTokenizer" => new KindSplitter(CodePointKinds.Space, CodePointKinds.Punctuation),
        "ByteLevel" => new ByteLevelSplitter(section.Flag("add_prefix_space", true), section.Flag("use_regex", true)),
        "Whitespace" => new WhitespaceWordSplitter(),
        "WhitespaceSplit" => new KindSplitter(CodePointKinds.Space, 0),
        "Metaspace" => ReadMetaspace(section),
        "Split" => ReadSplit(section),
        "Punctuation" => ReadPunctuation(section),
        "Digits" => section.Flag("individual_digits", false)
            ? new KindSplitter(0, CodePointKinds.Digit) : new KindSplitter(0, 0, CodePointKinds.Digit),
        "CharDelimiterSplit" =>
            new PatternSplitter(new LiteralPattern(section.Text("delimiter")), SplitBehavior.Removed, isInverted: false),
        "FixedLength" => section.Int("length", 5) is > 0 and int length
            ? new FixedLengthSplitter(length) : throw new FormatException("a FixedLength that is not positive"),
        "Sequence" => ReadSequence(section),
        string other => throw new NotSupportedException($"the pre-tokenizer {other}"),
    };

    private static Splitter ReadSequence(JsonSection section)
    {
        Splitter[] parts = [.. section.OptionalList("pretokenizers").Select(Read)];
        return parts.Length == 1 ? parts[0] : new SplitterChain([.. parts]);
    }

    private static MetaspaceSplitter ReadMetaspace(JsonSection section)
    {
        string mark = section.OptionalText("replacement") ?? "\u2581";
        if (mark.Length == 0 || CodePointLength(mark) != mark.Length)
            throw new FormatException("a Metaspace whose replacement is not one sign");
        bool addsBlank = section.Flag("add_prefix_space", true); // of files from before there was a scheme
        string scheme = section.OptionalText("prepend_scheme") ?? (addsBlank ? "always" : "never");
        return scheme is "always" or "never" or "first"
            ? new MetaspaceSplitter(mark, scheme != "never", scheme == "first", section.Flag("split", true))
            : throw new NotSupportedException($"the prepend_scheme {scheme}");
    }

    private static Splitter ReadSplit(JsonSection section)
    {
        JsonSection pattern = section.Section("pattern");
        SplitBehavior behavior = BehaviorOf(section.Text("behavior"));
        bool isInverted = section.Flag("invert", false);
        // These patterns leave nothing between matches, so that pieces are the matches either way.
        bool keepsMatches = isInverted ? behavior == SplitBehavior.Removed : behavior == SplitBehavior.Isolated;
        if (keepsMatches && pattern.OptionalText("Regex") is { } expression && WordScanner.For(expression) is { } scanner)
            return new WordSplitter(scanner);
        return new PatternSplitter(PatternSection.Read(pattern), behavior, isInverted);
    }

    private static Splitter ReadPunctuation(JsonSection section)
    {
        SplitBehavior behavior = BehaviorOf(section.OptionalText("behavior") ?? "Isolated");
        return behavior == SplitBehavior.Isolated ? new KindSplitter(0, CodePointKinds.Punctuation)
            : new PatternSplitter(new SetPattern(CodePointKinds.Punctuation), behavior, isInverted: false);
    }

    private static SplitBehavior BehaviorOf(string name) => name switch
    {
        "Removed" => SplitBehavior.Removed,
        "Isolated" => SplitBehavior.Isolated,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        _ => throw new NotSupportedException($"the split behavior {name}"),
    };

    private static int CodePointLength(string text)
    {
        CodePoints.At(text, 0, out int length);
        return length;
    }
}
