using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Wire.Messages;

/// <summary>The startup option named "options": settings in the form of command-line switches.</summary>
/// <remarks>
/// Layout: <c>-c name=value</c>, <c>-cname=value</c> or <c>--name=value</c>, between blanks; a backslash takes the next character as it is.
/// Source: PostgreSQL manual, "Frontend/Backend Protocol", StartupMessage.
/// </remarks>
internal static class CommandLineOptions
{
    /// <exception cref="SqlException">42601: a switch that is none of these.</exception>
    public static IEnumerable<KeyValuePair<string, string>> Read(string text)
    {
        List<KeyValuePair<string, string>> settings = [];
        List<string> words = Words(text);
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i];
            if (word == "-c" && i + 1 < words.Count)
                settings.Add(Assignment(words[++i], "-c "));
            else if (word.StartsWith("--", StringComparison.Ordinal))
                settings.Add(Assignment(word[2..], "--"));
            else if (word.StartsWith("-c", StringComparison.Ordinal) && word.Length > 2)
                settings.Add(Assignment(word[2..], "-c "));
            else
            {
                throw new SqlException(SqlState.SyntaxError, $"invalid command-line argument for server process: {word}",
                    hint: "Only settings can be given: -c name=value or --name=value.");
            }
        }
        return settings;
    }

    private static KeyValuePair<string, string> Assignment(string text, string form)
    {
        int equals = text.IndexOf('=');
        if (equals <= 0)
            throw new SqlException(SqlState.SyntaxError, $"{form}{text} requires a value");
        // A dash in a name stands for an underscore, as on a command line.
        return new(text[..equals].Replace('-', '_'), text[(equals + 1)..]);
    }

    private static List<string> Words(string text)
    {
        List<string> words = [];
        StringBuilder word = new();
        bool isInWord = false;
        for (int i = 0; i < text.Length; i++)
        {
            bool isEscape = text[i] == '\\' && i + 1 < text.Length;
            if (!isEscape && char.IsWhiteSpace(text[i]))
            {
                if (isInWord)
                    words.Add(word.ToString());
                word.Clear();
                isInWord = false;
                continue;
            }
            word.Append(isEscape ? text[++i] : text[i]);
            isInWord = true;
        }
        if (isInWord)
            words.Add(word.ToString());
        return words;
    }
}
