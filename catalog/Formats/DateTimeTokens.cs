using System.Text;
using VecSQL.Catalog.Values;

namespace VecSQL.Catalog.Formats;

/// <summary>What a piece of a date's or interval's text is at first sight.</summary>
internal enum DateTokenKind : byte { Number, String, Date, Time, Zone, Special }

internal readonly record struct DateToken(DateTokenKind Kind, string Text);

/// <summary>Cuts the text of a date, time or interval into tokens, in lower case.</summary>
/// <remarks>The cuts are PostgreSQL's, and so decide what it accepts: other punctuation only separates.</remarks>
internal static class DateTimeTokens
{
    private const int TokensMax = 25, TextMax = 150; // PostgreSQL refuses more as malformed

    /// <summary>The tokens, or null if the text is malformed.</summary>
    internal static List<DateToken>? Split(ReadOnlySpan<byte> utf8, Func<string, bool> isWord)
    {
        if (utf8.Length > TextMax)
            return null;
        string text = Encoding.UTF8.GetString(utf8);
        var tokens = new List<DateToken>();
        int at = 0;
        while (at < text.Length)
        {
            char c = text[at];
            if (IsSpace(c))
            {
                at++;
                continue;
            }
            if (tokens.Count == TokensMax)
                return null;
            if (char.IsAsciiDigit(c))
                tokens.Add(CutNumber(text, ref at));
            else if (c == '.')
                tokens.Add(CutFraction(text, ref at));
            else if (char.IsAsciiLetter(c))
                tokens.Add(CutWord(text, ref at, isWord));
            else if (c is '+' or '-')
            {
                if (CutSigned(text, ref at) is not { } signed)
                    return null;
                tokens.Add(signed);
            }
            else if (char.IsAscii(c) && char.IsPunctuation(c)
                || c is '$' or '<' or '=' or '>' or '^' or '`' or '|' or '~')
                at++;
            else
                return null;
        }
        return tokens;
    }

    private static DateToken CutNumber(string text, ref int at)
    {
        int start = at;
        SkipDigits(text, ref at);
        if (at == text.Length)
            return Made(DateTokenKind.Number, text, start, at);
        char delimiter = text[at];
        if (delimiter == ':')
        {
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] is ':' or '.'))
                at++;
            return Made(DateTokenKind.Time, text, start, at);
        }
        if (delimiter is not ('-' or '/' or '.'))
            return Made(DateTokenKind.Number, text, start, at);
        at++;
        if (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            DateTokenKind kind = delimiter == '.' ? DateTokenKind.Number : DateTokenKind.Date;
            SkipDigits(text, ref at);
            if (at < text.Length && text[at] == delimiter) // three fields need equal delimiters
            {
                kind = DateTokenKind.Date;
                while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == delimiter))
                    at++;
            }
            return Made(kind, text, start, at);
        }
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == delimiter))
            at++;
        return Made(DateTokenKind.Date, text, start, at);
    }

    private static DateToken CutWord(string text, ref int at, Func<string, bool> isWord)
    {
        int start = at;
        while (at < text.Length && char.IsAsciiLetter(text[at]))
            at++;
        if (at == text.Length)
            return Made(DateTokenKind.String, text, start, at);
        // A date with a month's name in it, or a zone such as America/New_York.
        bool isDate = text[at] is '-' or '/' or '.'
            || ((text[at] == '+' || char.IsAsciiDigit(text[at])) && !isWord(text[start..at].ToLowerInvariant()));
        if (!isDate)
            return Made(DateTokenKind.String, text, start, at);
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at])
            || text[at] is '+' or '-' or '/' or '_' or '.' or ':'))
            at++;
        return Made(DateTokenKind.Date, text, start, at);
    }

    private static DateToken? CutSigned(string text, ref int at)
    {
        string sign = text[at++].ToString();
        while (at < text.Length && IsSpace(text[at]))
            at++;
        if (at == text.Length)
            return null;
        int start = at;
        if (char.IsAsciiDigit(text[at]))
        {
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] is ':' or '.' or '-'))
                at++;
            return new DateToken(DateTokenKind.Zone, sign + text[start..at]);
        }
        if (!char.IsAsciiLetter(text[at]))
            return null;
        while (at < text.Length && char.IsAsciiLetter(text[at]))
            at++;
        return new DateToken(DateTokenKind.Special, sign + text[start..at].ToLowerInvariant());
    }

    private static DateToken CutFraction(string text, ref int at)
    {
        int start = at++;
        SkipDigits(text, ref at);
        return Made(DateTokenKind.Number, text, start, at);
    }

    private static DateToken Made(DateTokenKind kind, string text, int start, int end) =>
        new(kind, text[start..end].ToLowerInvariant());

    private static void SkipDigits(string text, ref int at)
    {
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
    }

    /// <summary>The numbers of hh:mm:ss.f; behind a colon one that is not there is 0.</summary>
    internal static string[] ClockParts(string text)
    {
        string[] parts = text.Split(':');
        for (int i = 1; i < parts.Length; i++)
        {
            if (parts[i] is "" or ['.', ..])
                parts[i] = "0" + parts[i];
        }
        return parts;
    }

    private static bool IsSpace(char c) => c < 128 && TextScan.IsSpace((byte)c);
}
