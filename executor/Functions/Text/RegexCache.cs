using System.Text;

namespace VecSQL.Executor.Functions.Text;

/// <summary>A call site's regular expression: compiled when pattern or options change, which for constants is
/// once.</summary>
internal sealed class RegexCache(RegexFlags defaults = default)
{
    private Entry? _last;

    private sealed record Entry(byte[] Pattern, string Options, CompiledRegex Regex);

    public CompiledRegex Get(ReadOnlySpan<byte> pattern, string options = "")
    {
        Entry? last = _last;
        if (last is not null && last.Options == options && pattern.SequenceEqual(last.Pattern))
            return last.Regex;
        RegexFlags flags = defaults;
        foreach (char letter in options)
            flags = letter == 'g' ? flags with { IsGlobal = true } : flags.With(letter);
        last = new Entry(pattern.ToArray(), options, CompiledRegex.Make(Encoding.UTF8.GetString(pattern), flags));
        _last = last;
        return last.Regex;
    }
}
