using System.Globalization;
using VecSQL.Core.Settings;
using VecSQL.Engine.Settings;
using VecSQL.Engine.Statements;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>pg_settings, pg_extension, pg_available_extensions, pg_timezone_names.</summary>
internal static class SettingFamily
{
    internal static readonly RowSource[] Sources =
    [
        new RowSource<SettingDefinition>("pg_settings", _ => SettingCatalog.All.Where(setting => !setting.IsHidden))
            .With("name", setting => setting.Name)
            .With("setting", (context, setting) => context.Session.Settings[setting].Text)
            .With("unit", setting => setting.Unit == SettingUnit.None ? null : SettingParser.UnitName(setting.Unit))
            .With("category", setting => setting.Category)
            .With("short_desc", ShowCommand.Describe)
            .With("context", setting => Context(setting))
            .With("vartype", setting => setting.Kind.ToString().ToLowerInvariant())
            .With("source", (context, setting) => context.Session.Settings.IsDefault(setting) ? "default" : "session")
            .With("min_val", setting => Bound(setting, setting.Min))
            .With("max_val", setting => Bound(setting, setting.Max))
            .With("enumvals", setting => setting.Kind == SettingKind.Enum ? setting.Values : null)
            .With("boot_val", setting => setting.Default)
            .With("reset_val", (context, setting) => context.Session.Settings.ResetText(setting))
            .WithAll("pending_restart", false),

        new RowSource<BuiltInExtension>("pg_extension", _ => BuiltInExtension.All)
            .With("oid", extension => extension.Oid)
            .With("extname", extension => extension.Name)
            .WithAll("extowner", Roles.OwnerOid)
            .With("extnamespace", (context, extension) => context.SchemaHere(extension.Schema))
            .With("extversion", extension => extension.Version),

        new RowSource<BuiltInExtension>("pg_available_extensions", _ => BuiltInExtension.All)
            .With("name", extension => extension.Name)
            .With("default_version", extension => extension.Version)
            .With("installed_version", extension => extension.Version)
            .With("comment", extension => extension.Comment),

        new RowSource<BuiltInExtension>("pg_available_extension_versions", _ => BuiltInExtension.All)
            .With("name", extension => extension.Name)
            .With("version", extension => extension.Version)
            .WithAll("installed", true)
            .WithAll("superuser", true)
            .With("trusted", extension => extension == BuiltInExtension.Procedural)
            .WithAll("relocatable", false)
            .With("schema", extension => extension == BuiltInExtension.Procedural ? "pg_catalog" : null)
            .With("comment", extension => extension.Comment),

        new RowSource<TimeZoneInfo>("pg_timezone_names", _ => TimeZoneInfo.GetSystemTimeZones())
            .With("name", zone => zone.Id)
            .With("abbrev", (context, zone) => Abbreviation(zone, Now(context)))
            .With("utc_offset", (context, zone) => zone.GetUtcOffset(Now(context)).ToString("c", CultureInfo.InvariantCulture))
            .With("is_dst", (context, zone) => zone.IsDaylightSavingTime(Now(context))),
    ];

    private static DateTimeOffset Now(ViewContext context) => context.Session.Database.Time.GetUtcNow();

    private static string Context(SettingDefinition setting) => setting.Context switch
    {
        SettingContext.Internal => "internal",
        SettingContext.Postmaster => "postmaster",
        SettingContext.Sighup => "sighup",
        SettingContext.Superuser => "superuser",
        _ => "user",
    };

    private static string? Bound(SettingDefinition setting, double bound) =>
        setting.Kind is SettingKind.Integer or SettingKind.Real
            ? bound.ToString("G6", CultureInfo.InvariantCulture) is var text && setting.Kind == SettingKind.Integer
                ? ((long)bound).ToString(CultureInfo.InvariantCulture)
                : text
            : null;

    /// <summary>The zone's offset, which stands for the abbreviation that .NET does not know.</summary>
    private static string Abbreviation(TimeZoneInfo zone, DateTimeOffset now)
    {
        TimeSpan offset = zone.GetUtcOffset(now);
        return (offset < TimeSpan.Zero ? "-" : "+") + offset.ToString("hhmm", CultureInfo.InvariantCulture);
    }
}
