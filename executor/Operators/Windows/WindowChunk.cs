using VecSQL.Columnar.Batches;

namespace VecSQL.Executor.Operators.Windows;

/// <summary>Some whole partitions of a window's sorted input, with the places where partitions and peer groups begin.</summary>
internal sealed class WindowChunk
{
    /// <param name="rows">The input's columns, then what the calls read.</param>
    /// <param name="partitionStarts">Ascending from 0, and the row count behind them.</param>
    /// <param name="peerStarts">Ascending from 0, and the row count behind them; every partition begins a peer group.</param>
    internal WindowChunk(ColumnBatch rows, int[] partitionStarts, int[] peerStarts)
    {
        Rows = rows;
        PartitionStarts = partitionStarts;
        PeerStarts = peerStarts;
        PartitionOf = Spread(partitionStarts, rows.RowCount);
        PeerOf = Spread(peerStarts, rows.RowCount);
    }

    internal ColumnBatch Rows { get; }

    internal int RowCount => Rows.RowCount;

    internal int[] PartitionStarts { get; }

    internal int PartitionCount => PartitionStarts.Length - 1;

    internal int[] PeerStarts { get; }

    /// <summary>The number of each row's partition.</summary>
    internal int[] PartitionOf { get; }

    /// <summary>The number of each row's peer group, counted through all partitions.</summary>
    internal int[] PeerOf { get; }

    internal int PartitionStart(int row) => PartitionStarts[PartitionOf[row]];

    internal int PartitionEnd(int row) => PartitionStarts[PartitionOf[row] + 1];

    internal int PeerStart(int row) => PeerStarts[PeerOf[row]];

    internal int PeerEnd(int row) => PeerStarts[PeerOf[row] + 1];

    private static int[] Spread(int[] starts, int rowCount)
    {
        int[] numbers = new int[rowCount];
        for (int i = 0; i < starts.Length - 1; i++)
            numbers.AsSpan(starts[i], starts[i + 1] - starts[i]).Fill(i);
        return numbers;
    }
}
