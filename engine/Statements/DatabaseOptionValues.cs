using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>What CREATE DATABASE was asked for.</summary>
/// <param name="Oid">Null for one of the node's choice.</param>
/// <param name="Form">All but the object id.</param>
internal sealed record NewDatabase(string Template, uint? Oid, DatabaseEntry Form);

/// <summary>The options of CREATE and ALTER DATABASE.</summary>
internal static class DatabaseOptionValues
{
    private const string DefaultTemplate = "template1";

    /// <exception cref="SqlException">42601: an option twice, or none that there is; 0A000 and others for bad values.</exception>
    internal static NewDatabase OfNew(SessionState session, string name, ValueList<DatabaseOption> options)
    {
        RefuseRepeated(options);
        string template = DefaultTemplate;
        uint? oid = null;
        DatabaseEntry form = new(0, name);
        foreach (DatabaseOption option in options)
        {
            if (option.Name == "template")
                template = option.Value ?? DefaultTemplate;
            else if (option.Name == "oid")
                oid = ObjectId(option);
            else if (option.Name == "owner")
                Roles.RequireOwner(session, option.Value ?? Roles.OwnerName(session));
            else if (IsChangeable(option))
                form = Change(form, option);
            else
                CheckForm(session, option);
        }
        return new NewDatabase(template, oid, form);
    }

    /// <exception cref="SqlException">42601: an option twice, or none that can be changed; others for bad values.</exception>
    internal static DatabaseEntry Change(DatabaseEntry database, ValueList<DatabaseOption> options)
    {
        RefuseRepeated(options);
        foreach (DatabaseOption option in options)
            database = IsChangeable(option) ? Change(database, option) : throw Unknown(option);
        return database;
    }

    private static bool IsChangeable(DatabaseOption option) => option.Name is "allow_connections" or "connection limit" or "is_template";

    private static DatabaseEntry Change(DatabaseEntry database, DatabaseOption option) => option.Name switch
    {
        "allow_connections" => database with { AllowsConnections = option.Value is null || Truth(option) },
        "is_template" => database with { IsTemplate = option.Value is not null && Truth(option) },
        _ => database with { ConnectionsMax = option.Value is null ? -1 : Limit(option) },
    };

    /// <summary>How a database keeps and sorts text, and where: there is one way each.</summary>
    private static void CheckForm(SessionState session, DatabaseOption option)
    {
        string value = option.Value ?? "";
        bool isGood = option.Value is null || option.Name switch
        {
            "encoding" => value.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant() is "UTF8" or "UNICODE" or "6" or "1",
            "locale" or "lc_collate" or "lc_ctype" => value.ToUpperInvariant() is "C" or "POSIX" or "C.UTF-8" or "C.UTF8",
            "locale_provider" => value == "libc",
            "tablespace" => value == "pg_default" ? true : throw new SqlException(
                SqlState.UndefinedObject, $"tablespace \"{value}\" does not exist"),
            "strategy" => value.ToLowerInvariant() is "wal_log" or "file_copy" ? true : throw new SqlException(
                SqlState.InvalidParameterValue, $"invalid create database strategy \"{value}\"",
                hint: "Valid strategies are \"wal_log\", and \"file_copy\"."),
            "icu_locale" or "collation_version" => false,
            "location" => Warn(session),
            _ => throw Unknown(option),
        };
        if (!isGood)
        {
            throw new SqlException(SqlState.FeatureNotSupported, $"a database with {option.Name} \"{value}\" is not supported",
                hint: "Databases keep text as UTF8 and sort it by collation \"C\"; other collations are named where they are wanted.")
            { Position = option.Position };
        }
    }

    private static bool Warn(SessionState session)
    {
        session.Notices.Warn(SqlState.FeatureNotSupported, "LOCATION is not supported anymore");
        return true;
    }

    private static bool Truth(DatabaseOption option) => option.Value?.ToLowerInvariant() switch
    {
        "true" or "on" or "1" => true,
        "false" or "off" or "0" => false,
        _ => throw new SqlException(SqlState.SyntaxError, $"{option.Name} requires a Boolean value"),
    };

    private static int Limit(DatabaseOption option)
    {
        if (!long.TryParse(option.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long limit))
            throw new SqlException(SqlState.SyntaxError, $"{option.Name.Replace(' ', '_')} requires an integer value");
        return limit is >= -1 and <= int.MaxValue
            ? (int)limit
            : throw new SqlException(SqlState.InvalidParameterValue, $"invalid connection limit: {limit}");
    }

    private static uint? ObjectId(DatabaseOption option)
    {
        if (option.Value is null)
            return null;
        if (!uint.TryParse(option.Value, NumberStyles.None, CultureInfo.InvariantCulture, out uint oid))
            throw new SqlException(SqlState.InvalidTextRepresentation, $"invalid input syntax for type oid: \"{option.Value}\"");
        return oid >= TypeOid.FirstUser
            ? oid
            : throw new SqlException(
                SqlState.InvalidParameterValue, $"OIDs less than {TypeOid.FirstUser} are reserved for system objects");
    }

    private static void RefuseRepeated(ValueList<DatabaseOption> options)
    {
        HashSet<string> seen = [];
        foreach (DatabaseOption option in options)
        {
            if (!seen.Add(option.Name))
                throw new SqlException(SqlState.SyntaxError, "conflicting or redundant options") { Position = option.Position };
        }
    }

    private static SqlException Unknown(DatabaseOption option) =>
        new(SqlState.SyntaxError, $"option \"{option.Name.Replace(' ', '_')}\" not recognized") { Position = option.Position };
}
