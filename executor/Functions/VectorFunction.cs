using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions;

/// <summary>A function's code for one call site, over columns.</summary>
/// <remarks>Threads: any; what it caches between calls it caches safely.</remarks>
internal abstract class VectorFunction
{
    /// <summary>The function's values for some rows.</summary>
    /// <param name="arguments">Each <paramref name="rowCount"/> long, or constant.</param>
    /// <param name="validity">For strict functions the rows without a null argument, which alone may be looked at;
    /// else absent.</param>
    /// <returns>A column <paramref name="rowCount"/> long that is null (at least) where <paramref name="validity"/>
    /// is.</returns>
    public abstract Column Evaluate(
        ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context);
}

/// <summary>What a function is told about the place it is called from.</summary>
/// <param name="IsVariadicArray">A VARIADIC "any" function was given its last arguments as one array.</param>
internal sealed record CallSite(IReadOnlyList<SqlType> Arguments, SqlType Result, bool IsVariadicArray = false);
