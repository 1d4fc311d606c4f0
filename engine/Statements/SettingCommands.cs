using System.Collections.Immutable;
using System.Globalization;
using VecSQL.Core.Errors;
using VecSQL.Core.Settings;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Settings;
using VecSQL.Engine.Transactions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>SET, RESET and DISCARD.</summary>
internal static class SettingCommands
{
    internal static CommandWork Set(SessionState session, SetStatement statement, bool isInScript) => new(_ =>
    {
        if (statement.IsLocal && session.Transaction.State == BlockState.Implicit && !isInScript)
        {
            session.Notices.Warn(
                SqlState.NoActiveSqlTransaction, "SET LOCAL can only be used in transaction blocks");
        }
        session.SetSetting(statement.Name, ValueText(statement), statement.IsLocal);
        return new ValueTask<string>("SET");
    });

    internal static CommandWork Reset(SessionState session, ResetStatement statement) => new(_ =>
    {
        if (statement.Name is { } name)
            session.SetSetting(name, null, isLocal: false);
        else
            session.Settings.ResetAll();
        return new ValueTask<string>("RESET");
    });

    internal static CommandWork Discard(SessionState session, DiscardStatement statement, bool isInScript) =>
        new(async _ =>
        {
            switch (statement.What)
            {
                case "all":
                    session.Transaction.RefuseBlock("DISCARD ALL", isInScript);
                    await session.Portals.CloseCursorsAsync();
                    session.SetSetting("session_authorization", null, isLocal: false);
                    session.Settings.ResetAll();
                    session.SetSetting("role", "none", isLocal: false);
                    session.Statements.Clear();
                    session.Channels.Unlisten(null);
                    session.Services.ReturnAdvisoryLocks();
                    session.Sequences.Clear();
                    session.Temporary.DropAll(session.Transaction.Storage);
                    break;
                case "temp":
                    session.Temporary.DropAll(session.Transaction.Storage);
                    break;
                case "sequences":
                    session.Sequences.Clear();
                    break;
            }
            return $"DISCARD {statement.What.ToUpperInvariant()}";
        });

    /// <summary>The value as one text; null for DEFAULT.</summary>
    internal static string? ValueText(SetStatement statement)
    {
        if (statement.Values.IsEmpty)
            return null;
        SettingDefinition? definition = SettingCatalog.Find(statement.Name);
        if (statement.Values.Count > 1 && definition is not { IsNameList: true })
            throw new SqlException(SqlState.InvalidParameterValue, $"SET {statement.Name} takes only one argument");
        if (definition == SettingCatalog.TimeZone && statement.Values[0] is CastExpression interval)
            return ZoneOfInterval(interval);
        IEnumerable<string> values = statement.Values.Select(TextOf);
        // A list setting quotes each argument as the name that it is.
        return definition is { IsNameList: true } && definition != SettingCatalog.DateStyle
            ? SettingChecks.Join(values)
            : string.Join(", ", values);
    }

    private static string TextOf(Expression value) => value switch
    {
        StringLiteral text => text.Value,
        IntegerLiteral number => number.Text,
        NumericLiteral number => number.Text,
        UnaryExpression { Operator.Symbol: "-" } negative => "-" + TextOf(negative.Operand),
        BooleanLiteral truth => truth.Value ? "true" : "false",
        ColumnReference name => name.Name.Name,
        _ => throw new SqlException(SqlState.SyntaxError, "syntax error in the value of SET") { Position = value.Position },
    };

    /// <summary>SET TIME ZONE INTERVAL '-08:00' HOUR TO MINUTE.</summary>
    private static string ZoneOfInterval(CastExpression interval)
    {
        string text = TextOf(interval.Operand);
        bool isNegative = text.StartsWith('-');
        string[] parts = text.TrimStart('-', '+').Split(':');
        bool isTime = parts.Length is > 0 and <= 3
            && parts.All(part => uint.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _));
        if (!isTime)
        {
            throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for parameter \"TimeZone\": \"{text}\"")
            { Position = interval.Position };
        }
        double seconds = 0, unit = 3600;
        foreach (string part in parts)
        {
            seconds += uint.Parse(part, CultureInfo.InvariantCulture) * unit;
            unit /= 60;
        }
        return TimeZones.OfOffset(TimeSpan.FromSeconds(isNegative ? -seconds : seconds)).Name;
    }

    /// <summary>ALTER ROLE and ALTER DATABASE: what sessions begin with, after a SET or RESET.</summary>
    internal static ImmutableArray<KeyValuePair<string, string>> ChangeInitial(
        SessionState session, ImmutableArray<KeyValuePair<string, string>> settings, Statement change)
    {
        if (change is ResetStatement { Name: null })
            return [];
        (string name, string? value) = change switch
        {
            SetStatement set => (set.Name, ValueText(set)),
            ResetStatement reset => (reset.Name ?? "", null),
            _ => throw new InvariantException($"initial settings by {change}"),
        };
        name = SettingCatalog.Find(name)?.Name ?? name;
        if (value is not null)
            value = session.Settings.CheckForRole(name, value);
        List<KeyValuePair<string, string>> changed =
            [.. settings.Where(setting => !setting.Key.Equals(name, StringComparison.OrdinalIgnoreCase))];
        if (value is not null)
            changed.Add(new(name, value));
        return [.. changed];
    }
}
