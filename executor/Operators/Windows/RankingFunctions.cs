using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Operators.Windows;

/// <summary>Window functions of a row's place in its partition; frames do not matter to them.</summary>
internal static class RankingFunctions
{
    internal static Column RowNumber(WindowChunk chunk)
    {
        long[] numbers = new long[chunk.RowCount];
        for (int row = 0; row < numbers.Length; row++)
            numbers[row] = row - chunk.PartitionStart(row) + 1;
        return new FixedColumn<long>(numbers);
    }

    internal static Column Rank(WindowChunk chunk)
    {
        long[] ranks = new long[chunk.RowCount];
        for (int row = 0; row < ranks.Length; row++)
            ranks[row] = chunk.PeerStart(row) - chunk.PartitionStart(row) + 1;
        return new FixedColumn<long>(ranks);
    }

    internal static Column DenseRank(WindowChunk chunk)
    {
        long[] ranks = new long[chunk.RowCount];
        for (int row = 0; row < ranks.Length; row++)
            ranks[row] = chunk.PeerOf[row] - chunk.PeerOf[chunk.PartitionStart(row)] + 1;
        return new FixedColumn<long>(ranks);
    }

    internal static Column PercentRank(WindowChunk chunk)
    {
        double[] ranks = new double[chunk.RowCount];
        for (int row = 0; row < ranks.Length; row++)
        {
            int start = chunk.PartitionStart(row), others = chunk.PartitionEnd(row) - start - 1;
            ranks[row] = others == 0 ? 0 : (double)(chunk.PeerStart(row) - start) / others;
        }
        return new FixedColumn<double>(ranks);
    }

    internal static Column CumulativeDistribution(WindowChunk chunk)
    {
        double[] shares = new double[chunk.RowCount];
        for (int row = 0; row < shares.Length; row++)
        {
            int start = chunk.PartitionStart(row);
            shares[row] = (double)(chunk.PeerEnd(row) - start) / (chunk.PartitionEnd(row) - start);
        }
        return new FixedColumn<double>(shares);
    }

    /// <summary>Deals each partition into buckets of sizes that differ by one at most, the larger first.</summary>
    internal static Column Ntile(WindowChunk chunk, Column bucketCounts)
    {
        var counts = (FixedColumn<int>)bucketCounts;
        var buckets = (FixedColumnBuilder<int>)ColumnBuilder.Create(PhysicalType.Int32, chunk.RowCount);
        for (int partition = 0; partition < chunk.PartitionCount; partition++)
        {
            int start = chunk.PartitionStarts[partition], size = chunk.PartitionStarts[partition + 1] - start;
            bool isNull = counts.IsNull(start); // the partition's first row decides
            int wanted = isNull ? 1 : counts[start];
            if (wanted <= 0)
            {
                throw new SqlException(
                    SqlState.InvalidArgumentForNtileFunction, "argument of ntile must be greater than zero");
            }
            int small = size / wanted, large = size % wanted; // the first buckets take one row more
            for (int i = 0; i < size; i++)
            {
                if (isNull)
                    buckets.AppendNull();
                else
                    buckets.Append(1 + (i < large * (small + 1) ? i / (small + 1) : large + ((i - (large * (small + 1))) / small)));
            }
        }
        return buckets.Build();
    }
}
