using System.Globalization;
using System.Text;
using VecSQL.Catalog.Metadata;
using VecSQL.Cluster.Replication;

namespace VecSQL.Cluster.Shards;

/// <summary>Hands out timestamps, each greater than all before it, on the controller.</summary>
/// <remarks>
/// Mark:    no timestamp above the mark in the metadata store is handed out, and the mark is raised ahead of need, by so many at a time. Another controller
///          begins above the mark.
/// Deposed: the controller's lease bounds its time as the primaries' leases bound theirs: when another may have begun, this one hands out nothing.
/// Threads: one at a time.
/// </remarks>
public sealed class TimestampOracle
{
    public const string Key = "oracle";

    private readonly IMetadataStore _metadata;
    private readonly MetadataCompare _office;
    private readonly IServingLease _lease;
    private readonly LeaseId _ownLease;
    private readonly int _batch;
    private readonly PlantedBug _bug;
    private long _next, _mark, _revision;
    private bool _isKnown;
    private Task _raising = Task.CompletedTask;

    /// <param name="office">Holds while this is the controller.</param>
    /// <param name="ownLease">The lease that the controller's office is on.</param>
    /// <param name="batch">Timestamps by which the mark is raised: more are asked for less often, and more are skipped at a change of controllers.</param>
    public TimestampOracle(IMetadataStore metadata, MetadataCompare office, IServingLease lease, LeaseId ownLease, int batch = 1_000_000)
        : this(metadata, office, lease, ownLease, batch, PlantedBug.None)
    {
    }

    internal TimestampOracle(IMetadataStore metadata, MetadataCompare office, IServingLease lease, LeaseId ownLease, int batch, PlantedBug bug)
    {
        _metadata = metadata;
        _office = office;
        _lease = lease;
        _ownLease = ownLease;
        _batch = batch;
        _bug = bug;
    }

    /// <summary>Takes timestamps that follow one another.</summary>
    /// <returns>False where there are none yet, or another may be the controller: ask again.</returns>
    public bool TryTake(int count, out long first)
    {
        first = _next;
        bool isBelow = _next + count - 1 <= _mark || _bug == PlantedBug.ForgetOracleMark;
        if (!_isKnown || !isBelow || !_lease.Holds(_ownLease))
            return false;
        _next += count;
        return true;
    }

    /// <summary>Raises the mark when half of what was left is gone.</summary>
    public void Tick()
    {
        if (!_raising.IsCompleted)
            return;
        _raising.GetAwaiter().GetResult(); // what nobody awaited is said here
        if (!_isKnown || _mark - _next < _batch / 2)
            _raising = AdvanceAsync();
    }

    private async Task AdvanceAsync()
    {
        try
        {
            if (!_isKnown)
                await ReadAsync();
            await RaiseAsync();
        }
        catch (MetadataUnavailableException)
        {
            _isKnown = _isKnown && _bug == PlantedBug.ForgetOracleMark; // it may be raised, or not: what is there is read again
        }
    }

    private async ValueTask ReadAsync()
    {
        MetadataRange range = await _metadata.ReadAsync(Key, default);
        MetadataEntry? entry = range.Entries.Count > 0 && range.Entries[0].Key == Key ? range.Entries[0] : null;
        _revision = entry?.Modified ?? 0;
        long mark = entry is null ? 0 : long.Parse(Encoding.ASCII.GetString(entry.Value.Span), CultureInfo.InvariantCulture);
        _next = Math.Max(_next, mark + 1);
        _mark = mark;
    }

    private async ValueTask RaiseAsync()
    {
        long mark = _next + _batch - 1;
        if (_isKnown && _bug == PlantedBug.ForgetOracleMark)
            return;
        MetadataOutcome outcome = await _metadata.CommitAsync(new MetadataTransaction
        {
            Compares = [_office, new MetadataCompare(Key, _revision)],
            Puts = [new MetadataPut(Key, Encoding.ASCII.GetBytes(mark.ToString(CultureInfo.InvariantCulture)))],
        }, default);
        _isKnown = outcome.IsDone;
        if (!outcome.IsDone)
            return;
        _mark = mark;
        _revision = outcome.Revision;
    }
}
