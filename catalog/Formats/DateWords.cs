using System.Collections.Frozen;

namespace VecSQL.Catalog.Formats;

/// <summary>What a word in a date stands for.</summary>
internal enum DateWord : byte
{
    Unknown,
    Ignored,
    Month,
    Weekday,
    Now,
    Today,
    Tomorrow,
    Yesterday,
    Midnight, // 00:00 UTC, "allballs"
    Epoch,
    Infinity,
    NegativeInfinity,
    Am,
    Pm,
    Ad,
    Bc,
    DaylightSaving,
    Julian,
    IsoTime,
    Unit,
}

internal static class DateWords
{
    private const int SignificantLength = 10; // PostgreSQL compares only so many letters

    private static readonly FrozenDictionary<string, (DateWord Word, int Value)> Words = Make().ToFrozenDictionary();

    /// <summary>A word in lower case, and its value: the number of a month.</summary>
    internal static (DateWord Word, int Value) Find(string word) =>
        Words.GetValueOrDefault(word.Length > SignificantLength ? word[..SignificantLength] : word);

    private static Dictionary<string, (DateWord Word, int Value)> Make()
    {
        var words = new Dictionary<string, (DateWord Word, int Value)>
        {
            ["at"] = (DateWord.Ignored, 0), ["on"] = (DateWord.Ignored, 0),
            ["now"] = (DateWord.Now, 0), ["today"] = (DateWord.Today, 0), ["tomorrow"] = (DateWord.Tomorrow, 0),
            ["yesterday"] = (DateWord.Yesterday, 0), ["allballs"] = (DateWord.Midnight, 0),
            ["epoch"] = (DateWord.Epoch, 0),
            ["infinity"] = (DateWord.Infinity, 0),
            ["-infinity"] = (DateWord.NegativeInfinity, 0),
            ["am"] = (DateWord.Am, 0), ["pm"] = (DateWord.Pm, 0), ["ad"] = (DateWord.Ad, 0), ["bc"] = (DateWord.Bc, 0),
            ["dst"] = (DateWord.DaylightSaving, 0), ["j"] = (DateWord.Julian, 0), ["jd"] = (DateWord.Julian, 0),
            ["julian"] = (DateWord.Julian, 0), ["t"] = (DateWord.IsoTime, 0), ["sept"] = (DateWord.Month, 9),
        };
        string[] months =
        [
            "january", "february", "march", "april", "may", "june",
            "july", "august", "september", "october", "november", "december",
        ];
        for (int i = 0; i < months.Length; i++)
        {
            words[months[i]] = (DateWord.Month, i + 1);
            words[months[i][..3]] = (DateWord.Month, i + 1);
        }
        string[] days =
        [
            "sun", "sunday", "mon", "monday", "tue", "tues", "tuesday", "wed", "weds", "wednesday",
            "thu", "thur", "thurs", "thursday", "fri", "friday", "sat", "saturday",
        ];
        foreach (string day in days)
            words[day] = (DateWord.Weekday, 0);
        foreach (string unit in new[] { "d", "dow", "doy", "h", "isodow", "isoyear", "m", "mm", "s", "y" })
            words[unit] = (DateWord.Unit, 0);
        return words;
    }
}
