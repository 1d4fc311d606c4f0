namespace VecSQL.Executor.Functions.Text;

/// <summary>Identifiers and literals as SQL text.</summary>
internal static class Quoting
{
    /// <summary>In double quotes where the bare name would be folded, or read as something else.</summary>
    public static string Identifier(string name)
    {
        bool isPlain = name.Length > 0 && (char.IsAsciiLetterLower(name[0]) || name[0] == '_')
            && name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
        return isPlain && !Keywords.NeedsQuotes(name) ? name : "\"" + name.Replace("\"", "\"\"") + "\"";
    }

    /// <summary>In quotes, which are doubled inside; with backslashes in an escape string.</summary>
    public static string Literal(string text)
    {
        string quoted = "'" + text.Replace("'", "''") + "'";
        return text.Contains('\\') ? "E" + quoted.Replace("\\", "\\\\") : quoted;
    }
}
