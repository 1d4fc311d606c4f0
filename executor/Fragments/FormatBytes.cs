using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Values;

namespace VecSQL.Executor.Fragments;

/// <summary>How a session writes its values, as bytes.</summary>
/// <remarks>A time zone goes by its name where the system has it, and by how far it is from UTC where that is all there is to it.</remarks>
internal static class FormatBytes
{
    private const double MinutesMax = 14 * 60;

    internal static void Write(FormatContext format, ByteWriter target)
    {
        TimeZoneInfo zone = format.TimeZone;
        bool isFixed = !zone.HasIanaId && zone.GetAdjustmentRules().Length == 0;
        target.Flag(isFixed);
        target.Text(zone.Id);
        target.Int((long)zone.BaseUtcOffset.TotalMinutes);
        target.Text(format.TimeZoneName);
        target.UInt((ulong)format.DateStyle);
        target.UInt((ulong)format.DateOrder);
        target.UInt((ulong)format.IntervalStyle);
        target.Int(format.ExtraFloatDigits);
        target.Flag(format.ByteaHex);
        target.Int(format.NowMicroseconds);
    }

    internal static FormatContext Read(ByteReader source)
    {
        bool isFixed = source.Flag();
        string id = source.Text();
        int minutes = source.Int32();
        return new FormatContext
        {
            TimeZone = Zone(id, isFixed, minutes),
            TimeZoneName = source.Text(),
            DateStyle = OneOf<DateStyle>(source.UInt()),
            DateOrder = OneOf<DateOrder>(source.UInt()),
            IntervalStyle = OneOf<IntervalStyle>(source.UInt()),
            ExtraFloatDigits = source.Int32(),
            ByteaHex = source.Flag(),
            NowMicroseconds = source.Int(),
        };
    }

    private static TimeZoneInfo Zone(string id, bool isFixed, int minutes)
    {
        if (!isFixed)
            return id == TimeZoneInfo.Utc.Id ? TimeZoneInfo.Utc : TimeZones.Find(id) ?? throw ByteReader.Wrong($"a time zone \"{id}\" that is not known here");
        return id.Length is > 0 and <= 200 && Math.Abs(minutes) <= MinutesMax
            ? TimeZoneInfo.CreateCustomTimeZone(id, TimeSpan.FromMinutes(minutes), id, id) : throw ByteReader.Wrong("a time zone that is none");
    }

    private static T OneOf<T>(ulong number) where T : struct, Enum =>
        number <= byte.MaxValue && Enum.IsDefined(typeof(T), (byte)number) ? (T)Enum.ToObject(typeof(T), number) : throw ByteReader.Wrong($"a {typeof(T).Name} of {number}");
}
