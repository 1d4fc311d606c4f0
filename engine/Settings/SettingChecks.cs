using System.Globalization;
using System.Text;
using VecSQL.Core.Errors;
using VecSQL.Core.Settings;
using VecSQL.Parser.Printing;
using VecSQL.Text.Configurations;

namespace VecSQL.Engine.Settings;

/// <summary>Rules of settings whose values are more than a word or a number: their texts in canonical form.</summary>
internal static class SettingChecks
{
    /// <exception cref="SqlException">22023: not a value of this setting.</exception>
    internal static string Canonical(SettingDefinition definition, string text, string current)
    {
        if (definition == SettingCatalog.DateStyle)
            return CanonicalDateStyle(definition, text, current);
        if (definition == SettingCatalog.TimeZone)
            return TimeZones.Find(text)?.Name ?? throw SettingParser.Invalid(definition, text);
        if (definition == SettingCatalog.ClientEncoding)
            return CanonicalEncoding(definition, text);
        if (definition == SettingCatalog.ApplicationName)
            return Printable(text);
        if (definition.Name == "vchordrq.probes")
            return CanonicalProbes(definition, text);
        if (definition.Name == "default_text_search_config")
        {
            return TextConfiguration.FindQualified(text) is { } configuration
                ? "pg_catalog." + configuration.Name : throw SettingParser.Invalid(definition, text);
        }
        if (definition == SettingCatalog.SearchPath)
            return SplitNames(text) is null ? throw InvalidList(definition, text) : text;
        if (definition.Name == "default_tablespace" && text is not ("" or "pg_default"))
            throw SettingParser.Invalid(definition, text, detail: $"Tablespace \"{text}\" does not exist.");
        if (definition.Name == "default_table_access_method" && text != "heap")
            throw SettingParser.Invalid(definition, text, detail: $"Table access method \"{text}\" does not exist.");
        if (definition.Name.StartsWith("lc_", StringComparison.Ordinal) && text is not ("" or "C" or "POSIX" or "C.UTF-8" or "en_US.UTF-8"))
            throw SettingParser.Invalid(definition, text);
        return text;
    }

    /// <summary>The values that VecSQL does not have, though PostgreSQL does.</summary>
    internal static void RefuseUnsupported(SettingDefinition definition, SettingValue value)
    {
        if (definition.IsDefaultOnly && value != SettingParser.Parse(definition, definition.Default))
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"{definition.Name} = {SettingParser.Print(definition, value)} is not supported");
        }
    }

    /// <summary>Names of a list such as <c>a, "B c"</c>, folded; null where it is malformed.</summary>
    internal static IReadOnlyList<string>? SplitNames(string text)
    {
        var names = new List<string>();
        int at = 0;
        SkipBlanks(text, ref at);
        if (at == text.Length)
            return names;
        while (true)
        {
            SkipBlanks(text, ref at);
            if (TakeName(text, ref at) is not { } name)
                return null;
            names.Add(name);
            SkipBlanks(text, ref at);
            if (at == text.Length)
                return names;
            if (text[at++] != ',')
                return null;
        }
    }

    private static string? TakeName(string text, ref int at)
    {
        if (at < text.Length && text[at] == '"')
        {
            var name = new System.Text.StringBuilder();
            for (at++; at < text.Length; at++)
            {
                if (text[at] != '"')
                    name.Append(text[at]);
                else if (at + 1 < text.Length && text[at + 1] == '"')
                    name.Append(text[at++]);
                else
                {
                    at++;
                    return name.ToString();
                }
            }
            return null;
        }
        int start = at;
        while (at < text.Length && text[at] != ',' && !char.IsWhiteSpace(text[at]))
            at++;
        return at > start ? text[start..at].ToLowerInvariant() : null;
    }

    private static void SkipBlanks(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
    }

    private static string CanonicalDateStyle(SettingDefinition definition, string text, string current)
    {
        string[] parts = current.Split(", ");
        string? style = null, order = null;
        bool isGerman = false;
        foreach (string word in SplitNames(text) ?? throw InvalidList(definition, text))
        {
            switch (word)
            {
                case "iso": Take(ref style, "ISO"); break;
                case "sql": Take(ref style, "SQL"); break;
                case "postgres": Take(ref style, "Postgres"); break;
                case "german":
                    Take(ref style, "German");
                    isGerman = true; // German dates put the day first unless told otherwise
                    break;
                case "ymd": Take(ref order, "YMD"); break;
                case "dmy" or "euro" or "european": Take(ref order, "DMY"); break;
                case "mdy" or "us" or "noneuropean" or "noneuro": Take(ref order, "MDY"); break;
                case "default":
                    style ??= "ISO";
                    order ??= "MDY";
                    break;
                default:
                    throw SettingParser.Invalid(definition, text, detail: $"Unrecognized key word: \"{word}\".");
            }
        }
        order ??= isGerman ? "DMY" : null;
        return $"{style ?? parts[0]}, {order ?? parts[1]}";

        void Take(ref string? place, string value)
        {
            if (place is not null && place != value)
                throw SettingParser.Invalid(definition, text, detail: "Conflicting \"datestyle\" specifications.");
            place = value;
        }
    }

    private static SqlException InvalidList(SettingDefinition definition, string text) =>
        SettingParser.Invalid(definition, text, detail: "List syntax is invalid.");

    /// <summary>A number for each level of lists; none are the usual ones.</summary>
    private static string CanonicalProbes(SettingDefinition definition, string text)
    {
        string[] levels = text.Split(',', StringSplitOptions.TrimEntries);
        if (text.Trim().Length == 0)
            return "";
        return Array.TrueForAll(levels, static level =>
                uint.TryParse(level, NumberStyles.None, CultureInfo.InvariantCulture, out uint probes) && probes is >= 1 and <= 65_535)
            ? string.Join(',', levels)
            : throw SettingParser.Invalid(definition, text, detail: "A number from 1 to 65535 for each level is expected.");
    }

    private static string CanonicalEncoding(SettingDefinition definition, string text)
    {
        // asyncpg sends the name with quotes of its own.
        string plain = string.Concat(text.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        return plain switch
        {
            "UTF8" or "UNICODE" => "UTF8",
            "SQLASCII" or "LATIN1" or "LATIN9" or "WIN1252" or "ISO88591" or "ISO885915" or "WIN1251" or "KOI8R" or "SJIS"
                or "GBK" or "BIG5" or "EUCJP" or "GB18030" or "WIN1250" or "LATIN2" =>
                throw new SqlException(SqlState.FeatureNotSupported, $"client_encoding {text} is not supported",
                    hint: "VecSQL speaks UTF8 only."),
            _ => throw SettingParser.Invalid(definition, text),
        };
    }

    private static string Printable(string text) =>
        text.All(c => c is >= ' ' and <= '~')
            ? text
            : string.Concat(Encoding.UTF8.GetBytes(text).Select(b => b is >= (byte)' ' and <= (byte)'~' ? (char)b : '?'));

    /// <summary>Several SET values as one text: names of a list are quoted where needed.</summary>
    internal static string Join(IEnumerable<string> names) => string.Join(", ", names.Select(SqlPrinter.QuoteIdentifier));
}
