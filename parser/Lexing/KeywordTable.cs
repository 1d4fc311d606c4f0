using System.Collections.Frozen;
using System.Text;

namespace VecSQL.Parser.Lexing;

/// <summary>Where a key word may stand as a name.</summary>
internal enum KeywordClass : byte
{
    /// <summary>Anywhere.</summary>
    Unreserved,

    /// <summary>As a column or table, not as a function or type.</summary>
    ColumnName,

    /// <summary>As a function or type, not as a column or table.</summary>
    TypeOrFunctionName,

    /// <summary>Only behind AS.</summary>
    Reserved,
}

/// <summary>What PostgreSQL 15 says of its key words (its function pg_get_keywords() lists the same).</summary>
internal static class KeywordTable
{
    private const string ColumnNameWords =
        """
        between bigint bit boolean char character coalesce dec decimal exists extract float greatest grouping inout
        int integer interval least national nchar none normalize nullif numeric out overlay position precision real
        row setof smallint substring time timestamp treat trim values varchar xmlattributes xmlconcat xmlelement
        xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
        """;

    private const string TypeOrFunctionNameWords =
        """
        authorization binary collation concurrently cross current_schema freeze full ilike inner is isnull join left
        like natural notnull outer overlaps right similar tablesample verbose
        """;

    private const string ReservedWords =
        """
        all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
        current_catalog current_date current_role current_time current_timestamp current_user default deferrable
        desc distinct do else end except false fetch for foreign from grant group having in initially intersect into
        lateral leading limit localtime localtimestamp not null offset on only or order placing primary references
        returning select session_user some symmetric table then to trailing true union unique user using variadic
        when where window with
        """;

    /// <summary>
    /// Words that cannot name a result column without AS, since something else may follow an expression there.
    /// </summary>
    private const string WordsThatRequireAs =
        """
        array as char character create day except fetch filter for from grant group having hour intersect into
        isnull limit minute month notnull offset on order over overlaps precision returning second to union varying
        where window with within without year
        """;

    private static readonly string[] Words = [.. Enum.GetValues<Keyword>().Select(WordOf)];
    private static readonly KeywordClass[] Classes = ClassesOfWords();
    private static readonly bool[] RequireAs = Marked(WordsThatRequireAs);

    private static readonly FrozenDictionary<string, Keyword>.AlternateLookup<ReadOnlySpan<char>> ByWord =
        Enum.GetValues<Keyword>()
            .Where(keyword => keyword != Keyword.NoKeyword)
            .ToFrozenDictionary(WordOf, StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The longest key words: current_timestamp.</summary>
    internal const int LengthMax = 17;

    /// <summary>The key word spelled by these lower-case letters, or <see cref="Keyword.NoKeyword"/>.</summary>
    internal static Keyword Find(ReadOnlySpan<char> lowerCase) =>
        ByWord.TryGetValue(lowerCase, out Keyword keyword) ? keyword : Keyword.NoKeyword;

    /// <summary>The word in lower case.</summary>
    internal static string Word(Keyword keyword) => Words[(int)keyword];

    internal static KeywordClass Class(Keyword keyword) => Classes[(int)keyword];

    /// <summary>Whether the word may name a result column without AS.</summary>
    internal static bool IsBareLabel(Keyword keyword) => !RequireAs[(int)keyword];

    private static string WordOf(Keyword keyword)
    {
        StringBuilder word = new();
        foreach (char letter in keyword.ToString())
        {
            if (char.IsAsciiLetterUpper(letter) && word.Length > 0)
                word.Append('_');
            word.Append(char.ToLowerInvariant(letter));
        }
        return word.ToString();
    }

    private static KeywordClass[] ClassesOfWords()
    {
        KeywordClass[] classes = new KeywordClass[Words.Length];
        Mark(ColumnNameWords, KeywordClass.ColumnName);
        Mark(TypeOrFunctionNameWords, KeywordClass.TypeOrFunctionName);
        Mark(ReservedWords, KeywordClass.Reserved);
        return classes;

        void Mark(string words, KeywordClass value)
        {
            bool[] marked = Marked(words);
            for (int index = 0; index < marked.Length; index++)
            {
                if (marked[index])
                    classes[index] = value;
            }
        }
    }

    private static bool[] Marked(string words)
    {
        HashSet<string> set = [.. words.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)];
        return [.. Words.Select(set.Contains)];
    }
}
