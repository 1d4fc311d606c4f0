using VecSQL.Engine.Plans;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Sessions;

/// <summary>A statement of a simple query.</summary>
/// <param name="statement">Null for a plain query or data change, whose plan may do without.</param>
/// <param name="query">The plain query or data change; null for other statements.</param>
/// <param name="isAlone">It is all there is in the script.</param>
internal sealed class SessionScript(Statement? statement, PlannedQuery? query, bool isAlone) : ScriptStatement
{
    internal Statement? Statement => statement;

    internal PlannedQuery? Query => query;

    internal bool IsAlone => isAlone;
}
