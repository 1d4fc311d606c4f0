namespace VecSQL.Storage.Tests.ModelTests;

/// <summary>A row version as the model knows it.</summary>
internal sealed class ModelRow(long rowId, long key, string value, ModelSession writer)
{
    public long RowId { get; } = rowId;

    public long Key { get; } = key;

    public string Value { get; } = value;

    public ModelSession? Writer { get; set; } = writer;

    public long InsertedAt { get; set; }

    public ModelSession? Deleter { get; set; }

    public long DeletedAt { get; set; }
}

/// <summary>
/// A table with snapshots, kept in the plainest way: a list of versions, looked through from end to end.
/// </summary>
internal sealed class TableModel
{
    public List<ModelRow> Rows { get; } = [];

    public long LastCommit { get; set; }

    public List<ModelRow> Visible(ModelSession session) => Rows.FindAll(row => Sees(session, row));

    /// <summary>Committed or own rows that are not deleted by a committed transaction or the session itself.</summary>
    public ModelRow? FindLive(ModelSession session, long key) => Rows.Find(row =>
        row.Key == key && (row.Writer is null || row.Writer == session) && row.DeletedAt == 0
            && row.Deleter != session);

    /// <summary>Other sessions that have not decided whether there is a row of that key.</summary>
    public List<ModelSession> Undecided(ModelSession session, long key)
    {
        List<ModelSession> others = [];
        foreach (ModelRow row in Rows.Where(row => row.Key == key))
        {
            if (row.Writer is { } writer && writer != session)
                others.Add(writer);
            if (row.Writer is null && row.Deleter is { } deleter && deleter != session)
                others.Add(deleter);
        }
        return others;
    }

    public void Commit(ModelSession session, long timestamp)
    {
        foreach (ModelRow row in Rows)
        {
            if (row.Writer == session)
                (row.Writer, row.InsertedAt) = (null, timestamp);
            if (row.Deleter == session)
                (row.Deleter, row.DeletedAt) = (null, timestamp);
        }
        LastCommit = Math.Max(LastCommit, timestamp);
    }

    /// <summary>Another holds what the session has done.</summary>
    public void HandOver(ModelSession session, ModelSession holder)
    {
        foreach (ModelRow row in Rows)
        {
            if (row.Writer == session)
                row.Writer = holder;
            if (row.Deleter == session)
                row.Deleter = holder;
        }
    }

    public void RollBack(ModelSession session)
    {
        Rows.RemoveAll(row => row.Writer == session);
        foreach (ModelRow row in Rows.Where(row => row.Deleter == session))
            row.Deleter = null;
    }

    /// <summary>Drops versions that are over for everyone, to keep the list short.</summary>
    public void Vacuum(long oldest) => Rows.RemoveAll(row => row.DeletedAt != 0 && row.DeletedAt <= oldest);

    private static bool Sees(ModelSession session, ModelRow row)
    {
        bool isThere = row.Writer == session || (row.Writer is null && row.InsertedAt <= session.Snapshot);
        bool isGone = row.Deleter == session || (row.DeletedAt != 0 && row.DeletedAt <= session.Snapshot);
        return isThere && !isGone;
    }
}
