using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Text;

/// <summary>A regular expression ready to match. Linear in the text where the pattern allows; bounded in time where
/// it does not.</summary>
/// <remarks>
/// One match cannot be cancelled from outside, so its bound is also how long a cancelled statement may go on: a second
/// where matching may go back, and more where it is linear and only a very long text takes that long.
/// </remarks>
internal sealed class CompiledRegex
{
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(10), BacktrackingTimeMax = TimeSpan.FromSeconds(1);

    private CompiledRegex(Regex regex, RegexFlags flags)
    {
        Regex = regex;
        Flags = flags;
    }

    public Regex Regex { get; }

    public RegexFlags Flags { get; }

    /// <exception cref="SqlException">2201B: the expression is malformed.</exception>
    public static CompiledRegex Make(string pattern, RegexFlags flags)
    {
        (string translated, bool ignoresCase) = RegexTranslator.Translate(pattern, flags);
        RegexOptions options = RegexOptions.CultureInvariant | (ignoresCase ? RegexOptions.IgnoreCase : 0);
        try
        {
            return new CompiledRegex(new Regex(translated, options | RegexOptions.NonBacktracking, TimeMax), flags);
        }
        catch (NotSupportedException)
        {
            // References back and looking around need the other engine.
            return new CompiledRegex(new Regex(translated, options, BacktrackingTimeMax), flags);
        }
        catch (RegexParseException)
        {
            throw RegexTranslator.Error("invalid argument to regex function");
        }
    }

    /// <summary>Whether any part of UTF-8 text matches.</summary>
    public bool IsMatch(ReadOnlySpan<byte> utf8)
    {
        char[] characters = ArrayPool<char>.Shared.Rent(utf8.Length);
        try
        {
            int count = Encoding.UTF8.GetChars(utf8, characters);
            return Regex.IsMatch(characters.AsSpan(0, count));
        }
        catch (RegexMatchTimeoutException)
        {
            throw TooLong();
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters);
        }
    }

    /// <summary>The first match at or after a place, as one that may take too long.</summary>
    public Match Match(string text, int start = 0)
    {
        try
        {
            return Regex.Match(text, start);
        }
        catch (RegexMatchTimeoutException)
        {
            throw TooLong();
        }
    }

    /// <summary>All matches at or after a place, by the way of <see cref="Match.NextMatch"/>: an empty match does not
    /// come again where the last one ended.</summary>
    public IEnumerable<Match> Matches(string text, int start, CancellationToken cancellation)
    {
        for (Match match = Match(text, start); match.Success; match = Next(match))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return match;
        }
    }

    private static Match Next(Match match)
    {
        try
        {
            return match.NextMatch();
        }
        catch (RegexMatchTimeoutException)
        {
            throw TooLong();
        }
    }

    private static SqlException TooLong() =>
        new(SqlState.ProgramLimitExceeded, "regular expression takes too long to match",
        hint: "Avoid back references and look-around, which make matching slow.");
}
