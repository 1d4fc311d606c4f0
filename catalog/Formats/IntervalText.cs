using System.Buffers;
using System.Globalization;
using System.Text;
using VecSQL.Catalog.Values;
using Calendar = VecSQL.Catalog.Values.Calendar;

namespace VecSQL.Catalog.Formats;

/// <summary>Writes intervals in the four interval styles.</summary>
internal static class IntervalText
{
    internal static void Write(Interval interval, IBufferWriter<byte> target, IntervalStyle style) =>
        Encoding.ASCII.GetBytes(Of(interval, style), target);

    internal static string Of(Interval interval, IntervalStyle style)
    {
        Parts parts = Parts.Of(interval);
        return style switch
        {
            IntervalStyle.Postgres => Postgres(parts),
            IntervalStyle.PostgresVerbose => Verbose(parts),
            IntervalStyle.SqlStandard => SqlStandard(parts),
            _ => Iso8601(parts),
        };
    }

    private readonly record struct Parts(int Years, int Months, int Days, long Hours, int Minutes, int Seconds,
        int Fraction)
    {
        internal static Parts Of(Interval interval)
        {
            long time = interval.Microseconds;
            return new Parts(interval.Months / 12, interval.Months % 12, interval.Days,
                time / Calendar.MicrosecondsPerHour, (int)(time / Calendar.MicrosecondsPerMinute % 60),
                (int)(time / Calendar.MicrosecondsPerSecond % 60), (int)(time % Calendar.MicrosecondsPerSecond));
        }

        internal bool HasTime => Hours != 0 || Minutes != 0 || Seconds != 0 || Fraction != 0;

        internal bool IsTimeNegative => Hours < 0 || Minutes < 0 || Seconds < 0 || Fraction < 0;
    }

    private static string Postgres(Parts parts)
    {
        var text = new StringBuilder();
        bool isAfterNegative = false;
        AppendCount(text, parts.Years, "year", ref isAfterNegative);
        AppendCount(text, parts.Months, "mon", ref isAfterNegative);
        AppendCount(text, parts.Days, "day", ref isAfterNegative);
        if (text.Length > 0 && !parts.HasTime)
            return text.ToString();
        if (text.Length > 0)
            text.Append(' ');
        text.Append(parts.IsTimeNegative ? "-" : isAfterNegative ? "+" : "");
        AppendClock(text, parts);
        return text.ToString();
    }

    private static void AppendCount(StringBuilder text, int value, string unit, ref bool isAfterNegative)
    {
        if (value == 0)
            return;
        if (text.Length > 0)
            text.Append(' ');
        if (isAfterNegative && value > 0)
            text.Append('+');
        text.Append(value).Append(' ').Append(unit).Append(value != 1 ? "s" : "");
        isAfterNegative = value < 0;
    }

    private static string Verbose(Parts parts)
    {
        var text = new StringBuilder("@");
        bool isFirst = true, isBefore = false;
        AppendVerbose(text, parts.Years, "year", ref isFirst, ref isBefore);
        AppendVerbose(text, parts.Months, "mon", ref isFirst, ref isBefore);
        AppendVerbose(text, parts.Days, "day", ref isFirst, ref isBefore);
        AppendVerbose(text, parts.Hours, "hour", ref isFirst, ref isBefore);
        AppendVerbose(text, parts.Minutes, "min", ref isFirst, ref isBefore);
        if (parts.Seconds != 0 || parts.Fraction != 0)
        {
            bool isNegative = parts.Seconds < 0 || parts.Fraction < 0;
            text.Append(' ');
            if (isFirst)
            {
                isBefore = isNegative;
                isFirst = false;
            }
            else if (isNegative != isBefore)
            {
                text.Append('-');
            }
            text.Append(Math.Abs(parts.Seconds));
            AppendFraction(text, parts.Fraction);
            // A single second is singular only without a fraction.
            text.Append(" sec").Append(Math.Abs(parts.Seconds) != 1 || parts.Fraction != 0 ? "s" : "");
        }
        if (isFirst)
            text.Append(" 0");
        return text.Append(isBefore ? " ago" : "").ToString();
    }

