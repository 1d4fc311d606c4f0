using VecSQL.Core.Errors;
using VecSQL.Core.Settings;
using VecSQL.Executor;

namespace VecSQL.Engine.Settings;

/// <summary>Settings as one statement has them: those that it gives itself, before those of its session.</summary>
/// <remarks>
/// A statement that says how hard an index is to be searched has said all about it: what its session was given of that does not count.
/// Threads: immutable; what lies below belongs to the session.
/// </remarks>
internal sealed class SettingOverlay(IReadOnlyList<(SettingDefinition Definition, SettingValue Value)> values)
{
    internal static readonly SettingOverlay None = new([]);

    private readonly bool _hasEffort = values.Any(static entry => SearchSettings.IsEffort(entry.Definition.Name));

    internal bool IsEmpty => values.Count == 0;

    /// <summary>A value that one statement may have.</summary>
    /// <exception cref="SqlException">There is no such setting, it is not one of how statements are run, or has no such value.</exception>
    internal static (SettingDefinition, SettingValue) Value(string name, string text)
    {
        SettingDefinition definition = SettingCatalog.Find(name) ?? throw SessionSettings.Unrecognized(name);
        if (definition.Category is not ("planner" or "resources" or "vectors"))
        {
            throw new SqlException(SqlState.CantChangeRuntimeParam, $"parameter \"{definition.Name}\" cannot be set for one statement",
                hint: "Hints set how a statement is planned and run. Use SET LOCAL for others.");
        }
        return (definition, SessionSettings.Check(definition, text, current: definition.Default));
    }

    internal SettingValue Of(SettingDefinition definition, SessionSettings session) => Find(definition) ?? session[definition];

    internal string? Show(string name, SessionSettings session) =>
        SettingCatalog.Find(name) is { } definition && Find(definition) is { } value
            ? SettingParser.Print(definition, value)
            : session.Show(name);

    internal bool IsSet(string name, SessionSettings session)
    {
        if (SettingCatalog.Find(name) is not { } definition)
            return false;
        return Find(definition) is not null
            || (session.IsSet(definition) && !(_hasEffort && SearchSettings.IsEffort(definition.Name)));
    }

    /// <summary>What was said last.</summary>
    private SettingValue? Find(SettingDefinition definition)
    {
        for (int i = values.Count - 1; i >= 0; i--)
        {
            if (values[i].Definition.Index == definition.Index)
                return values[i].Value;
        }
        return null;
    }
}
