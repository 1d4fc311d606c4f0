using VecSQL.Ml.Tokenizers.Patterns;

namespace VecSQL.Ml.Tokenizers.Files;

/// <summary>Reads a pattern: <c>{"String": …}</c> or <c>{"Regex": …}</c>.</summary>
internal static class PatternSection
{
    internal static Pattern Read(JsonSection section) =>
        section.OptionalText("String") is { } literal ? new LiteralPattern(literal)
        : RegexCompiler.Compile(section.Text("Regex"));
}
