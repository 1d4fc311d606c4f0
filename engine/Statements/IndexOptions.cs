using System.Collections.Immutable;
using System.Globalization;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Statements;

/// <summary>The storage parameters that indexes take, by method.</summary>
/// <remarks>
/// pgvector's own, and those of searches: what the settings of the same name say for all indexes, an index may say for itself.
/// Source: PostgreSQL's reloptions and pgvector's, with their messages.
/// </remarks>
internal static class IndexOptions
{
    private static readonly Range[] Ranges =
    [
        new("hnsw", "m", 2, 100), new("hnsw", "ef_construction", 4, 1000), new("hnsw", "ef_search", 1, 1000),
        new("hnsw", "target_recall", 0, 1, IsReal: true),
        new("ivfflat", "lists", 1, 32_768), new("ivfflat", "probes", 1, 32_768), new("ivfflat", "target_recall", 0, 1, IsReal: true),
        new("vecsql", "lists", 1, 32_768), new("vecsql", "ef_search", 1, 1000), new("vecsql", "target_recall", 0, 1, IsReal: true),
        new("btree", "fillfactor", 10, 100), new("hash", "fillfactor", 10, 100), new("brin", "pages_per_range", 1, 131_072),
        new("gin", "gin_pending_list_limit", 64, int.MaxValue),
        new("bm25", "k1", 0, 100, IsReal: true), new("bm25", "b", 0, 1, IsReal: true),
    ];

    private sealed record Range(string Method, string Name, int Least, int Most, bool IsReal = false);

    internal static bool IsKnown(string method, string name) =>
        Array.Exists(Ranges, range => range.Method == method && range.Name == name);

    /// <summary>Each option by itself.</summary>
    /// <exception cref="SqlException">22023: the method does not know it, or its value is none.</exception>
    internal static void Check(string method, IEnumerable<KeyValuePair<string, string>> options)
    {
        foreach ((string name, string value) in options)
        {
            if (Array.Find(Ranges, range => range.Method == method && range.Name == name) is { } range)
                Check(range, value);
            else if ((method, name) is ("bm25", "tokenizer"))
                TextIndexRules.CheckTokenizer(value);
            else if ((method, name) is ("btree", "deduplicate_items") or ("brin", "autosummarize") or ("gin", "fastupdate"))
                CheckBoolean(name, value);
            else
                throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized parameter \"{name}\"");
        }
    }

    /// <summary>What options have to be together, once an index is to be built with them.</summary>
    internal static void CheckBuild(ImmutableArray<KeyValuePair<string, string>> options)
    {
        int links = 16, construction = 64;
        foreach ((string name, string value) in options)
        {
            links = name == "m" ? int.Parse(value, CultureInfo.InvariantCulture) : links;
            construction = name == "ef_construction" ? int.Parse(value, CultureInfo.InvariantCulture) : construction;
        }
        if (construction < 2 * links)
        {
            throw new SqlException(
                SqlState.InvalidParameterValue, "ef_construction must be greater than or equal to 2 * m");
        }
    }

    private static void Check(Range range, string text)
    {
        double number = 0;
        bool isNumber = range.IsReal
            ? double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number)
            : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int integer)
                && (number = integer) == integer;
        if (!isNumber)
        {
            string kind = range.IsReal ? "floating point" : "integer";
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for {kind} option \"{range.Name}\": {text}");
        }
        if (number >= range.Least && number <= range.Most)
            return;
        string format = range.IsReal ? "F6" : "F0";
        string Bound(int bound) => bound.ToString(format, CultureInfo.InvariantCulture);
        throw new SqlException(SqlState.InvalidParameterValue, $"value {text} out of bounds for option \"{range.Name}\"")
        { Detail = $"Valid values are between \"{Bound(range.Least)}\" and \"{Bound(range.Most)}\"." };
    }

    private static void CheckBoolean(string name, string text)
    {
        if (text is not ("true" or "false" or "on" or "off" or "yes" or "no" or "1" or "0"))
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for boolean option \"{name}\": {text}");
    }
}
