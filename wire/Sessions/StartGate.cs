namespace VecSQL.Wire.Sessions;

/// <summary>Bounds how many clients are on their way in at once, so that those that never arrive cost little.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class StartGate(int max)
{
    private int _count;

    /// <summary>Whether there is room for one more; if so, <see cref="Leave"/> must follow.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _count) <= max)
            return true;
        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _count);
}
