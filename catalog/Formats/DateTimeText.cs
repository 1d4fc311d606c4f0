using System.Buffers;
using System.Text;
using VecSQL.Catalog.Values;

namespace VecSQL.Catalog.Formats;

/// <summary>Writes dates and times in the four date styles.</summary>
internal static class DateTimeText
{
    private const int LengthMax = 80; // "Wed Nov 24 00:00:00.123456 294247 " and a zone's abbreviation

    private static readonly string[] MonthNames =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    private static readonly string[] DayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

    internal static void WriteDate(int date, IBufferWriter<byte> target, FormatContext context)
    {
        if (date is Calendar.DateInfinity or Calendar.DateNegativeInfinity)
        {
            target.Write(date > 0 ? "infinity"u8 : "-infinity"u8);
            return;
        }
        Span<byte> text = target.GetSpan(LengthMax);
        int length = 0;
        int year = WriteDay(date, context, text, ref length);
        WriteEra(year, text, ref length);
        target.Advance(length);
    }

    /// <param name="local">Local time.</param>
    /// <param name="offset">Seconds east of UTC, for a timestamp with time zone; else null.</param>
    /// <param name="zoneName">The zone's abbreviation, which styles other than ISO print.</param>
    internal static void WriteTimestamp(
        long local, int? offset, string? zoneName, IBufferWriter<byte> target, FormatContext context)
    {
        (int days, long time) = Timestamps.Split(local);
        Span<byte> text = target.GetSpan(LengthMax);
        int length = 0, year;
        if (context.DateStyle == DateStyle.Postgres)
        {
            (year, int month, int day) = Calendar.CivilFromDays(days);
            Put(DayNames[Calendar.DayOfWeek(days)], text, ref length);
            text[length++] = (byte)' ';
            bool isDayFirst = context.DateOrder == DateOrder.DayMonthYear;
            if (isDayFirst)
                PutTwo(day, text, ref length);
            else
                Put(MonthNames[month - 1], text, ref length);
            text[length++] = (byte)' ';
            if (isDayFirst)
                Put(MonthNames[month - 1], text, ref length);
            else
                PutTwo(day, text, ref length);
            text[length++] = (byte)' ';
            WriteTime(time, text, ref length);
            text[length++] = (byte)' ';
            PutYear(year, text, ref length);
        }
        else
        {
            year = WriteDay(days, context, text, ref length);
            text[length++] = (byte)' ';
            WriteTime(time, text, ref length);
        }
        if (offset is { } given)
        {
            if (context.DateStyle == DateStyle.Iso || zoneName is null || !IsName(zoneName))
            {
                if (context.DateStyle == DateStyle.Postgres)
                    text[length++] = (byte)' ';
                WriteOffset(given, text, ref length);
            }
            else
            {
                text[length++] = (byte)' ';
                Put(zoneName, text, ref length);
            }
        }
        WriteEra(year, text, ref length);
        target.Advance(length);
    }

    internal static void WriteTime(long time, int? offset, IBufferWriter<byte> target)
    {
        Span<byte> text = target.GetSpan(LengthMax);
        int length = 0;
        WriteTime(time, text, ref length);
        if (offset is { } given)
            WriteOffset(given, text, ref length);
        target.Advance(length);
    }

    /// <summary>
    /// Writes microseconds as the digits after a second's point, without trailing zeros; nothing for 0.
    /// </summary>
    internal static void PutFraction(int microseconds, Span<byte> text, ref int length)
    {
        if (microseconds == 0)
            return;
        int digits = 6;
        while (microseconds % 10 == 0)
        {
            microseconds /= 10;
            digits--;
        }
        text[length++] = (byte)'.';
        for (int i = digits - 1; i >= 0; i--)
        {
            text[length + i] = (byte)('0' + (microseconds % 10));
            microseconds /= 10;
        }
        length += digits;
    }

    internal static void PutTwo(int value, Span<byte> text, ref int length)
    {
        text[length++] = (byte)('0' + (value / 10));
        text[length++] = (byte)('0' + (value % 10));
    }

    private static int WriteDay(int days, FormatContext context, Span<byte> text, ref int length)
    {
        (int year, int month, int day) = Calendar.CivilFromDays(days);
        if (context.DateStyle == DateStyle.Iso)
        {
            PutYear(year, text, ref length);
            text[length++] = (byte)'-';
            PutTwo(month, text, ref length);
            text[length++] = (byte)'-';
            PutTwo(day, text, ref length);
            return year;
        }
        bool isDayFirst = context.DateStyle == DateStyle.German || context.DateOrder == DateOrder.DayMonthYear;
        byte delimiter = context.DateStyle switch
        {
            DateStyle.Sql => (byte)'/',
            DateStyle.German => (byte)'.',
            _ => (byte)'-',
        };
        PutTwo(isDayFirst ? day : month, text, ref length);
        text[length++] = delimiter;
        PutTwo(isDayFirst ? month : day, text, ref length);
        text[length++] = delimiter;
        PutYear(year, text, ref length);
        return year;
    }

    private static void WriteTime(long time, Span<byte> text, ref int length)
    {
        PutTwo((int)(time / Calendar.MicrosecondsPerHour), text, ref length);
        text[length++] = (byte)':';
        PutTwo((int)(time / Calendar.MicrosecondsPerMinute % 60), text, ref length);
        text[length++] = (byte)':';
        PutTwo((int)(time / Calendar.MicrosecondsPerSecond % 60), text, ref length);
        PutFraction((int)(time % Calendar.MicrosecondsPerSecond), text, ref length);
    }

    private static void WriteOffset(int offset, Span<byte> text, ref int length)
    {
        int size = Math.Abs(offset);
        text[length++] = offset < 0 ? (byte)'-' : (byte)'+';
        PutTwo(size / 3600, text, ref length);
        if (size % 3600 == 0)
            return;
        text[length++] = (byte)':';
        PutTwo(size / 60 % 60, text, ref length);
        if (size % 60 == 0)
            return;
        text[length++] = (byte)':';
        PutTwo(size % 60, text, ref length);
    }

    private static void WriteEra(int year, Span<byte> text, ref int length)
    {
        if (year <= 0)
            Put(" BC", text, ref length);
    }

    private static void PutYear(int year, Span<byte> text, ref int length)
    {
        int shown = year > 0 ? year : 1 - year;
        for (int bound = 1000; bound > shown && bound > 1; bound /= 10)
            text[length++] = (byte)'0';
        shown.TryFormat(text[length..], out int written);
        length += written;
    }

    // Zones without an abbreviation of their own are called by their offset or by a long name; then the offset is
    // printed.
    private static bool IsName(string zoneName) => zoneName.Length is > 0 and <= 10 && zoneName.All(char.IsAsciiLetter);

    private static void Put(string word, Span<byte> text, ref int length) =>
        length += Encoding.ASCII.GetBytes(word, text[length..]);
}
