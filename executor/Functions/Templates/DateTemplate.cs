using System.Text;

namespace VecSQL.Executor.Functions.Templates;

/// <summary>A piece of a date template: a field, or text.</summary>
/// <param name="Field">The field in upper case, such as <c>YYYY</c>; empty for text.</param>
/// <param name="Spelled">The field or text as written: letter case decides the case of words.</param>
/// <param name="IsFill">FM: without padding.</param>
/// <param name="Ordinal">'H' for TH, 'h' for th after the field, else 0.</param>
/// <param name="IsSeparator">Text that may match other separators when read.</param>
internal sealed record DateNode(string Field, string Spelled, bool IsFill, char Ordinal, bool IsSeparator)
{
    public bool IsField => Field.Length > 0;
}

/// <summary>A template of to_char, to_date and to_timestamp for dates, taken apart.</summary>
internal sealed class DateTemplate
{
    // Longer names come before those that they begin with.
    private static readonly string[] Fields =
    [
        "A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "CC", "DAY", "DDD", "DD", "DY", "D", "FF1", "FF2", "FF3", "FF4",
            "FF5",
        "FF6", "HH24", "HH12", "HH", "IDDD", "ID", "IW", "IYYY", "IYY", "IY", "I", "J", "MI", "MM", "MONTH", "MON",
            "MS",
        "OF", "P.M.", "PM", "Q", "RM", "SSSSS", "SSSS", "SS", "TZH", "TZM", "TZ", "US", "WW", "W", "Y,YYY", "YYYY",
            "YYY",
        "YY", "Y",
    ];

    private static readonly string[] Capitalized = ["Day", "Dy", "Month", "Mon"];

    private DateTemplate(List<DateNode> nodes, bool isExact)
    {
        Nodes = nodes;
        IsExact = isExact;
    }

    public IReadOnlyList<DateNode> Nodes { get; }

    /// <summary>FX: the text must follow the template to the letter.</summary>
    public bool IsExact { get; }

    public static DateTemplate Parse(string template)
    {
        var nodes = new List<DateNode>();
        bool isExact = false;
        int at = 0;
        while (at < template.Length)
        {
            bool isFill = false, isTranslated = false;
            for (string prefix = Prefix(template, at); prefix.Length > 0; prefix = Prefix(template, at))
            {
                isExact |= prefix is "FX" or "fx";
                isFill |= prefix is "FM" or "fm";
                isTranslated |= prefix is "TM";
                at += 2;
            }
            if (at >= template.Length)
                break;
            string spelled = FieldAt(template, at);
            if (spelled.Length > 0)
            {
                at += spelled.Length;
                char ordinal = template.AsSpan(at).StartsWith("TH") ? 'H' : template.AsSpan(at).StartsWith("th") ? 'h'
                    : '\0';
                at += ordinal == 0 ? 0 : 2;
                if (template.AsSpan(at).StartsWith("SP") || template.AsSpan(at).StartsWith("sp"))
                    at += 2; // spelled-out numbers are accepted and not spelled out, as in the original
                string field = spelled.ToUpperInvariant();
                // Translated names have lengths of their own, so they are not padded.
                isFill |= isTranslated && field is ("MONTH" or "DAY");
                nodes.Add(new DateNode(field, spelled, isFill, ordinal, false));
            }
            else
            {
                at = ReadText(template, at, nodes);
            }
        }
        return new DateTemplate(nodes, isExact);
    }

    private static string Prefix(string template, int at)
    {
        foreach (string prefix in (string[])["FM", "fm", "FX", "fx", "TM"])
        {
            if (template.AsSpan(at).StartsWith(prefix))
                return prefix;
        }
        return "";
    }

    private static string FieldAt(string template, int at)
    {
        ReadOnlySpan<char> rest = template.AsSpan(at);
        foreach (string field in Fields)
        {
            if (rest.StartsWith(field) || rest.StartsWith(field.ToLowerInvariant()))
                return rest[..field.Length].ToString();
            foreach (string name in Capitalized)
            {
                if (name.Equals(field, StringComparison.OrdinalIgnoreCase) && rest.StartsWith(name))
                    return name;
            }
        }
        return "";
    }

    /// <summary>Reads a quoted text, an escaped character, or one plain character.</summary>
    private static int ReadText(string template, int at, List<DateNode> nodes)
    {
        if (template[at] != '"')
        {
            // A backslash matters only before a quote, as in the original.
            if (template[at] == '\\' && at + 1 < template.Length && template[at + 1] == '"')
                at++;
            string plain = char.IsHighSurrogate(template[at]) && at + 1 < template.Length
                ? template.Substring(at, 2)
                : template[at].ToString();
            bool isSeparator = plain.Length == 1 && plain[0] < 0x7F && plain[0] > 0x1F
                && !char.IsAsciiLetterOrDigit(plain[0]);
            nodes.Add(new DateNode("", plain, false, '\0', isSeparator));
            return at + plain.Length;
        }
        var text = new StringBuilder();
        for (at++; at < template.Length && template[at] != '"'; at++)
        {
            if (template[at] == '\\' && at + 1 < template.Length)
                at++;
            text.Append(template[at]);
        }
        foreach (char c in text.ToString())
            nodes.Add(new DateNode("", c.ToString(), false, '\0', false));
        return at + 1;
    }
}
