using System.Text;
using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Executor.Operators.Rows;
using VecSQL.Executor.Operators.Scans;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;
using VecSQL.Storage.Tables;
using VecSQL.Text.Search;

namespace VecSQL.Executor.Operators.Texts;

/// <summary>The rows of a table whose texts score highest, by a full-text index.</summary>
/// <remarks>
/// Order:  the highest score first, equal scores by primary key, then by row id. Where fewer rows match than are wanted, the others
///         follow with a score of 0, unless only matches are asked for.
/// Memory: the rows wanted and those that tie with the last of them; where rows that do not match are wanted, the keys of all.
/// </remarks>
internal sealed class TextTopKOperator(TextTopKPlan plan, OperatorContext context) : Operator
{
    private readonly MemoryGrant _grant = new(context.Memory);
    private readonly ScanColumns _columns = new(plan.Table, plan.Columns);
    private readonly RowCondition? _condition = CompiledExpressions.CompileOptional(plan.Filter) is { } filter
        ? new RowCondition(filter, new ScanColumns(plan.Table, plan.FilterColumns), context.Evaluation) : null;

    private WinnerRows? _rows;
    private Winner[]? _winners;
    private int _next;

    public override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        _winners ??= Find(cancellation);
        int count = Math.Min(ColumnBatch.RowsMax, _winners.Length - _next);
        if (count == 0 || _rows is null)
            return new((ColumnBatch?)null);
        ReadOnlySpan<Winner> winners = _winners.AsSpan(_next, count);
        _next += count;
        ColumnBatch rows = _columns.Complete(_rows.Materialise(winners, _columns.Stored.Span));
        if (!plan.WithRowId)
            rows = BatchShapes.Columns(rows, 0, rows.Columns.Length - 1);
        return new(BatchShapes.With(rows, [Scores(winners)]));
    }

    public override ValueTask DisposeAsync()
    {
        _grant.Dispose();
        return ValueTask.CompletedTask;
    }

    private Winner[] Find(CancellationToken cancellation)
    {
        RowRange range = RowRange.Evaluate(plan.Limit, plan.Offset, context.Evaluation);
        Column query = CompiledExpressions.EvaluateConstant(plan.Query, context.Evaluation);
        if (range.Limit == 0 || (query.IsNull(0) && plan.MatchesOnly))
            return [];
        TextCorpus corpus = context.Run.Corpus(plan.Table, plan.TextColumn);
        _rows = new WinnerRows(corpus.Units, static _ => true, []);
        long rowsMax = 0;
        foreach (ScanUnit unit in corpus.Units)
            rowsMax += unit.RowCountMax;
        int wanted = (int)Math.Min(range.End, Math.Min(rowsMax, Array.MaxLength / 4));
        if (wanted == 0)
            return [];
        List<Winner> found = query.IsNull(0)
            ? [] : FindMatches(corpus, Encoding.UTF8.GetString(((BinaryColumn)query)[0]), wanted, cancellation);
        if (found.Count < wanted && !plan.MatchesOnly)
            AddOthers(found, corpus, query.IsNull(0), cancellation);
        Winner[] winners = [.. found];
        IndexEntry? key = null;
        if (context.Transaction.Catalog.TryFindTable(plan.Table, out TableEntry? table))
            key = table.PrimaryKey;
        OrderedKeyEncoder? encoder = table is null || key is null
            ? null : new([.. key.Columns.Select(column => new KeyOrder(KeyKinds.Of(table.Column(column).Type)))]);
        _rows.OrderTies(winners, new ScanColumns(plan.Table, key?.Columns ?? []), encoder);
        if (plan.WithTies)
            return winners[..EndOfTies(winners, wanted)];
        int first = (int)Math.Min(range.Offset, winners.Length);
        return winners[first..(int)Math.Min(range.End, winners.Length)];
    }

    private List<Winner> FindMatches(TextCorpus corpus, string query, int wanted, CancellationToken cancellation)
    {
        const int BytesPerRow = 64;
        TextFinder finder = new(corpus, corpus.Score(query), plan.TextColumn);
        TopScores best = new(wanted);
        if (_condition is null)
            finder.FindBest(best, cancellation);
        else
            finder.FindBest(best, _condition, cancellation);
        List<Winner> found = [];
        foreach ((double score, long row) in best.Sorted())
            found.Add(new Winner(-score, row, IsNull: false));
        _grant.Set(found.Count * (long)BytesPerRow);
        if (context.Run.Meter(plan) is { } meter)
        {
            meter.Count("Texts Scored", finder.Scored);
            meter.Count("Segments", corpus.Parts.Count(static part => part.Index is VecSQL.Text.Inverted.InvertedIndex));
            meter.Count("Rows Not Indexed", corpus.Parts.Sum(static part =>
                part.Index is VecSQL.Text.Inverted.InvertedIndex ? 0L : part.Index.DocumentCount));
        }
        return found;
    }

    /// <summary>Adds the rows that do not match.</summary>
    /// <param name="isNull">The query is null, and so is every score.</param>
    private void AddOthers(List<Winner> found, TextCorpus corpus, bool isNull, CancellationToken cancellation)
    {
        const int BytesPerRow = 48;
        HashSet<long> known = [.. found.Select(static winner => winner.Number)];
        for (int number = 0; number < corpus.Units.Count; number++)
        {
            ScanUnit unit = corpus.Units[number];
            Bitmap visible = unit.FindVisible();
            for (int start = 0; start < unit.RowCountMax; start += ColumnBatch.RowsMax)
            {
                cancellation.ThrowIfCancellationRequested();
                List<(int Unit, int Place)> places = [];
                for (int place = start; place < Math.Min(unit.RowCountMax, start + ColumnBatch.RowsMax); place++)
                {
                    if ((visible.IsAbsent || visible[place]) && !known.Contains(TextFinder.NumberOf((number, place))))
                        places.Add((number, place));
                }
                bool[]? passes = _condition?.Test(corpus.Units, [.. places]);
                for (int i = 0; i < places.Count; i++)
                {
                    if (passes is null || passes[i])
                        found.Add(new Winner(0, TextFinder.NumberOf(places[i]), isNull));
                }
                _grant.Set(found.Count * (long)BytesPerRow);
            }
        }
    }

    private static int EndOfTies(Winner[] winners, int wanted)
    {
        int end = Math.Min(winners.Length, wanted);
        while (end > 0 && end < winners.Length && winners[end].HasDistanceOf(winners[end - 1]))
            end++;
        return end;
    }

    private static Column Scores(ReadOnlySpan<Winner> winners)
    {
        var scores = (FixedColumnBuilder<double>)ColumnBuilder.Create(PhysicalType.Float64, winners.Length);
        foreach (Winner winner in winners)
        {
            if (winner.IsNull)
                scores.AppendNull();
            else
                scores.Append(0 - winner.Distance);
        }
        return scores.Build();
    }
}
