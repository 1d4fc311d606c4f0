using VecSQL.Columnar.Batches;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>Queries that statements run on the user's behalf: validation of constraints, rewriting of tables.</summary>
internal static class InternalQuery
{
    /// <summary>The first row, as a batch of one row or more; null where there is none.</summary>
    /// <param name="strings">Null for the standard's way.</param>
    internal static async ValueTask<ColumnBatch?> FirstAsync(
        SessionState session, string sql, CancellationToken cancellation, StringRules? strings = null)
    {
        Statement statement = SqlParser.Parse(sql, strings: strings)[0];
        await using QueryWork work = await QueryWork.OpenAsync(
            session, new PlannedQuery(statement, []), [], cancellation);
        return await work.NextAsync(cancellation);
    }
}
