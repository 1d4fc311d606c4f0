using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>Storage parameters of tables: those of PostgreSQL are kept and shown; they tune a storage that VecSQL does not have.
/// <see cref="TableEntry.EmbedMode"/> and those of <see cref="ShardPlacement"/> are ours, and act.</summary>
internal static class TableOptions
{
    internal static void Check(ValueList<Option> options)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (Option option in options)
        {
            if (!seen.Add(option.Name))
            {
                throw new SqlException(
                    SqlState.InvalidParameterValue, $"parameter \"{option.Name}\" specified more than once");
            }
            if (ShardPlacement.IsOption(option.Name))
            {
                ShardPlacement.CheckOption(option);
                continue;
            }
            bool isKnown = option.Name is "fillfactor" or "parallel_workers" or "toast_tuple_target" or "user_catalog_table"
                || option.Name.StartsWith("autovacuum_", StringComparison.Ordinal)
                || option.Name.StartsWith("toast.", StringComparison.Ordinal)
                || option.Name.StartsWith("vacuum_", StringComparison.Ordinal)
                || option.Name.StartsWith("log_autovacuum_", StringComparison.Ordinal);
            if (option.Name == TableEntry.EmbedMode)
            {
                CheckEmbedMode(option);
                continue;
            }
            if (option.Name == "oids" && Definitions.OptionText(option.Value) == "false")
                continue;
            if (!isKnown)
            {
                throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized parameter \"{option.Name}\"");
            }
            if (option.Name == "fillfactor")
                CheckRange(option, 10, 100);
        }
    }

    private static void CheckEmbedMode(Option option)
    {
        string mode = Definitions.OptionText(option.Value) ?? "";
        if (mode is not ("sync" or "async"))
        {
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for option \"{option.Name}\": \"{mode}\"",
                hint: "Valid values are \"sync\" and \"async\".");
        }
    }

    internal static void CheckRange(Option option, int min, int max)
    {
        string text = Definitions.OptionText(option.Value) ?? "";
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
        {
            throw new SqlException(
                SqlState.InvalidParameterValue, $"invalid value for integer option \"{option.Name}\": {text}");
        }
        if (number < min || number > max)
        {
            throw new SqlException(SqlState.InvalidParameterValue, $"value {text} out of bounds for option \"{option.Name}\"")
            { Detail = $"Valid values are between \"{min}\" and \"{max}\"." };
        }
    }
}
