using VecSQL.Catalog.Objects;
using VecSQL.Columnar.Batches;
using VecSQL.Executor.Fragments;
using VecSQL.Executor.Scheduling;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Operators.Distribution;

/// <summary>A fragment that could run here as it is, and does so from its bytes, as it would elsewhere.</summary>
internal sealed class TriedFragment : IFragmentStream
{
    private static readonly FragmentResources Resources = new(1L << 30, Path.GetTempPath(), Environment.ProcessorCount);

    private readonly FragmentExecution _execution;

    internal TriedFragment(
        ReadOnlyMemory<byte> order, ITransaction transaction, IReadOnlyDictionary<TableId, TableView> views, IEnumerable<RowFeed> feeds,
        CancellationToken cancellation) => _execution = FragmentExecution.Open(
            order, Resources, transaction, views, feeds.Select(static feed => KeyValuePair.Create(feed.Number, feed.Open())), cancellation);

    public string Place => "";

    public long BytesReceived => 0;

    public long BytesSent => 0;

    public ReadOnlyMemory<byte> Figures { get; private set; }

    public async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        ColumnBatch? rows = await _execution.NextAsync(cancellation).ConfigureAwait(false);
        if (rows is null)
            Figures = _execution.Figures();
        return rows;
    }

    public ValueTask DisposeAsync() => _execution.DisposeAsync();
}
