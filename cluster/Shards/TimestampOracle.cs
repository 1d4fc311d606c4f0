using System.Globalization;
using System.Text;
using VecSQL.Catalog.Metadata;
using VecSQL.Cluster.Replication;

namespace VecSQL.Cluster.Shards;

/// <summary>Hands out timestamps, each greater than all before it, on the controller: microseconds since 1970, or one more than the last.</summary>
/// <remarks>
/// Mark:    no timestamp above the mark in the metadata store is handed out, and the mark is raised ahead of the clock. Another controller begins
///          above the mark, whatever its own clock says.
/// Deposed: the controller's lease bounds its time as the primaries' leases bound theirs: when another may have begun, this one hands out nothing.
///          A controller that lets its office go while its lease lives ends its oracle first.
/// Threads: one at a time.
/// </remarks>
public sealed class TimestampOracle
{
    public const string Key = "oracle";

    private readonly IMetadataStore _metadata;
    private readonly MetadataCompare _office;
    private readonly IServingLease _lease;
    private readonly LeaseId _ownLease;
    private readonly TimeProvider _time;
    private readonly long _ahead;
    private readonly PlantedBug _bug;
    private long _next, _mark, _revision;
    private bool _isKnown, _hasEnded;
    private Task _raising = Task.CompletedTask;

    /// <param name="office">Holds while this is the controller.</param>
    /// <param name="ownLease">The lease that the controller's office is on.</param>
    /// <param name="ahead">How far the mark is raised ahead of the clock: further is more seldom, and sets timestamps further ahead of the time after a
    /// change of controllers.</param>
    public TimestampOracle(
        IMetadataStore metadata, MetadataCompare office, IServingLease lease, LeaseId ownLease, TimeProvider time, TimeSpan ahead)
        : this(metadata, office, lease, ownLease, time, ahead, PlantedBug.None)
    {
    }

    internal TimestampOracle(IMetadataStore metadata, MetadataCompare office, IServingLease lease, LeaseId ownLease, TimeProvider time, TimeSpan ahead,
        PlantedBug bug)
    {
        _metadata = metadata;
        _office = office;
        _lease = lease;
        _ownLease = ownLease;
        _time = time;
        _ahead = (long)ahead.TotalMicroseconds;
        _bug = bug;
    }

    /// <summary>The least that may be handed out now.</summary>
    private long Least => Math.Max(_next, (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>Takes timestamps that follow one another.</summary>
    /// <returns>False where there are none yet, or another may be the controller: ask again.</returns>
    public bool TryTake(int count, out long first)
    {
        first = Least;
        bool isBelow = first + count - 1 <= _mark || _bug == PlantedBug.ForgetOracleMark;
        if (_hasEnded || !_isKnown || !isBelow || !_lease.Holds(_ownLease))
            return false;
        _next = first + count;
        return true;
    }

    /// <summary>From now on it hands out nothing.</summary>
    public void End() => _hasEnded = true;

    /// <summary>Raises the mark when half of the time before it is gone.</summary>
    public void Tick()
    {
        if (!_raising.IsCompleted)
            return;
        _raising.GetAwaiter().GetResult(); // what nobody awaited is said here
        if (!_isKnown || _mark - Least < _ahead / 2)
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
        catch (Exception failure) when (failure is MetadataUnavailableException or MetadataRefusedException)
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
        long mark = Least + _ahead;
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
