using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Tables;
using VecSQL.Text.Analysis;
using VecSQL.Text.Inverted;

namespace VecSQL.Executor.Operators.Texts;

/// <summary>Inverted indexes in memory of rows that no index on disk answers for: those not yet in a segment, or in one whose index is
/// still being built.</summary>
/// <remarks>
/// They grow as rows come, are kept with what the rows lie in, and go with it; a transaction's own rows, which it may take back, are read
/// for each statement. Threads: any.
/// </remarks>
internal static class TextTails
{
    private static readonly ConditionalWeakTable<object, ConcurrentDictionary<Key, Tail>> Kept = [];

    private readonly record struct Key(short Column, Analyzer Analyzer, int Start);

    private sealed class Tail(Analyzer analyzer)
    {
        internal Lock Gate { get; } = new();

        internal InvertedIndexBuilder Index { get; } = new(analyzer);
    }

    internal static MemoryTextPart Read(ScanUnit unit, short column, Analyzer analyzer, CancellationToken cancellation)
    {
        Tail tail = unit.FindHome(out int start) is { } home
            ? Kept.GetOrCreateValue(home).GetOrAdd(new Key(column, analyzer, start), static key => new Tail(key.Analyzer))
            : new Tail(analyzer);
        lock (tail.Gate)
            Grow(tail.Index, unit, column, cancellation);
        return new MemoryTextPart(tail.Index, tail.Gate, unit.RowCountMax);
    }

    private static void Grow(InvertedIndexBuilder index, ScanUnit unit, short column, CancellationToken cancellation)
    {
        while (index.DocumentCount < unit.RowCountMax)
        {
            cancellation.ThrowIfCancellationRequested();
            int first = index.DocumentCount, end = Math.Min(unit.RowCountMax, (first & ~(ColumnBatch.RowsMax - 1)) + ColumnBatch.RowsMax);
            var texts = (BinaryColumn)unit.Slice(first, end - first, [column]).Columns[0].Expand();
            for (int row = 0; row < texts.Length; row++)
                index.Add(texts.IsNull(row) ? default : texts[row]);
        }
    }
}
