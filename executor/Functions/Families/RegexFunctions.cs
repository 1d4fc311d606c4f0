using System.Text;
using System.Text.RegularExpressions;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions.Text;

namespace VecSQL.Executor.Functions.Families;

/// <summary>Regular expressions: the ~ operators, regexp_replace, regexp_count and their kind.</summary>
internal static class RegexFunctions
{
    public static void Define(FunctionTable table)
    {
        foreach (string type in (string[])["text", "name"])
        {
            Operator(table, type + "regexeq", isNegated: false, ignoresCase: false);
            Operator(table, type + "regexne", isNegated: true, ignoresCase: false);
            Operator(table, type + "icregexeq", isNegated: false, ignoresCase: true);
            Operator(table, type + "icregexne", isNegated: true, ignoresCase: true);
        }
        DefineReplace(table);
        DefineCounts(table);
        DefineSubstrings(table);
    }

    /// <summary>The options argument; g is refused where it has no meaning.</summary>
    public static string Options(in Row row, int argument, string function)
    {
        string options = argument < row.Count ? row.Text(argument) : "";
        if (!options.Contains('g'))
            return options;
        throw new SqlException(SqlState.InvalidParameterValue, $"{function} does not support the \"global\" option");
    }

    private static void Operator(FunctionTable table, string name, bool isNegated, bool ignoresCase) =>
        table.Site(name, _ =>
    {
        var cache = new RegexCache(new RegexFlags { IgnoresCase = ignoresCase });
        return RowFunctions.Bool((in Row row) => cache.Get(row.Bytes(1)).IsMatch(row.Bytes(0)) != isNegated);
    });

