using System.Collections.Immutable;

namespace VecSQL.Core.Settings;

/// <summary>A named setting: what it may hold, what it holds at first, and who may change it when.</summary>
/// <param name="Index">Its place in the table of settings.</param>
/// <param name="Default">The value at first, as SHOW prints it.</param>
public sealed record SettingDefinition(int Index, string Name, SettingKind Kind, string Default)
{
    public SettingUnit Unit { get; init; }

    /// <summary>For integers and reals, in the base unit.</summary>
    public double Min { get; init; } = double.MinValue;

    public double Max { get; init; } = double.MaxValue;

    /// <summary>What an enumeration may be, in the order of error hints.</summary>
    public ImmutableArray<string> Values { get; init; } = [];

    public SettingContext Context { get; init; } = SettingContext.User;

    public string Category { get; init; } = "";

    public string Summary { get; init; } = "";

    /// <summary>Clients are told of every change (ParameterStatus).</summary>
    public bool IsReported { get; init; }

    /// <summary>A different value may give a different plan.</summary>
    public bool AffectsPlans { get; init; }

    /// <summary>Accepted because clients set it; VecSQL does nothing with it.</summary>
    public bool IsForCompatibility { get; init; }

    /// <summary>Only the default is taken: any other value would promise what VecSQL does not do, and is refused with 0A000.</summary>
    public bool IsDefaultOnly { get; init; }

    /// <summary>RESET ALL leaves it alone.</summary>
    public bool IsKeptByResetAll { get; init; }

    /// <summary>SHOW ALL and pg_settings leave it out.</summary>
    public bool IsHidden { get; init; }

    /// <summary>A list of names, which SET quotes each by itself.</summary>
    public bool IsNameList { get; init; }
}

public enum SettingKind : byte { Bool, Integer, Real, String, Enum }

/// <summary>The unit that a plain number means.</summary>
public enum SettingUnit : byte { None, Bytes, Kilobytes, Blocks, Megabytes, Milliseconds, Seconds, Minutes }

/// <summary>Who may change a setting, and when: PostgreSQL's contexts.</summary>
public enum SettingContext : byte { Internal, Postmaster, Sighup, Superuser, User }
