namespace VecSQL.Storage.Tables;

/// <summary>The moment at which a transaction's statement reads, and those of earlier statements whose views are in use.</summary>
internal sealed class StatementSnapshot(Snapshots all)
{
    private List<Snapshot>? _left; // of earlier statements, whose views are in use
    private Snapshot? _own; // REPEATABLE READ's, while a check sees more

    public Snapshot Current { get; private set; } = all.Take();

    /// <summary>What the transaction itself sees, a check's newer moment aside.</summary>
    public long Timestamp => (_own ?? Current).Timestamp;

    /// <summary>Between <see cref="BeginCheck"/> and <see cref="EndCheck"/>.</summary>
    public bool IsChecking => _own is not null;

    /// <summary>Takes the newest moment, unless there is none newer.</summary>
    public void Renew()
    {
        if (Current.Timestamp == all.Visible && !Current.IsGiven)
            return;
        Snapshot old = Current;
        Current = all.Take();
        if (old != _own)
            Leave(old);
    }

    /// <summary>Reads at a moment that is given, from here on.</summary>
    public void Give(Snapshot given)
    {
        Snapshot old = Current;
        Current = given;
        Leave(old);
    }

    /// <summary>From here on each <see cref="Renew"/> is the check's.</summary>
    public void BeginCheck() => _own ??= Current;

    public void EndCheck()
    {
        if (_own is not { } own)
            return;
        if (Current != own)
            Leave(Current);
        (Current, _own) = (own, null);
    }

    /// <summary>Nothing is read any more.</summary>
    public void Release()
    {
        EndCheck();
        all.Release(Current);
        foreach (Snapshot left in _left ?? [])
            all.Release(left);
    }

    private void Leave(Snapshot snapshot)
    {
        if (!all.Leave(snapshot))
            return;
        _left ??= [];
        _left.RemoveAll(static left => !left.HasViews);
        _left.Add(snapshot);
    }
}
