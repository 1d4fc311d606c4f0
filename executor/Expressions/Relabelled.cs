using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Expressions;

/// <summary>The same value under another type. int4 and the object id types are the same four bytes, but not the same
/// column.</summary>
internal static class Relabelled
{
    public static VectorExpression Make(RelabelExpression node) =>
        Convert(ExpressionCompiler.Compile(node.Operand), node.Operand.Type, node.Type);

    public static VectorExpression Convert(VectorExpression operand, SqlType source, SqlType target)
    {
        PhysicalType from = Columns.PhysicalOf(source), to = Columns.PhysicalOf(target);
        return (from, to) switch
        {
            _ when from == to => operand,
            (PhysicalType.Int32, PhysicalType.Int64) => new ToObjectId(operand),
            (PhysicalType.Int64, PhysicalType.Int32) => new FromObjectId(operand),
            _ => throw new InvalidOperationException($"{source} cannot be relabelled as {target}"),
        };
    }

    private sealed class ToObjectId(VectorExpression operand) : VectorExpression
    {
        public override Column Evaluate(ColumnBatch input, EvaluationContext context)
        {
            var source = (FixedColumn<int>)operand.Evaluate(input, context);
            return source.IsConstant && !source.IsNull(0)
                ? FixedColumn<long>.Constant((uint)source[0], source.Length)
                : source.IsConstant
                    ? Column.Nulls(PhysicalType.Int64, source.Length)
                    : new FixedColumn<long>(Array.ConvertAll(source.Values.ToArray(), static value =>
                        (long)(uint)value), source.Validity);
        }
    }

    private sealed class FromObjectId(VectorExpression operand) : VectorExpression
    {
        public override Column Evaluate(ColumnBatch input, EvaluationContext context)
        {
            var source = (FixedColumn<long>)operand.Evaluate(input, context);
            return source.IsConstant && !source.IsNull(0)
                ? FixedColumn<int>.Constant((int)(uint)source[0], source.Length)
                : source.IsConstant
                    ? Column.Nulls(PhysicalType.Int32, source.Length)
                    : new FixedColumn<int>(Array.ConvertAll(source.Values.ToArray(), static value =>
                        (int)(uint)value), source.Validity);
        }
    }
}
