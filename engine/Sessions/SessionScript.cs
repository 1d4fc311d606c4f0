using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Sessions;

/// <summary>A statement of a simple query.</summary>
/// <param name="isAlone">It is all there is in the script.</param>
internal sealed class SessionScript(Statement statement, bool isAlone) : ScriptStatement
{
    internal Statement Statement => statement;

    internal bool IsAlone => isAlone;

    public override string Text => statement.Text.Value;
}
