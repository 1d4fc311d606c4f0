using System.Collections.Immutable;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Formats;
using VecSQL.Core.Errors;
using VecSQL.Core.Settings;

namespace VecSQL.Engine.Settings;

/// <summary>A session's settings: values now, values that RESET goes back to, and what the transaction changed.</summary>
/// <remarks>Threads: those of the session, one at a time.</remarks>
internal sealed class SessionSettings
{
    private readonly SettingValue[] _values, _resetValues;
    private readonly ImmutableArray<SettingValue> _defaults;
    private readonly Dictionary<string, SettingValue?> _custom = new(StringComparer.OrdinalIgnoreCase);
    private readonly SettingJournal _journal = new();
    private FormatContext? _format;
    private ImmutableArray<string>? _searchPath;

    /// <param name="defaults">A value for each setting of the catalog.</param>
    internal SessionSettings(ImmutableArray<SettingValue> defaults)
    {
        _defaults = defaults;
        _values = [.. defaults];
        _resetValues = [.. defaults];
    }

    /// <summary>What a node's sessions start with: the defaults, but for what is known of the node.</summary>
    internal static ImmutableArray<SettingValue> Defaults(params IEnumerable<KeyValuePair<string, string>> known)
    {
        SettingValue[] values = [.. SettingCatalog.All.Select(setting => SettingParser.Parse(setting, setting.Default))];
        foreach ((string name, string text) in known)
        {
            SettingDefinition definition = SettingCatalog.Find(name) ?? throw Unrecognized(name);
            values[definition.Index] = SettingParser.Parse(definition, text);
        }
        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    /// <summary>A reported setting changed: name, value as shown.</summary>
    internal event Action<string, string>? Changed;

    /// <summary>The session's user or its role changed.</summary>
    internal event Action? UserChanged;

    /// <summary>Whether those settings may be set that PostgreSQL keeps for superusers.</summary>
    internal bool MaySetAll { get; set; } = true;

    /// <summary>Grows when a setting changes that plans depend on.</summary>
    internal int PlanVersion { get; private set; }

    /// <summary>How values are written now; without a moment.</summary>
    internal FormatContext Format => _format ??= MakeFormat();

    /// <summary>search_path as written, folded and split.</summary>
    internal ImmutableArray<string> SearchPath =>
        _searchPath ??= [.. SettingChecks.SplitNames(this[SettingCatalog.SearchPath].Text) ?? []];

    internal SettingValue this[SettingDefinition definition] => _values[definition.Index];

    internal IEnumerable<string> CustomNames => _custom.Keys;

    internal bool IsDefault(SettingDefinition definition) => _values[definition.Index] == _resetValues[definition.Index];

    /// <summary>Whether anybody has given it a value, be it the default's: by SET, SET LOCAL or as the session began.</summary>
    internal bool IsSet(SettingDefinition definition) =>
        !ReferenceEquals(_values[definition.Index], _defaults[definition.Index]);

    internal string ResetText(SettingDefinition definition) => SettingParser.Print(definition, _resetValues[definition.Index]);

    /// <summary>The value as SHOW prints it; null where there is no such setting.</summary>
    internal string? Show(string name)
    {
        if (SettingCatalog.Find(name) is { } definition)
            return SettingParser.Print(definition, this[definition]);
        return _custom.TryGetValue(name, out SettingValue? custom) ? custom?.Text ?? "" : null;
    }

    /// <summary>SET and set_config; a null text is TO DEFAULT.</summary>
    /// <exception cref="SqlException">22023, 42704, 42602, 55P02 as PostgreSQL has them.</exception>
    internal void Set(string name, string? text, bool isLocal)
    {
        if (SettingCatalog.Find(name) is not { } definition)
        {
            CheckCustomName(name);
            Put(name, text is null ? null : new SettingValue(text), isLocal);
            return;
        }
        RefuseByContext(definition);
        if (text is not null && definition == SettingCatalog.Seed)
            throw new SqlException(SqlState.FeatureNotSupported, "SET seed is not supported", hint: "Use setseed().");
        Put(name, text is null ? _resetValues[definition.Index] : Check(definition, text, this[definition].Text), isLocal);
    }

    internal void ResetAll()
    {
        foreach (SettingDefinition definition in SettingCatalog.All)
        {
            if (!definition.IsKeptByResetAll && definition.Context is SettingContext.User or SettingContext.Superuser
                && !ReferenceEquals(_values[definition.Index], _resetValues[definition.Index]))
            {
                Put(definition.Name, _resetValues[definition.Index], isLocal: false);
            }
        }
        foreach (string name in _custom.Keys.ToArray())
            Put(name, null, isLocal: false);
    }

    /// <summary>Sets a value that RESET goes back to: startup options, and what the session itself knows.</summary>
    internal void SetInitial(string name, string text)
    {
        if (SettingCatalog.Find(name) is not { } definition)
        {
            CheckCustomName(name);
            _custom[name] = new SettingValue(text);
            return;
        }
        RefuseByContext(definition);
        SetKnown(definition, Check(definition, text, this[definition].Text).Text);
    }

    /// <summary>What ALTER ROLE … SET keeps for the role's sessions.</summary>
    internal string CheckForRole(string name, string text)
    {
        if (SettingCatalog.Find(name) is not { } definition)
        {
            CheckCustomName(name);
            return text;
        }
        RefuseByContext(definition);
        if (definition == SettingCatalog.Role || definition == SettingCatalog.SessionAuthorization)
            throw new SqlException(SqlState.FeatureNotSupported, $"parameter \"{definition.Name}\" cannot be kept for a role");
        Check(definition, text, this[definition].Text);
        return text;
    }

    /// <summary>Sets what the session knows (its user, whether a transaction only reads), past all rules of context.</summary>
    internal void SetKnown(SettingDefinition definition, string text) =>
        SetKnown(definition, SettingParser.Parse(definition, text));

    internal void SetKnown(SettingDefinition definition, SettingValue value)
    {
        if (ReferenceEquals(_resetValues[definition.Index], value) && ReferenceEquals(_values[definition.Index], value))
            return;
        _resetValues[definition.Index] = value;
        Assign(definition.Name, value);
    }

    internal void BeginLevel() => _journal.Begin();

    internal int Depth => _journal.Depth;

    internal void EndLevel(bool keep)
    {
        foreach ((string name, SettingValue? value) in keep ? _journal.Keep() : _journal.Undo())
            Assign(name, value);
    }

    /// <summary>A text as a value that the setting may have.</summary>
    internal static SettingValue Check(SettingDefinition definition, string text, string current)
    {
        SettingValue value = definition.Kind == SettingKind.String
            ? new SettingValue(SettingChecks.Canonical(definition, text, current))
            : SettingParser.Parse(definition, text);
        SettingChecks.RefuseUnsupported(definition, value);
        return value;
    }

    private void RefuseByContext(SettingDefinition definition)
    {
        if (definition.Context == SettingContext.Superuser && !MaySetAll)
            throw new SqlException(SqlState.InsufficientPrivilege, $"permission denied to set parameter \"{definition.Name}\"");
        string? problem = definition.Context switch
        {
            SettingContext.Internal => "cannot be changed",
            SettingContext.Postmaster => "cannot be changed without restarting the server",
            SettingContext.Sighup => "cannot be changed now",
            _ => null,
        };
        if (problem is not null)
            throw new SqlException(SqlState.CantChangeRuntimeParam, $"parameter \"{definition.Name}\" {problem}");
    }

    private static void CheckCustomName(string name)
    {
        if (!name.Contains('.'))
            throw Unrecognized(name);
        foreach (string part in name.Split('.'))
        {
            bool isName = part.Length > 0 && (char.IsLetter(part[0]) || part[0] == '_')
                && part.All(c => char.IsLetterOrDigit(c) || c is '_' or '$');
            if (!isName)
            {
                throw new SqlException(SqlState.InvalidName, $"invalid configuration parameter name \"{name}\"")
                { Detail = "Custom parameter names must be two or more simple identifiers separated by dots." };
            }
        }
        string prefix = name[..name.IndexOf('.')].ToLowerInvariant();
        if (prefix is "hnsw" or "ivfflat" or "vecsql" or "ybhnsw" or "diskann" or "vchordrq" or "vchordg")
        {
            throw new SqlException(SqlState.InvalidName, $"invalid configuration parameter name \"{name}\"")
            { Detail = $"\"{prefix}\" is a reserved prefix." };
        }
    }

    internal static SqlException Unrecognized(string name) =>
        new(SqlState.UndefinedObject, $"unrecognized configuration parameter \"{name}\"");

    private void Put(string name, SettingValue? value, bool isLocal)
    {
        SettingValue? before = SettingCatalog.Find(name) is { } definition
            ? this[definition]
            : _custom.GetValueOrDefault(name);
        if (_journal.IsOpen)
            _journal.Record(name, before, isLocal);
        else if (isLocal)
            return; // outside a transaction SET LOCAL lasts no longer than itself
        Assign(name, value);
    }

    private void Assign(string name, SettingValue? value)
    {
        if (SettingCatalog.Find(name) is not { } definition)
        {
            _custom[name] = value;
            return;
        }
        value ??= _resetValues[definition.Index];
        SettingValue before = _values[definition.Index];
        _values[definition.Index] = value;
        if (before == value)
            return;
        _format = null;
        if (definition == SettingCatalog.SearchPath)
            _searchPath = null;
        if (definition == SettingCatalog.Role || definition == SettingCatalog.SessionAuthorization)
            UserChanged?.Invoke();
        if (definition.AffectsPlans)
            PlanVersion++;
        if (definition.IsReported)
            Changed?.Invoke(definition.Name, SettingParser.Print(definition, value));
    }

    private FormatContext MakeFormat()
    {
        string[] date = this[SettingCatalog.DateStyle].Text.Split(", ");
        string zone = this[SettingCatalog.TimeZone].Text;
        return new FormatContext
        {
            TimeZoneName = zone,
            TimeZone = TimeZones.Find(zone)?.Zone ?? TimeZoneInfo.Utc,
            DateStyle = date[0] switch
            {
                "SQL" => DateStyle.Sql,
                "German" => DateStyle.German,
                "Postgres" => DateStyle.Postgres,
                _ => DateStyle.Iso,
            },
            DateOrder = date[1] switch
            {
                "YMD" => DateOrder.YearMonthDay,
                "DMY" => DateOrder.DayMonthYear,
                _ => DateOrder.MonthDayYear,
            },
            IntervalStyle = this[SettingCatalog.IntervalStyle].Text switch
            {
                "postgres_verbose" => IntervalStyle.PostgresVerbose,
                "sql_standard" => IntervalStyle.SqlStandard,
                "iso_8601" => IntervalStyle.Iso8601,
                _ => IntervalStyle.Postgres,
            },
            ExtraFloatDigits = (int)this[SettingCatalog.ExtraFloatDigits].Integer,
            ByteaHex = this[SettingCatalog.ByteaOutput].Text == "hex",
        };
    }
}
