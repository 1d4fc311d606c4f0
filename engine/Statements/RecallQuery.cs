using System.Diagnostics;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Executor;
using VecSQL.Executor.Expressions;
using VecSQL.Parser;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Statements;

/// <summary>vecsql_recall: what a query finds by vector indexes of what it should find.</summary>
internal static class RecallQuery
{
    /// <param name="sql">A query. Its parameter, where it has one, is each of the samples in turn: vectors of the column that it searches.</param>
    /// <exception cref="SqlException">22023: no query, or none that is answered by a vector index.</exception>
    internal static async ValueTask<RecallFigures> MeasureAsync(
        SessionState session, string sql, int samples, CancellationToken cancellation)
    {
        if (samples < 1)
            throw Refusal("samples must be at least 1", null);
        if (SqlParser.Parse(sql) is not [QueryStatement statement])
            throw Refusal("vecsql_recall measures one SELECT", null);
        PlannedQuery query = new(statement, []);
        PlannedStatement plan = query.Plan(session, session.Catalog);
        if (!plan.IsReadOnly)
            throw Refusal("vecsql_recall measures queries that change nothing", null);
        IReadOnlyList<Column[]> questions = await QuestionsAsync(session, plan, samples, cancellation);
        List<double> times = [], exactTimes = [];
        RecallTally tally = default;
        for (int i = 0; i < questions.Count; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await RunAsync(session, query, questions[i], measuresRecall: false, cancellation);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            if (i > 0 && questions[i].Length == 0)
                continue; // asked the same again, for its time alone
            RecallTally measured = await RunAsync(session, query, questions[i], measuresRecall: true, cancellation);
            if (measured.Searches == 0)
                throw Refusal("the query is not answered by a vector index", "EXPLAIN shows how it is answered.");
            exactTimes.Add(measured.Exact.TotalMilliseconds);
            tally += measured;
        }
        return new RecallFigures(tally.Recall, Median(times), Median(exactTimes));
    }

    private static async ValueTask<RecallTally> RunAsync(
        SessionState session, PlannedQuery query, Column[] parameters, bool measuresRecall, CancellationToken cancellation)
    {
        await using QueryWork work = await QueryWork.OpenAsync(
            session, query, parameters, cancellation, collectsActuals: measuresRecall, measuresRecall);
        while (await work.NextAsync(cancellation) is not null)
        {
        }
        return work.Execution?.Recall ?? default;
    }

    /// <summary>The parameters to ask the query with, one after the other.</summary>
    private static async ValueTask<IReadOnlyList<Column[]>> QuestionsAsync(
        SessionState session, PlannedStatement plan, int samples, CancellationToken cancellation)
    {
        if (plan.ParameterTypes.IsEmpty)
            return [.. Enumerable.Repeat(Array.Empty<Column>(), samples)];
        if (plan.ParameterTypes is not [var type] || Find(plan.Plan) is not { } search)
        {
            throw Refusal("a query to measure has no parameter, or one: the vector to search for by an index",
                "EXPLAIN shows how a query is answered.");
        }
        if (!session.Catalog.TryFindTable(search.Table, out TableEntry? table))
            throw new InvariantException("a planned table is gone");
        string column = SqlPrinter.QuoteIdentifier(table.Column(search.VectorColumn).Name), name = TableValidation.Name(session, table);
        TableView view = session.Transaction.Storage.Read(table.Id);
        double rows = Math.Max(1, view.RowCountEstimate);
        view.Release();
        double percent = Math.Min(100, 100.0 * ((2 * samples) + 20) / rows); // some are null, and a share is never met exactly
        string vectorType = BuiltinTypes.FormatType(new SqlType(type.Oid));
        string sql = FormattableString.Invariant($"SELECT {column}::{vectorType} FROM {name} TABLESAMPLE BERNOULLI ({percent:F10}) ")
            + $"REPEATABLE (1) WHERE {column} IS NOT NULL LIMIT {samples}";
        Statement sample = SqlParser.Parse(sql)[0];
        List<Column[]> questions = [];
        await using QueryWork work = await QueryWork.OpenAsync(session, new PlannedQuery(sample, []), [], cancellation);
        while (await work.NextAsync(cancellation) is { } batch)
        {
            for (int row = 0; row < batch.RowCount; row++)
                questions.Add([batch.Columns[0].Broadcast(row, 1)]);
        }
        return questions.Count > 0 ? questions : throw Refusal($"table \"{table.Name}\" has no vectors to search for", null);
    }

    private static VectorTopKPlan? Find(PhysicalPlan plan)
    {
        if (plan is VectorTopKPlan { Index: not 0 } search)
            return search;
        foreach (PhysicalPlan input in PlanInputs.Of(plan))
        {
            if (Find(input) is { } found)
                return found;
        }
        return null;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    private static SqlException Refusal(string message, string? hint) =>
        new(SqlState.InvalidParameterValue, message) { Hint = hint };
}