    private static void DefineReplace(FunctionTable table)
    {
        Define("textregexreplace_noopt", -1, -1, -1);
        Define("textregexreplace", -1, -1, 3);
        Define("textregexreplace_extended", 3, 4, 5);
        Define("textregexreplace_extended_no_flags", 3, 4, -1);
        Define("textregexreplace_extended_no_n", 3, -1, -1);

        void Define(string name, int start, int occurrence, int options) => table.Site(name, _ =>
        {
            var cache = new RegexCache();
            return RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            {
                string letters = options < 0 ? "" : row.Text(options);
                if (options == 3 && letters.Length > 0 && char.IsAsciiDigit(letters[0]))
                {
                    throw new SqlException(SqlState.InvalidParameterValue,
                        $"invalid regular expression option: \"{letters[0]}\"",
                        hint: "If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly.");
                }
                CompiledRegex regex = cache.Get(row.Bytes(1), letters);
                int n = occurrence >= 0 ? Positive(row.Int4(occurrence), "n", orZero: true) : regex.Flags.IsGlobal ? 0
                    : 1;
                int from = start < 0 ? 1 : Positive(row.Int4(start), "start");
                target.Append(Replace(row.Text(0), regex, row.Text(2), from, n, row.Context.Cancellation));
            });
        });
    }

    private static void DefineCounts(FunctionTable table)
    {
        Define("regexp_count_no_start", -1, -1);
        Define("regexp_count_no_flags", 2, -1);
        Define("regexp_count", 2, 3);
        Like("regexp_like_no_flags");
        Like("regexp_like");

        void Define(string name, int start, int options) => table.Site(name, _ =>
        {
            var cache = new RegexCache();
            return RowFunctions.Fixed((in Row row) =>
            {
                int from = start < 0 ? 1 : Positive(row.Int4(start), "start");
                CompiledRegex regex = cache.Get(row.Bytes(1), options < 0 ? ""
                    : Options(in row, options, "regexp_count()"));
                return Matches(row.Text(0), regex, from, row.Context.Cancellation).Count();
            });
        });

        void Like(string name) => table.Site(name, _ =>
        {
            var cache = new RegexCache();
            return RowFunctions.Bool((in Row row) =>
                cache.Get(row.Bytes(1), Options(in row, 2, "regexp_like()")).IsMatch(row.Bytes(0)));
        });
    }

    private static void DefineSubstrings(FunctionTable table)
    {
        table.Site("textregexsubstr", static _ =>
        {
            var cache = new RegexCache();
            return RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            {
                // The first parenthesised part where there is one, else the whole match.
                Match match = cache.Get(row.Bytes(1)).Match(row.Text(0));
                Append(match.Groups.Count > 1 ? match.Groups[1] : match, target);
            });
        });
        table.Site("sql_substring", static _ =>
        {
            var cache = new LastUsed<CompiledRegex>(static key =>
            {
                string[] parts = Encoding.UTF8.GetString(key).Split('\0');
                return CompiledRegex.Make(SimilarPattern.ToRegex(parts[0], parts[1]), default);
            });
            return RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
            {
                Match match = cache.Get([.. row.Bytes(1), 0, .. row.Bytes(2)]).Match(row.Text(0));
                Append(match.Groups.Count > 1 ? match.Groups[1] : match, target);
            });
        });
        foreach (string name in (string[])["no_start", "no_n", "no_flags", "no_subexpr", ""])
            table.Site(name.Length == 0 ? "regexp_substr" : "regexp_substr_" + name, static _ =>
                Substring(new RegexCache()));
        foreach (string name in (string[])["no_start", "no_n", "no_endoption", "no_flags", "no_subexpr", ""])
            table.Site(name.Length == 0 ? "regexp_instr" : "regexp_instr_" + name, static _ =>
                Position(new RegexCache()));
    }

    private static VectorFunction Substring(RegexCache cache) =>
        RowFunctions.Binary((in Row row, BinaryColumnBuilder target) =>
    {
        int start = row.Count > 2 ? Positive(row.Int4(2), "start") : 1, n = row.Count > 3 ? Positive(row.Int4(3), "n")
            : 1;
        int part = row.Count > 5 ? NotNegative(row.Int4(5), "subexpr") : 0;
        CompiledRegex regex = cache.Get(row.Bytes(1), Options(in row, 4, "regexp_substr()"));
        Match? match = Matches(row.Text(0), regex, start, row.Context.Cancellation).Skip(n - 1)
            .FirstOrDefault();
        if (match is null || Part(match, part) is not { } group)
            target.AppendNull();
        else
            Append(group, target);
    });

    /// <summary>A part of what matched; the first is all of it where the expression has no parts. Null where there is none.</summary>
    private static Group? Part(Match match, int part) => match.Groups.Count == 1 && part == 1 ? match
        : part < match.Groups.Count ? match.Groups[part]
        : null;

    private static VectorFunction Position(RegexCache cache) => RowFunctions.Fixed((in Row row) =>
    {
        int start = row.Count > 2 ? Positive(row.Int4(2), "start") : 1, n = row.Count > 3 ? Positive(row.Int4(3), "n")
            : 1;
        int end = row.Count > 4 ? row.Int4(4) : 0;
        if (end is not (0 or 1))
            throw InvalidParameter("endoption", end);
        int part = row.Count > 6 ? NotNegative(row.Int4(6), "subexpr") : 0;
        CompiledRegex regex = cache.Get(row.Bytes(1), Options(in row, 5, "regexp_instr()"));
        string text = row.Text(0);
        Match? match = Matches(text, regex, start, row.Context.Cancellation).Skip(n - 1).FirstOrDefault();
        if (match is null || Part(match, part) is not { Success: true } group)
            return 0;
        return text[..(group.Index + (end == 1 ? group.Length : 0))].EnumerateRunes().Count() + 1;
    });

    /// <summary>The matches from a character position on, counted from 1.</summary>
    private static IEnumerable<Match> Matches(
        string text, CompiledRegex regex, int start, CancellationToken cancellation)
    {
        int at = CharIndex(text, start - 1);
        return at < 0 ? [] : regex.Matches(text, at, cancellation);
    }

    private static string Replace(string text, CompiledRegex regex, string replacement, int start, int occurrence,
        CancellationToken cancellation)
    {
        var result = new StringBuilder();
        int copied = 0, seen = 0;
        foreach (Match match in Matches(text, regex, start, cancellation))
        {
            seen++;
            if (occurrence > 0 && seen < occurrence)
                continue;
            result.Append(text, copied, match.Index - copied);
            AppendReplacement(result, match, replacement);
            copied = match.Index + match.Length;
            if (occurrence > 0)
                break;
        }
        return seen == 0 ? text : result.Append(text, copied, text.Length - copied).ToString();
    }

    /// <summary>\1 to \9 are parts of the match, \&amp; all of it, \\ a backslash.</summary>
    private static void AppendReplacement(StringBuilder result, Match match, string replacement)
    {
        for (int i = 0; i < replacement.Length; i++)
        {
            char next = i + 1 < replacement.Length ? replacement[i + 1] : '\0';
            if (replacement[i] != '\\' || next == '\0')
            {
                result.Append(replacement[i]);
                continue;
            }
            if (next == '&')
                result.Append(match.Value);
            else if (next is >= '1' and <= '9')
                result.Append(match.Groups[next - '0'].Value);
            else if (next == '\\')
                result.Append('\\');
            else
                result.Append('\\').Append(next);
            i++;
        }
    }

    private static void Append(Group group, BinaryColumnBuilder target)
    {
        if (group.Success)
            target.Append(group.ValueSpan);
        else
            target.AppendNull();
    }

    private static int CharIndex(string text, int characters)
    {
        int at = 0;
        for (; characters > 0; characters--)
        {
            if (at >= text.Length)
                return -1;
            at += char.IsHighSurrogate(text[at]) ? 2 : 1;
        }
        return at;
    }

    private static int Positive(int value, string name, bool orZero = false) =>
        value > 0 || (orZero && value == 0) ? value : throw InvalidParameter(name, value);

    private static int NotNegative(int value, string name) => value >= 0 ? value : throw InvalidParameter(name, value);

    private static SqlException InvalidParameter(string name, int value) =>
        new(SqlState.InvalidParameterValue, $"invalid value for parameter \"{name}\": {value}");
}
