using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Says with each full-text score and match which column of which table the text is: its corpus and its tokenizer.</summary>
/// <remarks>For a statement's query and then for its subqueries, whose expressions may name columns of the query around them.</remarks>
internal sealed class TextScoring
{
    private const string Score = "bm25_score", ScoreIn = "bm25_score_in", Match = "bm25_match", MatchIn = "bm25_match_in";

    private readonly Dictionary<int, (TableEntry Table, short Column)> _columns = [];

    internal LogicalPlan Apply(LogicalPlan plan)
    {
        PlanTree.VisitAll(plan, node =>
        {
            if (node is LogicalScan { Table.Kind: TableKind.Table } scan)
            {
                foreach (ScanColumn column in scan.Columns)
                    _columns[column.Column.ColumnId] = (scan.Table, column.Number);
            }
        });
        return PlanTree.MapAllExpressions(plan, Place);
    }

    /// <summary>Whether a call's text has to be found.</summary>
    internal static bool IsScore(CallExpression call) => call.Function.Implementation is Score or Match;

    /// <summary>Whether a call says whose text it is about.</summary>
    internal static bool IsPlaced(CallExpression call) => call.Function.Implementation is ScoreIn or MatchIn;

    /// <summary>The call without what was added.</summary>
    internal static CallExpression AsWritten(CallExpression call) => call with
    {
        Function = Find(call.Function.Implementation == ScoreIn ? Score : Match),
        Arguments = [call.Arguments[0], call.Arguments[1]],
    };

    /// <summary>The score of a scanned column for a query that is known before; null for anything else.</summary>
    internal static (short Column, ScalarExpression Query)? ScoreOf(ScalarExpression expression, LogicalScan scan) =>
        Of(expression, ScoreIn, scan);

    /// <summary>The same for a match.</summary>
    internal static (short Column, ScalarExpression Query)? MatchOf(ScalarExpression expression, LogicalScan scan) =>
        Of(expression, MatchIn, scan);

    private static (short Column, ScalarExpression Query)? Of(ScalarExpression expression, string implementation, LogicalScan scan)
    {
        if (expression is not CallExpression call || call.Function.Implementation != implementation
            || Column(call.Arguments[0]) is not { } column || !ScanComparison.IsKnownBefore(call.Arguments[1], scan))
            return null;
        ScanColumn? read = scan.Columns.FirstOrDefault(read => read.Column.ColumnId == column.ColumnId);
        return read is null || read.Number <= 0 ? null : (read.Number, call.Arguments[1]);
    }

    private static ColumnExpression? Column(ScalarExpression text) =>
        (text is RelabelExpression relabel ? relabel.Operand : text) as ColumnExpression;

    private ScalarExpression Place(ScalarExpression expression) => ExpressionTree.RewriteUp(expression, node =>
        node is CallExpression { Function.Implementation: Score or Match } call && Column(call.Arguments[0]) is { } column
        && _columns.TryGetValue(column.ColumnId, out (TableEntry Table, short Column) place)
            ? call with
            {
                Function = Find(call.Function.Implementation == Score ? ScoreIn : MatchIn),
                Arguments = [.. call.Arguments, LiteralReader.Int8(place.Table.Oid), LiteralReader.Int8(place.Column)],
            }
            : node);

    private static FunctionEntry Find(string implementation) =>
        FunctionRegistry.FindFunctions(implementation.Replace("_in", "", StringComparison.Ordinal))
            .FirstOrDefault(function => function.Implementation == implementation)
        ?? throw new InvariantException($"there is no function {implementation}");
}
