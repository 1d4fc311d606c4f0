using System.Text;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Sets;

/// <summary>vecsql_recall: runs a query by its index and exactly, as the session does.</summary>
internal sealed class RecallRow : SetFunction
{
    private const int SamplesDefault = 100;

    public override IEnumerable<ColumnBatch> Rows(Column[] arguments, EvaluationContext context)
    {
        string query = Encoding.UTF8.GetString(((BinaryColumn)arguments[0])[0]);
        int samples = arguments.Length > 1 ? ((FixedColumn<int>)arguments[1])[0] : SamplesDefault;
        RecallFigures figures = context.Session.MeasureRecall(query, samples, context.Cancellation);
        return [new ColumnBatch([Number(figures.Recall), Number(figures.MedianMs), Number(figures.ExactMs)], 1)];
    }

    private static FixedColumn<double> Number(double value) => FixedColumn<double>.Constant(value, 1);
}
