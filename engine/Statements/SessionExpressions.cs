using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Engine.Sessions;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Statements;

/// <summary>Expressions without columns, computed for a session.</summary>
internal static class SessionExpressions
{
    /// <summary>The value as a constant column of one row.</summary>
    internal static Column Evaluate(SessionState session, ScalarExpression expression)
    {
        EvaluationContext context = new() { Format = session.Format, Session = session.Services };
        return ExpressionCompiler.Compile(expression).Evaluate(new ColumnBatch([], 1), context);
    }
}
