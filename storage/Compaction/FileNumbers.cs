namespace VecSQL.Storage.Compaction;

/// <summary>Numbers of files: each is given out once, and never twice among nodes that follow one log.</summary>
/// <remarks>Threads: any.</remarks>
/// <param name="node">In the numbers' upper bits.</param>
internal sealed class FileNumbers(ushort node)
{
    private const int NodeShift = 40; // more files than a node makes; and numbers stay positive

    private long _next = ((long)node << NodeShift) + 1;

    /// <summary>Numbers from here on were never given out by this node.</summary>
    public long Next => Volatile.Read(ref _next);

    public long Take() => Interlocked.Increment(ref _next) - 1;

    /// <summary>Numbers below this were given out, if they are of this node.</summary>
    public void Raise(long next)
    {
        long seen = Next;
        while (next >> NodeShift == node && seen < next && Interlocked.CompareExchange(ref _next, next, seen) is var found && found != seen)
            seen = found;
    }

    /// <summary>Begins above all that this node may have given out before its directory was lost, by the clock: other nodes may still have the files.</summary>
    public void BeginAnew(DateTimeOffset now)
    {
        const int FilesASecond = 2048; // with the seconds of seventeen years below the node's bits
        long seconds = Math.Max(0, (now.Ticks - new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks) / TimeSpan.TicksPerSecond);
        Raise(((long)node << NodeShift) + (seconds % (1L << (NodeShift - 11)) * FilesASecond));
    }
}
