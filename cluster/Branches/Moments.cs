using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Branches;

/// <summary>Moments that other nodes name: all that was ever given is about the time of some clock.</summary>
internal static class Moments
{
    /// <summary>One beyond it nobody has given: to take it would put all later commits behind it.</summary>
    private static readonly TimeSpan AheadMax = TimeSpan.FromDays(1);

    /// <exception cref="InvalidDataException">Nobody can have given it.</exception>
    public static CommitTimestamp Check(long moment, TimeProvider time) => moment >= 0 && moment <= CommitTimestamp.At(time.GetUtcNow() + AheadMax).Value
        ? new CommitTimestamp(moment) : throw new InvalidDataException($"{moment} is no moment that was given");
}
