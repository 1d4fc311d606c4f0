using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Introspection;

/// <summary>has_table_privilege() and its like.</summary>
/// <remarks>Everybody may do everything until there are privileges; but not with an object that is not there, or what is no privilege.</remarks>
internal static class PrivilegeQuestions
{
    private const string GrantOption = " WITH GRANT OPTION";

    /// <param name="arguments">Those behind the user's.</param>
    /// <returns>t; null where an id is nobody's.</returns>
    /// <exception cref="SqlException">A name is nobody's, or the privilege is none of the object's kind (22023).</exception>
    internal static string? Answer(ViewContext context, string function, IReadOnlyList<string?> arguments)
    {
        bool isKnown = Exists(context, function, arguments[0] ?? "");
        if (function == "has_column_privilege" && isKnown && !IsNumber(arguments[1]))
            RequireColumn(context, arguments[0] ?? "", arguments[1] ?? "");
        RefuseUnknown(arguments[^1] ?? "", Privileges(function));
        return isKnown ? "t" : null;
    }

    private static string[] Privileges(string function) => function switch
    {
        "has_table_privilege" => ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "RULE"],
        "has_column_privilege" or "has_any_column_privilege" => ["SELECT", "INSERT", "UPDATE", "REFERENCES"],
        "has_sequence_privilege" => ["USAGE", "SELECT", "UPDATE"],
        "has_schema_privilege" => ["CREATE", "USAGE"],
        "has_database_privilege" => ["CREATE", "TEMPORARY", "TEMP", "CONNECT"],
        "has_function_privilege" => ["EXECUTE"],
        "has_tablespace_privilege" => ["CREATE"],
        _ => ["USAGE"],
    };

    private static bool Exists(ViewContext context, string function, string text)
    {
        if (function == "has_database_privilege")
            return DatabaseExists(context, text);
        string? kind = function switch
        {
            "has_table_privilege" or "has_column_privilege" or "has_any_column_privilege" or "has_sequence_privilege" => "regclass",
            "has_schema_privilege" => "regnamespace",
            "has_function_privilege" => "regprocedure",
            "has_type_privilege" => "regtype",
            _ => null,
        };
        if (kind is null)
            return true;
        uint oid = ObjectNames.Read(context, kind, text);
        if (function == "has_sequence_privilege" && context.Catalog.Find(oid) is TableEntry other)
            throw new SqlException(SqlState.WrongObjectType, $"\"{other.Name}\" is not a sequence");
        return !IsNumber(text) || ObjectNames.NameOf(context, kind, oid) is not (null or "-");
    }

    private static bool DatabaseExists(ViewContext context, string text)
    {
        if (IsNumber(text))
            return context.Catalog.Databases.Any(database => database.Oid.ToString(CultureInfo.InvariantCulture) == text);
        return context.Catalog.FindDatabase(text) is null ? throw Statements.DatabaseCommands.Undefined(text) : true;
    }

    private static bool IsNumber(string? text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        || int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static void RequireColumn(ViewContext context, string table, string column)
    {
        TableEntry? entry = Relations.FindRelation(context, ObjectNames.Read(context, "regclass", table))?.Table;
        if (entry is not null && !entry.LiveColumns.Any(live => live.Name == column))
        {
            throw new SqlException(SqlState.UndefinedColumn,
                $"column \"{column}\" of relation \"{entry.Name}\" does not exist");
        }
    }

    private static void RefuseUnknown(string privileges, string[] known)
    {
        foreach (string word in privileges.Split(',', StringSplitOptions.TrimEntries))
        {
            string name = word.ToUpperInvariant();
            if (name.EndsWith(GrantOption, StringComparison.Ordinal))
                name = name[..^GrantOption.Length];
            if (!known.Contains(name))
                throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized privilege type: \"{word}\"");
        }
    }
}
