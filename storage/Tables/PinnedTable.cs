namespace VecSQL.Storage.Tables;

/// <summary>A table at a snapshot that is kept until this is disposed, whatever becomes of the transaction that saw it.</summary>
/// <remarks>Threads: any.</remarks>
public sealed class PinnedTable : IDisposable
{
    private readonly Snapshots _snapshots;
    private readonly Snapshot _snapshot;

    internal PinnedTable(Snapshots snapshots, Snapshot snapshot, TableView view)
    {
        _snapshots = snapshots;
        _snapshot = snapshot;
        View = view;
    }

    public TableView View { get; }

    public void Dispose()
    {
        View.Release();
        _snapshots.Release(_snapshot);
    }
}
