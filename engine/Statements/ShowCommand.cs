using System.Collections.Immutable;
using VecSQL.Core.Settings;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Settings;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>SHOW.</summary>
internal static class ShowCommand
{
    internal static ImmutableArray<ResultColumnInfo> Columns(SessionState session, ShowStatement statement) =>
        statement.Name == "all"
            ? TextRows.Columns("name", "setting", "description")
            : TextRows.Columns(NameOf(session, statement.Name));

    internal static StatementWork Open(SessionState session, ShowStatement statement) => new RowsWork(
        Columns(session, statement), "SHOW", _ => new ValueTask<Columnar.Batches.ColumnBatch>(
            statement.Name == "all"
                ? TextRows.Of(AllRows(session), 3)
                : TextRows.Of([[session.Settings.Show(statement.Name)]], 1)));

    private static IEnumerable<string?[]> AllRows(SessionState session) =>
        from definition in SettingCatalog.All
        where !definition.IsHidden
        select (string?[])[definition.Name, session.Settings.Show(definition.Name), Describe(definition)];

    internal static string Describe(SettingDefinition definition) =>
        definition.IsForCompatibility ? definition.Summary + " (accepted for compatibility, without effect)."
        : definition.IsDefaultOnly ? definition.Summary + " (only the default is supported)."
        : definition.Summary + ".";

    /// <exception cref="Core.Errors.SqlException">42704: there is no such setting.</exception>
    private static string NameOf(SessionState session, string name) =>
        SettingCatalog.Find(name)?.Name
        ?? (session.Settings.Show(name) is not null ? name : throw SessionSettings.Unrecognized(name));
}
