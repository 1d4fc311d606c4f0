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
            return SqlParser.ParseBlock(statement.Body);
        }
        catch (SqlException error) when (error.Position > 0)
        {
            // The place in the script, where the block's text stands there as it is.
            int position = statement.BodyPosition == 0 ? 0 : statement.BodyPosition + error.Position - 1;
            throw new SqlException(error.State, error.Message, position, error.Hint, error) { Detail = error.Detail };
        }
    }
}
