using System.Text;
using VecSQL.Catalog.Values;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Templates;

/// <summary>What a template's fields are filled with.</summary>
/// <param name="Days">The day since 1970-01-01; unused for intervals.</param>
/// <param name="Zone">The zone's offset in seconds east and its abbreviation; null where the type has no zone.</param>
internal sealed record DateFields(
    int Year, int Month, int Day, long Hour, int Minute, int Second, int Microsecond, int Days, bool IsInterval,
    (int Offset, string Name)? Zone)
{
    public static DateFields OfTimestamp(long local, (int Offset, string Name)? zone)
    {
        (int days, long time) = Timestamps.Split(local);
        (int year, int month, int day) = Calendar.CivilFromDays(days);
        return new DateFields(year, month, day, time / Calendar.MicrosecondsPerHour,
            (int)(time / Calendar.MicrosecondsPerMinute % 60), (int)(time / Calendar.MicrosecondsPerSecond % 60),
            (int)(time % Calendar.MicrosecondsPerSecond), days, false, zone);
    }

    public static DateFields OfInterval(Interval value)
    {
        long time = value.Microseconds;
        return new DateFields(value.Months / 12, value.Months % 12, value.Days, time / Calendar.MicrosecondsPerHour,
            (int)(time / Calendar.MicrosecondsPerMinute % 60), (int)(time / Calendar.MicrosecondsPerSecond % 60),
            (int)(time % Calendar.MicrosecondsPerSecond), 0, true, null);
    }

    public int DayOfYear => IsInterval ? (((Year * 12) + Month) * 30) + Day : Calendar.DayOfYear(Year, Month, Day);

    /// <summary>The year as people count it: 1 BC is 1 and not 0.</summary>
    public int ShownYear => IsInterval || Year > 0 ? Year : 1 - Year;
}

/// <summary>to_char for timestamps and intervals.</summary>
internal static class DateWriter
{
    private static readonly string[] Months =
    [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ];

