using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Log;

/// <summary>The timestamps of an engine that is alone: what its clock says, and one more than the last while that says no more.</summary>
/// <remarks>So a timestamp tells when, within what the clock is wrong by. A clock that was set back changes no order.</remarks>
internal sealed class LocalTimestamps(TimeProvider time) : ITimestampSource
{
    public ValueTask<long> NextAsync(long after, int count) =>
        new(Math.Max(after + 1, CommitTimestamp.At(time.GetUtcNow()).Value));
}
