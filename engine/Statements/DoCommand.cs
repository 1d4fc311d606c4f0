using VecSQL.Core.Errors;
using VecSQL.Engine.Procedural;
using VecSQL.Engine.Sessions;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>DO: a block of PL/pgSQL, run once.</summary>
internal static class DoCommand
{
    /// <summary>Blocks that run blocks: each holds its own text, so that deeper ones cost the square of their number.</summary>
    private const int DepthMax = 100;

    internal static CommandWork Open(SqlSession session, DoStatement statement) => new(async cancellation =>
    {
        SessionState state = session.State;
        using SyntaxMemory memory = Executions.SyntaxMemory(state.Database);
        if (state.BlockDepth == DepthMax)
            throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded");
        state.BlockDepth++;
        try
        {
            await new BlockRun(session, cancellation).RunAsync(Read(statement, memory, state.StringRules));
        }
        finally
        {
            state.BlockDepth--;
        }
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
