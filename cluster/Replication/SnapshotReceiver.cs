using VecSQL.Catalog.Placement;
using VecSQL.Storage.Replication;

namespace VecSQL.Cluster.Replication;

/// <summary>Takes in a copy of what the primary holds, chunk by chunk, each once and in order.</summary>
internal sealed class SnapshotReceiver(ReplicaContext context)
{
    private SnapshotOffer? _offer;
    private SnapshotOffer? _installed;
    private IMachineInstall? _install;

    /// <summary>Bytes from the start that are there.</summary>
    public long Received { get; private set; }

    public bool IsWhole => _offer is { } offer && _install is not null && Received == offer.Length;

    /// <summary>Whether this very offer was the last that was taken.</summary>
    public bool IsInstalled(SnapshotOffer offer) => _installed == offer;

    public void Begin(SnapshotOffer offer)
    {
        if (_offer == offer && _install is not null)
            return; // said again: it goes on
        Cancel();
        _offer = offer;
        _install = context.Machine.BeginInstall(offer.Position, offer.Length);
    }

    /// <returns>Whether the chunk is of the copy that is coming in; if so, <see cref="Received"/> is to be told.</returns>
    public bool Take(SnapshotChunk chunk)
    {
        if (_offer is not { } offer || _install is null || offer.Position != chunk.Position || offer.Term != chunk.Term)
            return false;
        if (chunk.Offset == Received && chunk.Bytes.Length <= offer.Length - Received)
        {
            _install.Write(chunk.Bytes.Span);
            Received += chunk.Bytes.Length;
        }
        return true;
    }

    public bool Complete()
    {
        if (_offer is not { } offer || _install is not { } install)
            return false;
        bool isRight = install.Complete(offer.Checksum);
        long received = Received;
        Cancel();
        if (isRight)
            (_installed, Received) = (offer, received);
        return isRight;
    }

    public void Cancel()
    {
        _install?.Dispose();
        _install = null;
        _offer = null;
        Received = 0;
    }
}
