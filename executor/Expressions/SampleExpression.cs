using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Expressions;

/// <summary>TABLESAMPLE: takes a row where a hash of its id and the seed is below the share wanted.</summary>
/// <remarks>So the sample does not depend on the order in which rows come, nor on which worker sees them.</remarks>
internal sealed class SampleExpression(SampleTest node) : VectorExpression
{
    private const int BlockBits = 7; // as many rows as fit PostgreSQL's pages, roughly

    private readonly VectorExpression _rowId = ExpressionCompiler.Compile(node.RowId);
    private readonly VectorExpression _percent = ExpressionCompiler.Compile(node.Percent);
    private readonly VectorExpression? _seed = node.Seed is null ? null : ExpressionCompiler.Compile(node.Seed);

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        ReadOnlySpan<long> ids = ((FixedColumn<long>)_rowId.Evaluate(input, context).Expand()).Values;
        Column percents = _percent.Evaluate(input, context);
        Column? seeds = _seed?.Evaluate(input, context);
        ulong[] bits = Bitmap.Allocate(input.RowCount);
        for (int row = 0; row < input.RowCount; row++)
        {
            double share = Share(percents, row);
            ulong seed = seeds is null ? (ulong)context.Session.StatementTime + (ulong)node.Number : Seed(seeds, row);
            ulong id = (ulong)(node.IsByBlock ? ids[row] >> BlockBits : ids[row]);
            if ((Mix(id ^ Mix(seed)) >> 11) * (1.0 / (1UL << 53)) < share)
                Bitmap.Set(bits, row);
        }
        return new BoolColumn(new Bitmap(bits, input.RowCount));
    }

    private static double Share(Column percents, int row)
    {
        if (percents.IsNull(row))
            throw new SqlException(SqlState.InvalidTablesampleArgument, "TABLESAMPLE parameter cannot be null");
        float percent = ((FixedColumn<float>)percents)[row];
        return percent is >= 0 and <= 100
            ? percent / 100.0
            : throw new SqlException(SqlState.InvalidTablesampleArgument,
                "sample percentage must be between 0 and 100");
    }

    private static ulong Seed(Column seeds, int row) => seeds.IsNull(row)
        ? throw new SqlException(SqlState.InvalidTablesampleRepeat, "TABLESAMPLE REPEATABLE parameter cannot be null")
        : BitConverter.DoubleToUInt64Bits(((FixedColumn<double>)seeds)[row]);

    // The finaliser of SplitMix64: every bit of the input moves half of those of the output.
    private static ulong Mix(ulong value)
    {
        value += 0x9E37_79B9_7F4A_7C15;
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
