namespace VecSQL.Storage.Log;

/// <summary>Gives out the timestamps of commits. Alone, an engine's own clock does; in a cluster, one source for all shards.</summary>
public interface ITimestampSource
{
    /// <summary>Gives consecutive timestamps, above all that it has given before, to whomever.</summary>
    /// <param name="after">What the caller knows to be given already; those that it gets are above it.</param>
    /// <returns>The first.</returns>
    /// <exception cref="Core.Errors.SqlException">None can be had now.</exception>
    ValueTask<long> NextAsync(long after, int count);

    /// <summary>A moment to read at: whatever was acknowledged before the call has it or an earlier one.</summary>
    /// <exception cref="Core.Errors.SqlException">None can be had now.</exception>
    ValueTask<long> NowAsync(CancellationToken cancellation) => NextAsync(0, 1);

    /// <summary>A moment to read at, which others are likely to have reached: whatever was acknowledged so long before the call has it or an earlier one.</summary>
    /// <param name="stalenessMax">Null for however long.</param>
    /// <exception cref="Core.Errors.SqlException">None can be had now.</exception>
    ValueTask<long> PastAsync(TimeSpan? stalenessMax, CancellationToken cancellation) => NowAsync(cancellation);
}
