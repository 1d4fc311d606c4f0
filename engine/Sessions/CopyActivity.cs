namespace VecSQL.Engine.Sessions;

/// <summary>What pg_stat_progress_copy shows of a running COPY.</summary>
/// <remarks>Threads: the session's own counts, a piece or a batch at a time; any may read.</remarks>
/// <param name="tableOid">0 where a query is copied.</param>
internal sealed class CopyActivity(uint tableOid, bool isFrom, bool isFile)
{
    private long _bytesDone, _bytesTotal, _rowsDone, _rowsExcluded;

    internal uint TableOid => tableOid;

    internal bool IsFrom => isFrom;

    /// <summary>Whether the data is a file's of the server, not the client's.</summary>
    internal bool IsFile => isFile;

    /// <summary>Bytes of data that were taken or given.</summary>
    internal long BytesDone => Volatile.Read(ref _bytesDone);

    /// <summary>The length of the file that is read; 0 where that is not known.</summary>
    internal long BytesTotal
    {
        get => Volatile.Read(ref _bytesTotal);
        set => Volatile.Write(ref _bytesTotal, value);
    }

    internal long RowsDone => Volatile.Read(ref _rowsDone);

    /// <summary>Rows that the WHERE clause did not let in.</summary>
    internal long RowsExcluded => Volatile.Read(ref _rowsExcluded);

    internal void Add(long bytes) => Volatile.Write(ref _bytesDone, _bytesDone + bytes);

    internal void Count(long rowsDone, long rowsExcluded = 0)
    {
        Volatile.Write(ref _rowsDone, rowsDone);
        Volatile.Write(ref _rowsExcluded, rowsExcluded);
    }
}
