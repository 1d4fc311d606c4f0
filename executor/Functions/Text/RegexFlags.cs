using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Text;

/// <summary>The options letters of PostgreSQL's regular expressions, as in <c>regexp_replace(…, 'gi')</c>.</summary>
internal readonly record struct RegexFlags
{
    public bool IgnoresCase { get; init; }

    /// <summary>The dot and negated classes do not match a newline.</summary>
    public bool StopsAtNewline { get; init; }

    /// <summary>^ and $ also match at line ends.</summary>
    public bool AnchorsAtLines { get; init; }

    /// <summary>White space and comments in the pattern are left out.</summary>
    public bool IsExpanded { get; init; }

    /// <summary>The pattern is plain text.</summary>
    public bool IsLiteral { get; init; }

    public bool IsGlobal { get; init; }

    public static RegexFlags Parse(ReadOnlySpan<char> letters)
    {
        var flags = new RegexFlags();
        foreach (char letter in letters)
            flags = letter == 'g' ? flags with { IsGlobal = true } : flags.With(letter);
        return flags;
    }

    /// <summary>Adds a letter's option; later letters win.</summary>
    public RegexFlags With(char letter) => letter switch
    {
        'i' => this with { IgnoresCase = true },
        'c' => this with { IgnoresCase = false },
        'm' or 'n' => this with { StopsAtNewline = true, AnchorsAtLines = true },
        'p' => this with { StopsAtNewline = true, AnchorsAtLines = false },
        'w' => this with { StopsAtNewline = false, AnchorsAtLines = true },
        's' => this with { StopsAtNewline = false, AnchorsAtLines = false },
        'x' => this with { IsExpanded = true },
        't' => this with { IsExpanded = false },
        'q' => this with { IsLiteral = true },
        // Extended expressions are advanced ones, but for what a backslash means in a class.
        'e' => this,
        'b' => throw new SqlException(SqlState.FeatureNotSupported, "basic regular expressions are not supported"),
        _ => throw new SqlException(SqlState.InvalidParameterValue, $"invalid regular expression option: \"{letter}\""),
    };
}
