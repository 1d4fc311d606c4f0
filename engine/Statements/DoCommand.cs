using VecSQL.Core.Errors;
using VecSQL.Engine.Procedural;
using VecSQL.Engine.Sessions;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>DO: a block of PL/pgSQL, run once.</summary>
internal static class DoCommand
{
    internal static CommandWork Open(SqlSession session, DoStatement statement)
    {
        ProceduralBlock block = Read(statement);
        return new CommandWork(async cancellation =>
        {
            await new BlockRun(session, cancellation).RunAsync(block);
            return "DO";
        });
    }

    private static ProceduralBlock Read(DoStatement statement)
    {
        if (statement.Language == "sql")
            throw new SqlException(SqlState.FeatureNotSupported, "language \"sql\" does not support inline code execution");
        if (statement.Language != "plpgsql")
            throw new SqlException(SqlState.UndefinedObject, $"language \"{statement.Language}\" does not exist");
        try
        {
            return SqlParser.ParseBlock(statement.Body.Value);
        }
        catch (SqlException error)
        {
            throw QuotedBody.Place(error, statement, statement.Body);
        }
    }
}
