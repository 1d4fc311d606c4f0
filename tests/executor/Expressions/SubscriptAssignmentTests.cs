using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;
using static VecSQL.Executor.Tests.Expressions.Build;

namespace VecSQL.Executor.Tests.Expressions;

public sealed class SubscriptAssignmentTests
{
    [Fact]
    public void Several_threads_may_run_one_assignment()
    {
        SqlType ints = new(TypeOid.Int4Array);
        SubscriptOperation place = new(
            SqlType.Int4, Input(ints, 0), [new SubscriptBounds(Constant(SqlType.Int4, "3"), null)], IsSlice: false);
        SubscriptAssignment assignment = new(ints, place, Input(SqlType.Int4, 1));
        Column arrays = Column(ints, [.. Enumerable.Range(0, 500).Select(static row => $"{{{string.Join(',', Enumerable.Range(1, (row % 5) + 1))}}}")]);
        Column values = Column(SqlType.Int4, [.. Enumerable.Range(0, 500).Select(static row => $"{row}")]);
        string expected = Run(assignment, arrays, values);
        Assert.StartsWith("{1,NULL,0} {1,2,1} {1,2,2} {1,2,3,4} {1,2,4,4,5}", expected, StringComparison.Ordinal);
        VectorExpression code = ExpressionCompiler.Compile(assignment);
        ColumnBatch batch = new([arrays, values], arrays.Length);
        string[] found = new string[64];
        Parallel.For(0, found.Length, i => found[i] = Print(ints, code.Evaluate(batch, Context)));
        Assert.All(found, text => Assert.Equal(expected, text));
    }
}