    private static void AppendVerbose(StringBuilder text, long value, string unit, ref bool isFirst, ref bool isBefore)
    {
        if (value == 0)
            return;
        if (isFirst)
        {
            isBefore = value < 0; // the first part's sign is said by "ago"
            value = Math.Abs(value);
            isFirst = false;
        }
        else if (isBefore)
        {
            value = -value;
        }
        text.Append(' ').Append(value).Append(' ').Append(unit).Append(value != 1 ? "s" : "");
    }

    private static string SqlStandard(Parts parts)
    {
        bool hasNegative = parts.Years < 0 || parts.Months < 0 || parts.Days < 0 || parts.IsTimeNegative;
        bool hasPositive = parts.Years > 0 || parts.Months > 0 || parts.Days > 0 || parts.Hours > 0 || parts.Minutes > 0
            || parts.Seconds > 0 || parts.Fraction > 0;
        bool hasYearMonth = parts.Years != 0 || parts.Months != 0, hasDay = parts.Days != 0;
        bool isMixed = !(hasYearMonth && (hasDay || parts.HasTime)) && !(hasNegative && hasPositive);
        var text = new StringBuilder();
        if (!hasNegative && !hasPositive)
            return "0";
        if (!isMixed)
        {
            // The standard has no such interval; every part gets its sign.
            text.Append(parts.Years < 0 || parts.Months < 0 ? '-' : '+')
                .Append(Math.Abs(parts.Years)).Append('-').Append(Math.Abs(parts.Months)).Append(' ')
                .Append(parts.Days < 0 ? '-' : '+').Append(Math.Abs((long)parts.Days)).Append(' ')
                .Append(parts.IsTimeNegative ? '-' : '+');
            return AppendSqlTime(text, parts).ToString();
        }
        text.Append(hasNegative ? "-" : "");
        if (hasYearMonth)
            return text.Append(Math.Abs(parts.Years)).Append('-').Append(Math.Abs(parts.Months)).ToString();
        if (hasDay)
            text.Append(Math.Abs((long)parts.Days)).Append(' ');
        return AppendSqlTime(text, parts).ToString();
    }

    private static StringBuilder AppendSqlTime(StringBuilder text, Parts parts)
    {
        text.Append(Math.Abs(parts.Hours)).Append(':').AppendFormat(CultureInfo.InvariantCulture, "{0:00}",
            Math.Abs(parts.Minutes))
            .Append(':').AppendFormat(CultureInfo.InvariantCulture, "{0:00}", Math.Abs(parts.Seconds));
        AppendFraction(text, parts.Fraction);
        return text;
    }

    private static string Iso8601(Parts parts)
    {
        if (!parts.HasTime && parts.Years == 0 && parts.Months == 0 && parts.Days == 0)
            return "PT0S";
        var text = new StringBuilder("P");
        AppendUnit(text, parts.Years, 'Y');
        AppendUnit(text, parts.Months, 'M');
        AppendUnit(text, parts.Days, 'D');
        if (!parts.HasTime)
            return text.ToString();
        text.Append('T');
        AppendUnit(text, parts.Hours, 'H');
        AppendUnit(text, parts.Minutes, 'M');
        if (parts.Seconds != 0 || parts.Fraction != 0)
        {
            text.Append(parts.Seconds < 0 || parts.Fraction < 0 ? "-" : "").Append(Math.Abs(parts.Seconds));
            AppendFraction(text, parts.Fraction);
            text.Append('S');
        }
        return text.ToString();
    }

    private static void AppendUnit(StringBuilder text, long value, char unit)
    {
        if (value != 0)
            text.Append(value).Append(unit);
    }

    private static void AppendClock(StringBuilder text, Parts parts)
    {
        text.AppendFormat(CultureInfo.InvariantCulture, "{0:00}:{1:00}:{2:00}",
            Math.Abs(parts.Hours), Math.Abs(parts.Minutes), Math.Abs(parts.Seconds));
        AppendFraction(text, parts.Fraction);
    }

    private static void AppendFraction(StringBuilder text, int fraction)
    {
        Span<byte> digits = stackalloc byte[8];
        int length = 0;
        DateTimeText.PutFraction(Math.Abs(fraction), digits, ref length);
        foreach (byte digit in digits[..length])
            text.Append((char)digit);
    }
}
