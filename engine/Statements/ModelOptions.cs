using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>WITH (…) of a model's version.</summary>
internal static class ModelOptions
{
    private const int DimensionsMax = 16_000, TokensMax = 1 << 20, ThreadsMax = 1024, PrefixMax = 1000;

    /// <summary>The version as the options say; its dimensions are 0 where they say nothing of them.</summary>
    /// <param name="before">The version that says what these do not; null for none.</param>
    internal static ModelVersion Read(int number, string source, ValueList<Option> options, ModelVersion? before)
    {
        ModelVersion version = before is null
            ? new ModelVersion(number) { Dimensions = 0 }
            : before with { Number = number, Dimensions = 0, TokensMax = 0 };
        version = version with { Source = source, TokenizerSource = Beside(source) };
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (Option option in options)
        {
            if (!seen.Add(option.Name))
                throw Invalid($"parameter \"{option.Name}\" specified more than once", option);
            version = With(version, option);
        }
        return version;
    }

    private static ModelVersion With(ModelVersion version, Option option) => option.Name switch
    {
        "dims" => version with { Dimensions = Number(option, 1, DimensionsMax) },
        "max_tokens" => version with { TokensMax = Number(option, 1, TokensMax) },
        "pooling" => version with { Pooling = Word(option, "mean", "cls", "last") },
        "normalize" => version with { IsNormalized = Truth(option) },
        "tokenizer" => version with { TokenizerSource = Text(option) },
        "query_prefix" => version with { QueryPrefix = Prefix(option) },
        "document_prefix" => version with { DocumentPrefix = Prefix(option) },
        "output" => version with { OutputName = Text(option) },
        "device" => version with { Device = Word(option, "auto", "cpu", "cuda") },
        "threads" => version with { Threads = Number(option, 0, ThreadsMax) },
        _ => throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized parameter \"{option.Name}\"", option.Position,
            "Parameters are dims, max_tokens, pooling, normalize, tokenizer, query_prefix, document_prefix, output, device and threads."),
    };

    /// <summary>The tokenizer's file, where nothing else is said: tokenizer.json in the model's directory.</summary>
    private static string Beside(string source)
    {
        int end = source.LastIndexOf('/') is >= 0 and var slash ? slash : source.IndexOf(':');
        return source[..(end + 1)] + "tokenizer.json";
    }

    private static string Text(Option option) => Definitions.OptionText(option.Value) is { Length: > 0 } text
        ? text
        : throw Invalid($"parameter \"{option.Name}\" needs a value", option);

    private static string Prefix(Option option)
    {
        string text = Definitions.OptionText(option.Value) ?? "";
        return text.Length <= PrefixMax ? text : throw Invalid($"parameter \"{option.Name}\" is longer than {PrefixMax} characters", option);
    }

    private static int Number(Option option, int min, int max)
    {
        string text = Definitions.OptionText(option.Value) ?? "";
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
            throw Invalid($"invalid value for integer parameter \"{option.Name}\": {text}", option);
        return number >= min && number <= max ? number
            : throw Invalid($"value {text} out of bounds for parameter \"{option.Name}\"", option, $"Valid values are between {min} and {max}.");
    }

    private static bool Truth(Option option) => Definitions.OptionText(option.Value)?.ToLowerInvariant() switch
    {
        null or "true" or "on" or "yes" or "1" => true,
        "false" or "off" or "no" or "0" => false,
        var text => throw Invalid($"invalid value for boolean parameter \"{option.Name}\": {text}", option),
    };

    private static string Word(Option option, params ReadOnlySpan<string> words)
    {
        string text = Text(option).ToLowerInvariant();
        foreach (string word in words)
        {
            if (text == word)
                return word;
        }
        throw Invalid($"invalid value for parameter \"{option.Name}\": \"{text}\"", option,
            $"Valid values are {string.Join(", ", words.ToArray().Select(static word => $"\"{word}\""))}.");
    }

    private static SqlException Invalid(string message, Option option, string? hint = null) =>
        new(SqlState.InvalidParameterValue, message, option.Position, hint);
}
