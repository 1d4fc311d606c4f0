using VecSQL.Core.Errors;
using VecSQL.Engine.Procedural;
using VecSQL.Engine.Sessions;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>DO: a block of PL/pgSQL, run once.</summary>
internal static class DoCommand
{
    internal static CommandWork Open(SqlSession session, DoStatement statement) => new(async cancellation =>
    {
        using SyntaxMemory memory = Executions.SyntaxMemory(session.State.Database);
        await new BlockRun(session, cancellation).RunAsync(Read(statement, memory, session.State.StringRules));
        return "DO";
    });

    private static ProceduralBlock Read(DoStatement statement, SyntaxMemory memory, StringRules? strings)
    {
        if (statement.Language == "sql")
            throw new SqlException(SqlState.FeatureNotSupported, "language \"sql\" does not support inline code execution");
        if (statement.Language != "plpgsql")
            throw new SqlException(SqlState.UndefinedObject, $"language \"{statement.Language}\" does not exist");
        try
        {
            return SqlParser.ParseBlock(statement.Body.Value, memory, strings);
        }
        catch (SqlException error)
        {
            throw QuotedBody.Place(error, statement, statement.Body);
        }
    }
}
