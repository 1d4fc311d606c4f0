using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Settings;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>Where runs of statements are counted that are more than their plans.</summary>
internal static class UtilityFigures
{
    /// <summary>Null where the statement is not to be counted, as PREPARE: its runs are.</summary>
    internal static StatementFigures? Of(SessionState session, Statement statement) => statement switch
    {
        ExecuteStatement execute => session.Statements.Find(execute.Name)?.Statement is { } prepared ? Of(session, prepared) : null,
        PrepareStatement or DeallocateStatement => null,
        _ when StatementPreparation.IsPlain(statement) => OfQuery(session, statement.Text.Value),
        _ when !session.Settings[SettingCatalog.TrackUtility].IsOn => null,
        _ => Find(session, statement.Text.Value, () => StatementText.Plain(statement.Text.Value)),
    };

    /// <summary>A query among other statements, or of PREPARE, of whose literals all are taken to be values.</summary>
    private static StatementFigures OfQuery(SessionState session, string text) => StatementShape.Read(text) is { } shape
        ? Find(session, shape.Key, () => StatementText.Of(shape, static _ => true))
        : Find(session, text, () => StatementText.Plain(text));

    private static StatementFigures Find(SessionState session, string key, Func<StatementText> makeText) =>
        session.Database.Tally.Find(session.StatementOwner, key, makeText);
}
