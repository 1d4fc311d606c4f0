using System.Globalization;
using VecSQL.Core.Errors;

namespace VecSQL.Text.Configurations;

/// <summary>How ts_headline cuts and marks.</summary>
public sealed record HeadlineOptions
{
    public static readonly HeadlineOptions Default = new();

    public int MaxWords { get; init; } = 35;

    public int MinWords { get; init; } = 15;

    /// <summary>A headline does not end with words of so many bytes or less.</summary>
    public int ShortWord { get; init; } = 3;

    /// <summary>0 for one headline, else passages around what was found.</summary>
    public int MaxFragments { get; init; }

    /// <summary>The whole text, marked.</summary>
    public bool HighlightAll { get; init; }

    public string StartSel { get; init; } = "<b>";

    public string StopSel { get; init; } = "</b>";

    public string FragmentDelimiter { get; init; } = " ... ";

    /// <summary>Reads <c>MaxWords=10, StartSel="&lt;i&gt;"</c>.</summary>
    /// <exception cref="SqlException">42601, 22023, 22P02: it is none.</exception>
    public static HeadlineOptions Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        HeadlineOptions options = Default;
        for (int at = SkipSeparators(text, 0); at < text.Length; at = SkipSeparators(text, at))
        {
            string name = ReadName(text, ref at), value = ReadValue(text, ref at);
            options = options.With(name, value);
        }
        if (options.HighlightAll)
            return options;
        string? wrong = options switch
        {
            _ when options.MinWords >= options.MaxWords => "MinWords should be less than MaxWords",
            { MinWords: <= 0 } => "MinWords should be positive",
            { ShortWord: < 0 } => "ShortWord should be >= 0",
            { MaxFragments: < 0 } => "MaxFragments should be >= 0",
            _ => null,
        };
        return wrong is null ? options : throw new SqlException(SqlState.InvalidParameterValue, wrong);
    }

    private HeadlineOptions With(string name, string value) => name.ToLowerInvariant() switch
    {
        "maxwords" => this with { MaxWords = Number(value) },
        "minwords" => this with { MinWords = Number(value) },
        "shortword" => this with { ShortWord = Number(value) },
        "maxfragments" => this with { MaxFragments = Number(value) },
        "startsel" => this with { StartSel = value },
        "stopsel" => this with { StopSel = value },
        "fragmentdelimiter" => this with { FragmentDelimiter = value },
        "highlightall" => this with { HighlightAll = value.ToLowerInvariant() is "1" or "on" or "true" or "t" or "y" or "yes" },
        _ => throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized headline parameter: \"{name}\""),
    };

    private static int Number(string value) => int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int number)
        ? number : throw new SqlException(SqlState.InvalidTextRepresentation, $"invalid input syntax for type integer: \"{value}\"");

    private static int SkipSeparators(string text, int at)
    {
        while (at < text.Length && (text[at] == ',' || char.IsWhiteSpace(text[at])))
            at++;
        return at;
    }

    private static string ReadName(string text, ref int at)
    {
        string name;
        if (text[at] == '"')
        {
            name = ReadQuoted(text, ref at);
        }
        else
        {
            int start = at;
            while (at < text.Length && text[at] != '=' && !char.IsWhiteSpace(text[at]))
                at++;
            name = text[start..at];
        }
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        if (at == text.Length || text[at] != '=')
            throw Malformed(text);
        at++;
        return name;
    }

    private static string ReadValue(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
        if (at == text.Length)
            throw Malformed(text);
        if (text[at] is '"' or '\'')
            return ReadQuoted(text, ref at);
        int start = at;
        while (at < text.Length && text[at] != ',' && !char.IsWhiteSpace(text[at]))
            at++;
        return text[start..at];
    }

    // A doubled quote stands for one.
    private static string ReadQuoted(string text, ref int at)
    {
        char quote = text[at];
        int start = ++at;
        while (true)
        {
            int end = text.IndexOf(quote, at);
            if (end < 0)
                throw Malformed(text);
            at = end + 1;
            if (at == text.Length || text[at] != quote)
                return text[start..end].Replace(new string(quote, 2), quote.ToString(), StringComparison.Ordinal);
            at++;
        }
    }

    private static SqlException Malformed(string text) => new(SqlState.SyntaxError, $"invalid parameter list format: \"{text}\"");
}
