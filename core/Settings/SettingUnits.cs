namespace VecSQL.Core.Settings;

/// <summary>Units of sizes and times: what may be written after a number, and which one prints best.</summary>
internal static class SettingUnits
{
    private const double Kilo = 1024, BlockBytes = 8192;

    // From the largest down, so that printing takes the first that divides the value.
    private static readonly (string Name, double Bytes)[] Sizes =
        [("TB", Kilo * Kilo * Kilo * Kilo), ("GB", Kilo * Kilo * Kilo), ("MB", Kilo * Kilo), ("kB", Kilo), ("B", 1)];

    private static readonly (string Name, double Microseconds)[] Times =
        [("d", 86_400e6), ("h", 3_600e6), ("min", 60e6), ("s", 1e6), ("ms", 1e3), ("us", 1)];

    internal static bool IsSize(SettingUnit unit) => unit is >= SettingUnit.Bytes and <= SettingUnit.Megabytes;

    internal static string Hint(SettingUnit unit) => IsSize(unit)
        ? "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\"."
        : "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\".";

    /// <summary>The base unit as pg_settings and range errors name it.</summary>
    internal static string Name(SettingUnit unit) => unit switch
    {
        SettingUnit.Bytes => "B",
        SettingUnit.Kilobytes => "kB",
        SettingUnit.Blocks => "8kB",
        SettingUnit.Megabytes => "MB",
        SettingUnit.Milliseconds => "ms",
        SettingUnit.Seconds => "s",
        SettingUnit.Minutes => "min",
        _ => "",
    };

    /// <summary>The number in the base unit; null where the unit is not one of the kind.</summary>
    internal static double? ToBase(double number, string unit, SettingUnit target)
    {
        foreach ((string name, double scale) in IsSize(target) ? Sizes : Times)
        {
            if (name == unit)
                return number * scale / BaseScale(target);
        }
        return null;
    }

    /// <summary>The number with the largest unit in which it is whole.</summary>
    internal static string Print(double number, SettingUnit unit)
    {
        double smallest = number * BaseScale(unit);
        foreach ((string name, double scale) in IsSize(unit) ? Sizes : Times)
        {
            if (smallest % scale == 0)
                return Whole(smallest / scale) + name;
        }
        return Whole(number) + Name(unit);
    }

    private static double BaseScale(SettingUnit unit) => unit switch
    {
        SettingUnit.Bytes => 1,
        SettingUnit.Kilobytes => Kilo,
        SettingUnit.Blocks => BlockBytes,
        SettingUnit.Megabytes => Kilo * Kilo,
        SettingUnit.Milliseconds => 1e3,
        SettingUnit.Seconds => 1e6,
        SettingUnit.Minutes => 60e6,
        _ => 1,
    };

    private static string Whole(double number) =>
        number.ToString("0.######", System.Globalization.CultureInfo.InvariantCulture);
}
