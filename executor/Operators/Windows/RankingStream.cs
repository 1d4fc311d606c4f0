using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Windows;

/// <summary>Numbers rows as they pass: for windows whose calls need only what came before.</summary>
internal sealed class RankingStream
{
    private readonly Kind[] _calls;
    private long _row, _rank, _denseRank; // of the row before

    private RankingStream(Kind[] calls) => _calls = calls;

    private enum Kind : byte { RowNumber, Rank, DenseRank }

    /// <summary>Null where a call has to see rows to come.</summary>
    internal static RankingStream? For(WindowPlan plan)
    {
        var calls = new Kind[plan.Calls.Length];
        for (int i = 0; i < calls.Length; i++)
        {
            switch (plan.Calls[i].Function.Name)
            {
                case "row_number":
                    calls[i] = Kind.RowNumber;
                    break;
                case "rank":
                    calls[i] = Kind.Rank;
                    break;
                case "dense_rank":
                    calls[i] = Kind.DenseRank;
                    break;
                default:
                    return null;
            }
        }
        return new RankingStream(calls);
    }

    /// <summary>The batch with a column for each call.</summary>
    /// <param name="partitionStarts">The batch's rows that begin a partition, ascending.</param>
    /// <param name="peerStarts">The batch's rows that begin a peer group, ascending.</param>
    internal ColumnBatch Number(ColumnBatch batch, List<int> partitionStarts, List<int> peerStarts)
    {
        long[][] numbers = new long[_calls.Length][];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = new long[batch.RowCount];
        int partition = 0, peer = 0;
        for (int row = 0; row < batch.RowCount; row++)
        {
            if (partition < partitionStarts.Count && partitionStarts[partition] == row)
            {
                _row = _rank = _denseRank = 0;
                partition++;
            }
            _row++;
            if (peer < peerStarts.Count && peerStarts[peer] == row)
            {
                _rank = _row;
                _denseRank++;
                peer++;
            }
            for (int i = 0; i < numbers.Length; i++)
                numbers[i][row] = _calls[i] switch { Kind.RowNumber => _row, Kind.Rank => _rank, _ => _denseRank };
        }
        return BatchShapes.With(batch, Array.ConvertAll(numbers, static column => (Column)new FixedColumn<long>(column)));
    }
}
