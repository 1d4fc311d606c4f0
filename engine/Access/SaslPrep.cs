using System.Text;

namespace VecSQL.Engine.Access;

/// <summary>Brings a password to the form in which it is hashed, so that it does not matter how it was typed.</summary>
/// <remarks>
/// Source: RFC 4013 and 3454. As PostgreSQL and its clients do, a password that the rules refuse is taken as it is.
/// Limit: the last step, NFKC, needs tables that are not here; it changes only the characters of <see cref="SaslPrepTables.Composed"/>.
/// </remarks>
internal static class SaslPrep
{
    /// <returns>Null where NFKC would be needed.</returns>
    internal static string? Prepare(string password)
    {
        if (Ascii.IsValid(password))
            return password;
        StringBuilder mapped = new(password.Length);
        foreach (Rune rune in password.EnumerateRunes())
        {
            if (SaslPrepTables.Holds(SaslPrepTables.Spaces, rune.Value))
                mapped.Append(' ');
            else if (!SaslPrepTables.Holds(SaslPrepTables.ToNothing, rune.Value))
                mapped.Append(rune.ToString());
        }
        string text = mapped.ToString();
        if (!IsAllowed(text))
            return password;
        return text.EnumerateRunes().Any(rune => SaslPrepTables.Holds(SaslPrepTables.Composed, rune.Value)) ? null : text;
    }

    private static bool IsAllowed(string text)
    {
        int[] runes = [.. text.EnumerateRunes().Select(rune => rune.Value)];
        bool isRefused = runes.Length == 0 || Array.Exists(runes, rune =>
            SaslPrepTables.Holds(SaslPrepTables.Prohibited, rune) || SaslPrepTables.Holds(SaslPrepTables.Unassigned, rune));
        if (isRefused)
            return false;
        if (!Array.Exists(runes, IsRightToLeft))
            return true;
        return IsRightToLeft(runes[0]) && IsRightToLeft(runes[^1])
            && !Array.Exists(runes, rune => SaslPrepTables.Holds(SaslPrepTables.LeftToRight, rune));
    }

    private static bool IsRightToLeft(int rune) => SaslPrepTables.Holds(SaslPrepTables.RightToLeft, rune);
}