    private static readonly string[] Weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
        "Saturday"];

    private static readonly string[] Roman = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];

    public static string Write(DateTemplate template, DateFields fields)
    {
        var result = new StringBuilder();
        foreach (DateNode node in template.Nodes)
        {
            if (!node.IsField)
                result.Append(node.Spelled);
            else
                WriteField(node, fields, result);
        }
        return result.ToString();
    }

    private static void WriteField(DateNode node, DateFields value, StringBuilder result)
    {
        switch (node.Field)
        {
            case "A.M." or "P.M." or "AM" or "PM":
                result.Append(Cased(node, Halved(node, value.Hour % 24 >= 12 ? "PM" : "AM")));
                return;
            case "TZ":
                NotInterval(value);
                result.Append(Cased(node, value.Zone?.Name ?? ""));
                return;
            case "OF":
                NotInterval(value);
                WriteOffset(value.Zone?.Offset ?? 0, result);
                return;
            case "TZH":
                NotInterval(value);
                int offset = value.Zone?.Offset ?? 0;
                result.Append(offset < 0 ? '-' : '+').Append((Math.Abs(offset) / 3600).ToString("00"));
                return;
            case "TZM":
                NotInterval(value);
                result.Append((Math.Abs(value.Zone?.Offset ?? 0) % 3600 / 60).ToString("00"));
                return;
            case "A.D." or "B.C." or "AD" or "BC":
                NotInterval(value);
                result.Append(Cased(node, Halved(node, value.Year <= 0 ? "BC" : "AD")));
                return;
            case "MONTH" or "MON" or "DAY" or "DY" or "RM":
                WriteName(node, value, result);
                return;
        }
        (long number, int width) = Number(node.Field, value);
        WriteNumber(node, number, width, result);
    }

    /// <summary>The names with points in them have points in their values.</summary>
    private static string Halved(DateNode node, string letters) =>
        node.Field.Contains('.') ? $"{letters[0]}.{letters[1]}." : letters;

    private static string Cased(DateNode node, string text) =>
        char.IsLower(node.Spelled[0]) ? text.ToLowerInvariant() : text.ToUpperInvariant();

    private static void WriteName(DateNode node, DateFields value, StringBuilder result)
    {
        if (node.Field != "RM")
            NotInterval(value);
        if (value.IsInterval && value.Month == 0 && value.Year == 0)
            return;
        string name = node.Field switch
        {
            "MONTH" => Months[value.Month - 1],
            "MON" => Months[value.Month - 1][..3],
            "DAY" => Weekdays[Calendar.DayOfWeek(value.Days)],
            "DY" => Weekdays[Calendar.DayOfWeek(value.Days)][..3],
            _ => Roman[RomanMonth(value)],
        };
        bool isLower = char.IsLower(node.Spelled[0]), isCapitalized = char.IsUpper(node.Spelled[0])
            && char.IsLower(node.Spelled[^1]);
        string cased = isLower ? name.ToLowerInvariant() : isCapitalized ? name : name.ToUpperInvariant();
        int width = node.IsFill ? 0 : node.Field switch { "MONTH" or "DAY" => 9, "RM" => 4, _ => 0 };
        result.Append(cased.PadRight(width));
    }

    /// <summary>Months of negative intervals are counted back from December; whole years are one, or the last month.</summary>
    private static int RomanMonth(DateFields value) => value.Month switch
    {
        > 0 => value.Month - 1,
        < 0 => value.Month + Roman.Length,
        _ => value.Year >= 0 ? Roman.Length - 1 : 0,
    };

    /// <summary>A numeric field's value, and how many characters it is padded to, its sign among them.</summary>
    private static (long Number, int Width) Number(string field, DateFields value)
    {
        long hour = value.Hour;
        switch (field)
        {
            case "HH" or "HH12": return (hour % 12 == 0 ? 12 : hour % 12, Signed(hour, 2)); // −12 is 012
            case "HH24": return (hour, Signed(hour, 2));
            case "MI": return (value.Minute, Signed(value.Minute, 2));
            case "SS": return (value.Second, Signed(value.Second, 2));
            case "SSSS" or "SSSSS": return ((hour * 3600) + (value.Minute * 60) + value.Second, 1);
            case "MS" or "FF3": return (value.Microsecond / 1000, 3);
            case "US" or "FF6": return (value.Microsecond, 6);
            case "FF1": return (value.Microsecond / 100_000, 1);
            case "FF2": return (value.Microsecond / 10_000, 2);
            case "FF4": return (value.Microsecond / 100, 4);
            case "FF5": return (value.Microsecond / 10, 5);
            case "MM": return (value.Month, Signed(value.Month, 2));
            case "DD": return (value.Day, 2);
            case "DDD": return (value.DayOfYear, 3);
            case "WW": return (((value.DayOfYear - 1) / 7) + 1, 2);
            case "W": return (((value.Day - 1) / 7) + 1, 1);
            case "Q": return (value.Month == 0 ? 0 : ((value.Month - 1) / 3) + 1, 1);
            case "CC": return (Century(value), Signed(Century(value), 2));
            case "Y,YYY": return (value.ShownYear, 0);
            case "YYYY": return (value.ShownYear, Signed(value.ShownYear, 4));
            case "YYY": return (value.ShownYear % 1000, Signed(value.ShownYear % 1000, 3));
            case "YY": return (value.ShownYear % 100, Signed(value.ShownYear % 100, 2));
            case "Y": return (value.ShownYear % 10, 1);
        }
        NotInterval(value);
        (int isoYear, int isoWeek) = Calendar.IsoWeek(value.Days);
        int isoShown = isoYear > 0 ? isoYear : 1 - isoYear;
        return field switch
        {
            "D" => (Calendar.DayOfWeek(value.Days) + 1, 1),
            "ID" => ((Calendar.DayOfWeek(value.Days) + 6) % 7 + 1, 1),
            "IW" => (isoWeek, 2),
            "IDDD" => (value.Days - Calendar.IsoWeekStart(isoYear, 1) + 1, 3),
            "IYYY" => (isoShown, 4),
            "IYY" => (isoShown % 1000, 3),
            "IY" => (isoShown % 100, 2),
            "I" => (isoShown % 10, 1),
            _ => ((long)value.Days + Calendar.JulianOffset, 1), // J
        };
    }

    /// <summary>The width of a field whose sign takes no digit's place.</summary>
    private static int Signed(long value, int digits) => value < 0 ? digits + 1 : digits;

    private static int Century(DateFields value) => value.IsInterval
        ? value.Year / 100
        : value.Year > 0 ? ((value.Year - 1) / 100) + 1 : (value.Year / 100) - 1;

    private static void WriteNumber(DateNode node, long number, int width, StringBuilder result)
    {
        if (node.Field == "Y,YYY")
        {
            result.Append(number / 1000).Append(',').Append((Math.Abs(number) % 1000).ToString("000"));
        }
        else
        {
            bool isPadded = !node.IsFill || node.Field is "MS" or "US"
                || node.Field.StartsWith("FF", StringComparison.Ordinal);
            string digits = Math.Abs(number).ToString();
            if (number < 0)
                result.Append('-');
            result.Append(isPadded ? digits.PadLeft(number < 0 ? width - 1 : width, '0') : digits);
        }
        if (node.Ordinal != 0)
            result.Append(OrdinalSuffix(number.ToString(), node.Ordinal == 'H'));
    }

    /// <summary>st, nd, rd or th.</summary>
    public static string OrdinalSuffix(string digits, bool isUpper)
    {
        bool isTeen = digits.Length > 1 && digits[^2] == '1';
        string suffix = isTeen ? "th" : digits[^1] switch { '1' => "st", '2' => "nd", '3' => "rd", _ => "th" };
        return isUpper ? suffix.ToUpperInvariant() : suffix;
    }

    private static void WriteOffset(int offset, StringBuilder result)
    {
        result.Append(offset < 0 ? '-' : '+').Append((Math.Abs(offset) / 3600).ToString("00"));
        if (offset % 3600 != 0)
            result.Append(':').Append((Math.Abs(offset) % 3600 / 60).ToString("00"));
    }

    private static void NotInterval(DateFields value)
    {
        if (value.IsInterval)
        {
            throw new SqlException(SqlState.InvalidDatetimeFormat, "invalid format specification for an interval value",
                hint: "Intervals are not tied to specific calendar dates.");
        }
    }
}
