using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Placement;
using VecSQL.Cluster.Replication;
using VecSQL.Simulation.Tests.World;

namespace VecSQL.Simulation.Tests.Nodes;

/// <summary>Keeps a process's lease alive, with the node's key on it.</summary>
internal sealed class SimLease(NodeId node, IMetadataStore metadata, TimeProvider clock) : IServingLease
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(2);

    /// <summary>Clocks may go so much faster or slower than the store's.</summary>
    private static readonly TimeSpan Margin = TimeToLive / 10;

    private long _validFrom, _lastSent;
    private bool _isAsking, _isRegistered;

    public LeaseId Id { get; private set; }

    public bool IsValid => _isRegistered && Holds(Id);

    public static string KeyOf(NodeId node) => $"alive/{node.Value:x8}";

    public bool Holds(LeaseId lease) => !lease.IsNone && lease == Id && clock.GetElapsedTime(_validFrom) < TimeToLive - Margin;

    public async void Tick()
    {
        if (_isAsking || (_isRegistered && clock.GetElapsedTime(_lastSent) < TimeToLive / 5))
            return;
        _isAsking = true;
        long sent = _lastSent = clock.GetTimestamp();
        try
        {
            if (Id.IsNone)
            {
                LeaseId granted = await metadata.GrantAsync(TimeToLive, default);
                _validFrom = sent;
                Id = granted;
            }
            else if (await metadata.KeepAliveAsync(Id, default))
            {
                _validFrom = sent;
            }
            else
            {
                Id = default;
                _isRegistered = false;
            }
            if (!Id.IsNone && !_isRegistered)
            {
                MetadataOutcome outcome = await metadata.CommitAsync(new MetadataTransaction
                {
                    Compares = [MetadataCompare.IsMissing(KeyOf(node))],
                    Puts = [new MetadataPut(KeyOf(node), default, Id)],
                    ReadsOnFailure = [KeyOf(node)],
                }, default);
                _isRegistered = outcome.IsDone || (outcome.Found[0].Entries.Count == 1 && outcome.Found[0].Entries[0].Lease == Id);
            }
        }
        catch (MetadataUnavailableException)
        {
        }
        catch (MetadataLeaseEndedException)
        {
            Id = default;
            _isRegistered = false;
        }
        finally
        {
            _isAsking = false;
        }
    }
}
