using System.Text.RegularExpressions;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Text;

/// <summary>Text in parts: by a separator or a regular expression.</summary>
internal static class TextSplitting
{
    /// <summary>string_to_array's parts of argument 0: a null separator gives characters; parts equal to argument 2
    /// are null.</summary>
    public static List<string?> BySeparator(in Row row)
    {
        string text = row.Text(0);
        string? nullText = row.Count > 2 && !row.IsNull(2) ? row.Text(2) : null;
        if (text.Length == 0)
            return [];
        IEnumerable<string> parts = row.IsNull(1)
            ? text.EnumerateRunes().Select(static rune => rune.ToString())
            : row.Bytes(1).Length == 0 ? [text] : text.Split(row.Text(1));
        return [.. parts.Select(part => part == nullText ? null : part)];
    }

    /// <summary>The text between the matches; an empty match at an end or right after another match parts
    /// nothing.</summary>
    public static List<string?> ByRegex(in Row row, RegexCache cache, string function)
    {
        string options = row.Count > 2 ? row.Text(2) : "";
        if (options.Contains('g'))
        {
            throw new SqlException(SqlState.InvalidParameterValue,
                $"{function} does not support the \"global\" option");
        }
        CompiledRegex regex = cache.Get(row.Bytes(1), options);
        string text = row.Text(0);
        var parts = new List<string?>();
        int start = 0;
        foreach (Match match in regex.Matches(text, 0, row.Context.Cancellation))
        {
            if (match.Length == 0 && (match.Index == text.Length || match.Index == start))
                continue;
            parts.Add(text[start..match.Index]);
            start = match.Index + match.Length;
        }
        parts.Add(text[start..]);
        return parts;
    }

    /// <summary>What regexp_match gives: the parenthesised parts, or the whole match where there are none.</summary>
    public static IEnumerable<string?> PartsOf(Match match) => match.Groups.Count == 1
        ? [match.Value]
        : match.Groups.Values.Skip(1).Select(static group => group.Success ? group.Value : null);
}
