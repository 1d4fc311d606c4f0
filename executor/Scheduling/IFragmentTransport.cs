using VecSQL.Columnar.Batches;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Scheduling;

/// <summary>What has a fragment of a plan run where its rows are, when they are not at hand. Views of tables at other nodes are such.</summary>
public interface IFragmentTransport
{
    /// <summary>Begins it there, on the transaction's branch, and returns at once.</summary>
    /// <param name="order">What <see cref="Fragments.FragmentExecution"/> takes there.</param>
    /// <param name="views">The tables that the fragment reads, as the statement sees them: all of the same shard.</param>
    /// <param name="feeds">What goes along with it.</param>
    /// <param name="isLast">Nothing more is expected to be wanted of the transaction there.</param>
    IFragmentStream Open(ReadOnlyMemory<byte> order, IReadOnlyList<TableView> views, IReadOnlyList<RowFeed> feeds, bool isLast);
}

/// <summary>What comes of a fragment that runs elsewhere.</summary>
/// <remarks>Threads: one call at a time. Disposing it ends what still runs there.</remarks>
public interface IFragmentStream : IAsyncDisposable
{
    /// <summary>Where it runs, for people.</summary>
    string Place { get; }

    /// <summary>Bytes that have come of it.</summary>
    long BytesReceived { get; }

    /// <summary>Bytes of rows that went along with it.</summary>
    long BytesSent { get; }

    /// <summary>The next rows; null at the end.</summary>
    /// <exception cref="Core.Errors.SqlException">It has failed there, or cannot be reached: 40001.</exception>
    ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation);

    /// <summary>What its nodes did, where that was asked for and it has come to its end.</summary>
    ReadOnlyMemory<byte> Figures { get; }
}
