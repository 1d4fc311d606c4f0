using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Expressions;

/// <summary>Bound expressions to compiled ones.</summary>
public static class ExpressionCompiler
{
    /// <exception cref="Core.Errors.SqlException">0A000: a function has no implementation.</exception>
    public static VectorExpression Compile(ScalarExpression expression) => throw new NotImplementedException();
}
