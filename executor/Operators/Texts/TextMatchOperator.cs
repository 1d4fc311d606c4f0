using System.Text;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Scans;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Texts;

/// <summary>Reads the rows whose text matches a query, as the index finds them.</summary>
/// <remarks>Order: that of the table's parts.</remarks>
internal sealed class TextMatchOperator(TextMatchPlan plan, OperatorContext context) : Operator
{
    private readonly ScanColumns _columns = new(plan.Table, plan.Columns);
    private readonly VectorExpression? _filter = CompiledExpressions.CompileOptional(plan.Filter);
    private IEnumerator<ColumnBatch>? _batches;

    public override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        _batches ??= Read(cancellation).GetEnumerator();
        while (_batches.MoveNext())
        {
            if (_filter is null || _batches.Current.RowCount == 0)
                return new(_batches.Current);
            if (RowSelection.Filter(_batches.Current, _filter, context.Evaluation) is { } kept)
                return new(kept);
        }
        return new((ColumnBatch?)null);
    }

    public override ValueTask DisposeAsync()
    {
        _batches?.Dispose();
        return ValueTask.CompletedTask;
    }

    private IEnumerable<ColumnBatch> Read(CancellationToken cancellation)
    {
        Column query = CompiledExpressions.EvaluateConstant(plan.Query, context.Evaluation);
        if (query.IsNull(0))
            yield break;
        TextCorpus corpus = context.Run.Corpus(plan.Table, plan.TextColumn);
        TextFinder finder = new(corpus, corpus.Score(Encoding.UTF8.GetString(((BinaryColumn)query)[0])), plan.TextColumn);
        foreach (CorpusPart part in corpus.Parts)
        {
            List<(int Unit, int Place)> rows = finder.FindAll(part, cancellation);
            for (int start = 0; start < rows.Count;)
            {
                cancellation.ThrowIfCancellationRequested();
                int unit = rows[start].Unit, end = start;
                List<int> places = [];
                for (; end < rows.Count && rows[end].Unit == unit && places.Count < ColumnBatch.RowsMax; end++)
                    places.Add(rows[end].Place);
                yield return _columns.Complete(corpus.Units[unit].Gather(places.ToArray(), _columns.Stored.Span, plan.WithRowId));
                start = end;
            }
        }
        context.Run.Meter(plan)?.Count("Texts Scored", finder.Scored);
    }
}
